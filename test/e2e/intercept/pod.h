// A pod with a consumer and its sidecar, rules between them, and owners in another namespace.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "intercept/namespace.h"
#include "intercept/service.h"
#include "support/command.h"
#include "support/config.h"
#include "support/raw_http.h"

namespace e2e {

inline constexpr int kTicketPort = 3004;
inline constexpr int kOrderPort = 3005;
inline constexpr int kDatabasePort = 5432;
inline constexpr int kEchoPort = 7000;
inline constexpr int kOutboundPort = 7401;
inline constexpr int kAdminPort = 7400;

// The ports above that the rules redirect.
inline constexpr auto kRedirected = "3004-3005,5432,7000";

// The two services of the platform that live in the peer's namespace, for payment-service.
Config pod_config();

// `usher run` as its own user in a namespace.
class PodSidecar {
 public:
  PodSidecar(const Namespace& place, const Config& config);

  Process& process() { return *process_; }

 private:
  TemporaryDirectory directory_;
  std::unique_ptr<Process> process_;
};

class InterceptTest : public testing::Test {
 protected:
  void SetUp() override;

  const Namespace& pod() const { return pair_->pod(); }
  const Namespace& peer() const { return pair_->peer(); }

  void start_sidecar(const Config& config = pod_config());
  PodSidecar& sidecar() { return *sidecar_; }
  void kill_sidecar() { sidecar_.reset(); }

  void kill_order_owner() { order_.reset(); }

  // `usher intercept` and these words, as root in the pod.
  Finished intercept(const std::string& words) const;
  // Rules for kRedirected, and for the owners' ports of the loopback addresses.
  void rules_up(const std::string& more = "") const;
  // In the pod, as root, by a shell.
  std::string in_pod(const std::string& command) const;

  // The consumer's doings. connect() throws when it is refused.
  Socket connect(const std::string& host, int port) const;
  Response call(const std::string& host, int port, const Request& request) const;
  // With heads and bodies as its output.
  Finished curl(const std::string& words) const;

  // What the sidecar counts.
  double metric(const std::string& line_start) const;

 private:
  std::unique_ptr<NamespacePair> pair_;
  std::unique_ptr<Service> ticket_;
  std::unique_ptr<Service> order_;
  std::unique_ptr<PodSidecar> sidecar_;
};

// Every reachable address of the peer. The tests that run for each of them are named by it.
struct Route {
  std::string name;
  std::string address;
};
inline void PrintTo(const Route& route, std::ostream* out) {
  *out << route.name;
}
std::vector<Route> routes();
std::string route_name(const testing::TestParamInfo<Route>& info);

// With a sidecar that runs and rules that are in place, by each way to the peer.
class RedirectedTest : public InterceptTest, public testing::WithParamInterface<Route> {
 protected:
  void SetUp() override {
    InterceptTest::SetUp();
    if (IsSkipped()) return;
    start_sidecar();
    rules_up();
  }
};

// --- calls

// An endpoint of ticket-service, with a Host.
Request ticket_status(const std::string& host = "ticket-service:3004");
// An endpoint of order-service.
Request order(const std::string& host = "order-service:3005");
// Nobody's endpoint, outside /internal/.
Request elsewhere(const std::string& host = "ticket-service:3004");

// What the owner has seen of a call; an empty object where the answer is not its own.
Json seen(const Response& response);
// Fails unless this is ticket-status' answer, with its policy applied.
void expect_ticket_status(const Response& response);
void expect_ticket_status(const Finished& curled);
// Fails unless the owner answered this call as it came: not signed, no policy.
void expect_passed_through(const Response& response, const std::string& owner);

}  // namespace e2e
