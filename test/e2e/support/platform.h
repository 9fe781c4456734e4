// The platform under test: the reference owners and sidecars, as processes on free ports.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "owners/seed_ids.h"
#include "support/config.h"
#include "support/keys.h"
#include "support/process.h"
#include "support/raw_http.h"
#include "support/raw_owner.h"

namespace e2e {

namespace seed = owners::seed;

// `usher-owners`, one program with the five owning services and an admin port.
class Owners {
 public:
  explicit Owners(std::vector<std::string> more_arguments = {});

  int port(const std::string& owner) const { return ports_.at(owner); }
  // TICKET_SERVICE_ADDRESS and its kin.
  Environment addresses() const;

  void reset() { admin("POST", "/reset"); }
  void add_fault(const Json& fault) { admin("POST", "/faults", fault); }
  void clear_faults() { admin("DELETE", "/faults"); }
  void set_scheme(const std::string& owner, const std::string& scheme) {
    admin("POST", "/schemes", {{owner, scheme}});
  }
  void set_secrets(const Json& secrets) { admin("POST", "/secrets", secrets); }
  // What this owner has received since the reset; waits until there are `at_least`.
  Json requests(const std::string& owner, std::size_t at_least = 0);
  Json stats(const std::string& owner) { return admin("GET", "/stats").at(owner); }

 private:
  Json admin(const std::string& method, const std::string& path, const Json& body = nullptr);

  std::unique_ptr<Process> process_;
  std::map<std::string, int> ports_;
};

// A running `usher run`.
class Sidecar {
 public:
  // `more` is laid over the environment that every sidecar has: consumer, secrets, owners'
  // addresses. `descriptors` as for Process.
  Sidecar(const Config& config, const std::string& consumer, const Environment& more = {},
          rlim_t descriptors = 0);

  int port() const { return ports_.front(); }
  const std::vector<int>& ports() const { return ports_; }
  const std::vector<std::string>& outbound() const { return outbound_; }
  int admin_port() const { return admin_port_; }
  Process& process() { return *process_; }
  const TemporaryDirectory& directory() const { return directory_; }

  Response call(const Request& request) const { return e2e::call(port(), request); }
  Response admin(const std::string& path) const;
  // A POST to the admin port, without a body.
  Response change(const std::string& path) const;
  std::string metrics() const { return admin("/metrics").body; }
  // The number at the end of the line of the metrics page that begins so; 0 without one.
  double metric(const std::string& line_start) const;
  // Waits until the log holds this text.
  bool logs(const std::string& text);

 private:
  TemporaryDirectory directory_;
  std::unique_ptr<Process> process_;
  std::vector<std::string> outbound_;  // addresses as printed
  std::vector<int> ports_;
  int admin_port_ = 0;
};

// `usher` with a configuration that it may refuse: its exit status and what it said.
struct StartFailure {
  int status;
  std::string message;
};
StartFailure start_and_fail(const Config& config, const Environment& environment);
StartFailure start_and_fail_in(const std::filesystem::path& directory,
                               const Environment& environment);

// What every sidecar has in its environment.
Environment sidecar_environment(const std::string& consumer);

// The owners, shared by all tests of the program and reset before each; sidecars with the shipped
// configuration, one per consumer, started when first asked for.
class PlatformTest : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

 public:
  static Owners& owners();
  static Sidecar& sidecar_of(const std::string& consumer);

 private:
  std::map<std::string, std::size_t> log_sizes_;  // of the shared sidecars when the test began
};

// Waits for a condition that another process brings about; false after the hang guard.
template <typename Condition>
bool eventually(Condition condition);

// --- inline
// ---------------------------------------------------------------------------------------

void pause_briefly();
bool guard_is_over(std::chrono::steady_clock::time_point since);

template <typename Condition>
bool eventually(Condition condition) {
  for (const auto start = std::chrono::steady_clock::now(); !condition(); pause_briefly()) {
    if (guard_is_over(start)) return false;
  }
  return true;
}

// Paths with the seed's ids: path("/internal/tickets/", seed::kTicket, "/status").
template <typename... Parts>
std::string path(const Parts&... parts) {
  std::string text;
  (text.append(parts), ...);
  return text;
}

}  // namespace e2e
