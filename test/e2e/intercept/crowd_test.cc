// A thousand redirected connections at a time, HTTP and bytes: nothing is lost, nothing is crossed.
#include <sys/resource.h>

#include <barrier>
#include <random>

#include "intercept/pod.h"

namespace e2e {
namespace {

constexpr int kConnections = 1000;
constexpr int kRounds = 5;
constexpr int kThreads = 8;
constexpr std::size_t kMostBytes = 20000;

// One consumer's connection, which says its own number in all that it sends.
class Talker {
 public:
  enum class Kind { Endpoint, Elsewhere, Both, Bytes };

  Talker(int number, Kind kind, Socket socket)
      : number_(number), kind_(kind), client_(std::move(socket)) {}

  void say(int round) {
    if (kind_ == Kind::Bytes) {
      client_.send(bytes(round));
    } else {
      client_.send(calls_endpoint(round) ? endpoint(round) : other(round));
    }
  }

  // Whether the answer is this connection's and this round's, to the byte.
  bool hears(int round) {
    if (kind_ == Kind::Bytes) return hears_bytes(bytes(round));
    const Response answer = client_.read();
    const bool was_endpoint = calls_endpoint(round);
    const Request& sent = was_endpoint ? endpoint(round) : other(round);
    const Json call = seen(answer);
    const bool is_own =
        answer.status == 200 && answer.fields.has("Usher-Endpoint") == was_endpoint &&
        call.value("signed", !was_endpoint) == was_endpoint &&
        call.value("target", "") == sent.target && call.value("body", "") == sent.body.value_or("");
    EXPECT_TRUE(is_own) << mark(round) << (was_endpoint ? " endpoint: " : " elsewhere: ")
                        << answer.head << answer.body;
    return is_own;
  }

 private:
  bool calls_endpoint(int round) const {
    return kind_ == Kind::Endpoint || (kind_ == Kind::Both && round % 2 == 0);
  }
  std::string mark(int round) const {
    return std::to_string(number_) + "." + std::to_string(round);
  }
  Request endpoint(int round) const {
    Request request = ticket_status();
    request.target += "?mark=" + mark(round);
    return request;
  }
  Request other(int round) const {
    Request request = elsewhere();
    request.target += "&mark=" + mark(round);
    request.body = Json{{"mark", mark(round)}}.dump();
    return request;
  }
  std::string bytes(int round) const {
    std::mt19937 random(static_cast<unsigned>(number_ * kRounds + round));
    std::string text(1 + random() % kMostBytes, '\0');
    for (char& byte : text) byte = static_cast<char>(random());
    return std::string(1, '\0') + mark(round) + text;
  }
  bool hears_bytes(const std::string& expected) {
    std::string heard;
    while (heard.size() < expected.size()) {
      const std::string some = client_.read_some();
      if (some.empty()) return false;
      heard += some;
    }
    return heard == expected;
  }

  int number_;
  Kind kind_;
  Client client_;
};

class InterceptCrowd : public InterceptTest {
 protected:
  void SetUp() override {
    InterceptTest::SetUp();
    if (IsSkipped()) return;
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    Config config = pod_config();
    config.usher()["defaults"]["timeout"] = "25s";  // nobody is to fail for want of a processor
    config.usher()["defaults"]["per_try_timeout"] = "25s";
    start_sidecar(config);
    rules_up();
  }

  std::unique_ptr<Talker> talker(int number) const {
    const auto kind = static_cast<Talker::Kind>(number % 4);
    const int port = kind == Talker::Kind::Bytes ? kEchoPort : kTicketPort;
    const std::vector<Route> all = routes();
    const Route& route = all.at(static_cast<std::size_t>(number) % all.size());
    return std::make_unique<Talker>(number, kind, connect(route.address, port));
  }

  // The connections of one thread. Each round all speak before any is heard.
  int talk(int first, std::barrier<>& all_connected) const {
    std::vector<std::unique_ptr<Talker>> talkers;
    for (int number = first; number < kConnections; number += kThreads) {
      talkers.push_back(talker(number));
    }
    all_connected.arrive_and_wait();
    int heard = 0;
    for (int round = 0; round < kRounds; ++round) {
      for (const auto& talker : talkers) talker->say(round);
      for (const auto& talker : talkers) heard += talker->hears(round) ? 1 : 0;
    }
    return heard;
  }
};

TEST_F(InterceptCrowd, AThousandConnectionsKeepTheirOwn) {
  const Service echoes(peer(), kEchoPort, echo);
  std::barrier all_connected(kThreads);
  std::array<int, kThreads> heard{};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      try {
        heard.at(static_cast<std::size_t>(i)) = talk(i, all_connected);
      } catch (const std::exception& error) {
        ADD_FAILURE() << error.what();
        all_connected.arrive_and_drop();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  int all = 0;
  for (const int count : heard) all += count;
  EXPECT_EQ(all, kConnections * kRounds);
  EXPECT_EQ(metric("usher_consumer_connections_opened_total"), kConnections);
  EXPECT_TRUE(sidecar().process().running());
}

}  // namespace
}  // namespace e2e
