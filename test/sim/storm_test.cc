// Storms: many calls at once, with cuts, delays, splits, stalls and resets on both sides at random.
// What must hold then holds for every seed. A failure prints its seed; USHER_SIM_SEED runs one,
// USHER_SIM_SEEDS=5000 as many.

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <set>

#include "base/bytes.h"
#include "sim/story.h"
#include "sim/text.h"

namespace usher::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view kNoRoom = "no more connections are accepted";

std::uint64_t current_seed = 0;

// For failures that end the process.
void print_seed(int) {
  char text[64];
  const int size = std::snprintf(text, sizeof(text), "USHER_SIM_SEED=%llu\n",
                                 static_cast<unsigned long long>(current_seed));
  if (size > 0 && ::write(STDERR_FILENO, text, static_cast<std::size_t>(size)) < 0) std::_Exit(1);
}

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : parse_decimal(value).value_or(otherwise);
}

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : random_(seed) {}
  std::size_t below(std::size_t bound) { return random_.next() % bound; }
  bool one_in(std::size_t n) { return below(n) == 0; }
  Duration up_to(Duration longest) {
    return milliseconds(below(static_cast<std::size_t>(longest / milliseconds(1)) + 1));
  }
  std::size_t body_size() {
    constexpr std::size_t kSizes[] = {1, 10, 1'000, 20'000, 200'000};
    return below(kSizes[below(5)] + 1);
  }

 private:
  Random random_;
};

struct Call {
  std::size_t id;
  Method method;
  std::string body;
  std::string answer;
  std::size_t end_at = 0;  // of its bytes, in what its consumer sends
  std::size_t begin_at = 0;
};

struct World {
  explicit World(std::uint64_t seed) : chance(seed), network(seed) {}

  Chance chance;
  SimNetwork network;
  std::map<std::size_t, Call> calls;
  std::map<std::size_t, int> heads;  // that reached the owner, by call
};

// What an owner does with one request, piece by piece.
class Reply final : private TimerEvents {
 public:
  enum class End { None, MayClose, Closes };

  Reply(World& world, OwnerConnection& connection, std::string bytes, End end)
      : world_(&world),
        connection_(&connection),
        bytes_(std::move(bytes)),
        end_(end),
        bytes_read_(connection.bytes_read()) {
    arm();
  }
  ~Reply() { timer_.cancel(); }

 private:
  void arm() {
    Chance& chance = world_->chance;
    const Duration longest = chance.one_in(15) ? Duration(seconds(4)) : Duration(milliseconds(30));
    world_->network.arm(timer_, world_->network.now() + chance.up_to(longest));
  }

  void on_timer(Timer&) override {
    if (!connection_->is_open()) return;
    if (bytes_.empty()) {
      // Not into the next answer, which may be one that ends by a close. And close() would lose
      // what is queued.
      if (end_ == End::Closes || bytes_read_ == connection_->bytes_read()) connection_->end();
      return;
    }
    if (world_->chance.one_in(60)) {
      // A body that ends by a close would seem whole.
      end_ == End::Closes || world_->chance.one_in(2) ? connection_->reset() : connection_->close();
      return;
    }
    const std::size_t count =
        world_->chance.one_in(2) ? bytes_.size() : 1 + world_->chance.below(bytes_.size());
    connection_->send(bytes_.substr(0, count));
    bytes_.erase(0, count);
    if (!bytes_.empty() || end_ != End::None) arm();
  }

  World* world_;
  OwnerConnection* connection_;
  std::string bytes_;
  End end_;
  std::size_t bytes_read_;
  Timer timer_{*this};
};

class Owner {
 public:
  Owner(World& world, int number) : world_(&world), owner_(world.network, owner_address(number)) {
    owner_.on_head([this](OwnerConnection& connection) { on_head(connection); });
    owner_.on_request([this](OwnerConnection& connection) { on_request(connection); });
  }

 private:
  static std::size_t id_of(OwnerConnection& connection) {
    return *parse_decimal(connection.request().field("X-Call"));
  }

  void on_head(OwnerConnection& connection) {
    ++world_->heads[id_of(connection)];
    answered_.erase(&connection);
    Chance& chance = world_->chance;
    if (chance.one_in(25)) chance.one_in(2) ? connection.close() : connection.reset();
    if (connection.is_open() && chance.one_in(25)) answer(connection);
    if (connection.is_open() && chance.one_in(25)) connection.send("SSH-2.0\r\n\r\n");
  }

  void on_request(OwnerConnection& connection) {
    const Call& call = world_->calls.at(id_of(connection));
    EXPECT_EQ(connection.request().body, call.body) << "of call " << call.id;
    if (world_->chance.one_in(40)) return;  // and no answer ever
    answer(connection);
  }

  void answer(OwnerConnection& connection) {
    if (!answered_.insert(&connection).second) return;  // early, before its body
    const Call& call = world_->calls.at(id_of(connection));
    Chance& chance = world_->chance;
    std::string bytes = chance.one_in(10) ? "HTTP/1.1 103 Early Hints\r\n\r\n" : "";
    if (chance.one_in(15)) {
      bytes += "HTTP/1.1 503 Service Unavailable\r\nX-Call: " + std::to_string(call.id) +
               "\r\nContent-Length: 4\r\n\r\n";
      if (call.method != Method::Head) bytes += "busy";
      replies_.push_back(std::make_unique<Reply>(*world_, connection, bytes, Reply::End::None));
      return;
    }
    const std::size_t kind = chance.below(5);
    bytes += kind == 4 ? "HTTP/1.0 200 OK\r\n" : "HTTP/1.1 200 OK\r\n";
    bytes += "X-Call: " + std::to_string(call.id) + "\r\n";
    if (kind <= 1 || call.method == Method::Head) {
      bytes += "Content-Length: " + std::to_string(call.answer.size()) + "\r\n\r\n";
      if (call.method != Method::Head) bytes += call.answer;
    } else if (kind <= 3) {
      bytes += "Transfer-Encoding: chunked\r\n\r\n";
      std::string_view rest = call.answer;
      while (!rest.empty()) {
        const std::size_t count = 1 + chance.below(rest.size());
        bytes += chunk(rest.substr(0, count));
        rest.remove_prefix(count);
      }
      bytes += kLastChunk;
    } else {
      bytes += "\r\n" + call.answer;
    }
    const Reply::End end = kind == 4          ? Reply::End::Closes
                           : chance.one_in(6) ? Reply::End::MayClose
                                              : Reply::End::None;
    replies_.push_back(std::make_unique<Reply>(*world_, connection, bytes, end));
  }

  World* world_;
  SimOwner owner_;
  std::set<const OwnerConnection*> answered_;  // that have been, as for their last request
  std::list<std::unique_ptr<Reply>> replies_;
};

class Consumer final : private TimerEvents {
 public:
  explicit Consumer(World& world) : world_(&world), consumer_(world.network, SimProxy::address()) {
    const std::size_t count = 1 + world.chance.below(8);
    for (std::size_t i = 0; i < count; ++i) add_call();
    arm();
  }
  ~Consumer() { timer_.cancel(); }

  void resume() {
    if (!departed_) consumer_.resume();
  }
  void close() { consumer_.close(); }
  void check() const;

 private:
  void add_call() {
    Chance& chance = world_->chance;
    const std::size_t id = world_->calls.size();
    Call call{id, Method::Get, "", pattern(chance.body_size(), id)};
    const std::size_t kind = chance.below(4);
    std::string line = "GET /things/" + std::to_string(id);
    if (kind == 1) call.method = Method::Head, line.replace(0, 3, "HEAD");
    if (kind == 2) call.method = Method::Put, line.replace(0, 3, "PUT");
    if (kind == 3) call.method = Method::Post, line = "POST /things";
    if (kind >= 2) call.body = pattern(chance.body_size(), id + 1);
    const bool old = chance.one_in(12);
    line += old ? " HTTP/1.0\r\n" : " HTTP/1.1\r\n";
    line += "Host: x\r\nX-Call: " + std::to_string(id) + "\r\n";
    if (old && chance.one_in(2)) line += "Connection: keep-alive\r\n";
    call.begin_at = bytes_.size();
    if (kind < 2) {
      bytes_ += line + "\r\n";
    } else if (old || chance.one_in(2)) {
      bytes_ += line + "Content-Length: " + std::to_string(call.body.size()) + "\r\n\r\n";
      bytes_ += call.body;
    } else {
      bytes_ += line + "Transfer-Encoding: chunked\r\n\r\n";
      if (!call.body.empty()) bytes_ += chunk(call.body);
      bytes_ += kLastChunk;
    }
    call.end_at = bytes_.size();
    methods_.push_back(call.method);
    ids_.push_back(id);
    world_->calls.emplace(id, std::move(call));
  }

  void arm() {
    Chance& chance = world_->chance;
    const Duration longest = chance.one_in(10) ? Duration(seconds(5)) : Duration(milliseconds(40));
    world_->network.arm(timer_, world_->network.now() + chance.up_to(longest));
  }

  void on_timer(Timer&) override {
    Chance& chance = world_->chance;
    if (consumer_.is_over()) return;
    if (chance.one_in(60)) {
      departed_ = true;
      chance.one_in(2) ? consumer_.close() : consumer_.reset();
      return;
    }
    if (consumer_.connected() && chance.one_in(20)) consumer_.pause();
    if (chance.one_in(4)) consumer_.resume();
    if (sent_ < bytes_.size()) {
      std::size_t count = bytes_.size() - sent_;
      if (!chance.one_in(3)) count = 1 + chance.below(std::min<std::size_t>(count, 30'000));
      consumer_.send(std::string_view(bytes_).substr(sent_, count));
      sent_ += count;
    } else if (chance.one_in(4)) {
      consumer_.resume();
      if (chance.one_in(3)) consumer_.end();
      return;
    }
    arm();
  }

  World* world_;
  std::string bytes_;
  std::vector<std::size_t> ids_;
  std::vector<Method> methods_;
  std::size_t sent_ = 0;
  bool departed_ = false;
  SimConsumer consumer_;
  Timer timer_{*this};
};

void Consumer::check() const {
  // Where there is no room for a connection, it is told so even if it asks for nothing.
  const bool is_refused = consumer_.received().find(kNoRoom) != std::string::npos;
  // An answer to half a head does not know that it is a HEAD's.
  std::vector<Method> methods = methods_;
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    if (is_refused || world_->calls.at(ids_[i]).end_at > sent_) methods[i] = Method::Get;
  }
  const std::vector<Answer> answers = consumer_.answers(methods);
  ASSERT_LE(answers.size(), is_refused ? 1 : ids_.size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const Answer& answer = answers[i];
    const Call& call = world_->calls.at(ids_[i]);
    SCOPED_TRACE("call " + std::to_string(call.id));
    if (!is_refused) {
      EXPECT_GT(sent_, call.begin_at) << "answered before it was asked";
    }
    if (!answer.complete) {
      EXPECT_EQ(i + 1, answers.size());
      EXPECT_TRUE(consumer_.is_over() || departed_) << "cut, and the connection goes on";
    }
    if (answer.status == 0) continue;  // cut within its head
    if (answer.status == 200) {
      EXPECT_EQ(answer.field("X-Call"), std::to_string(call.id));
      const std::string_view whole =
          call.method == Method::Head ? "" : std::string_view(call.answer);
      if (answer.complete) {
        EXPECT_EQ(answer.body, whole);
      } else {
        EXPECT_EQ(answer.body, whole.substr(0, answer.body.size()));
      }
    } else if (answer.status == 503 && answer.field("X-Call") == std::to_string(call.id)) {
      const std::string_view whole = call.method == Method::Head ? "" : "busy";
      EXPECT_EQ(answer.body, whole.substr(0, answer.complete ? whole.size() : answer.body.size()));
    } else if (answer.complete && call.method != Method::Head) {
      EXPECT_NE(answer.code(), "") << answer.head;
    }
  }
  if (departed_ || consumer_.is_over()) return;
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    if (world_->calls.at(ids_[i]).end_at > sent_) continue;
    EXPECT_LT(i, answers.size()) << "call " << ids_[i] << " was never answered";
  }
}

SimOptions weather(Chance& chance) {
  SimOptions options;
  options.delay_min = Duration::zero();
  options.delay_max = chance.up_to(milliseconds(10));
  options.split = chance.one_in(2);
  options.piece = chance.one_in(2) ? 64 * 1024 : 1 + chance.below(4'000);
  options.window = 500 + chance.below(64 * 1024);
  options.mark = 500 + chance.below(64 * 1024);
  return options;
}

void add_resilience(Chance& chance, policy::EndpointPolicy& policy) {
  policy.retry.attempts = 1 + static_cast<int>(chance.below(3));
  if (chance.one_in(2)) policy.breaker_scope = policy::BreakerScope::Off;
  if (chance.one_in(3)) {
    policy.concurrency = {.max_concurrent = 1 + chance.below(4),
                          .max_queue = chance.below(4),
                          .queue_timeout = milliseconds(chance.below(200))};
  }
}

// Of one call that may be repeated: attempts, one more on a fresh connection, and a hedge.
constexpr int kMostHeads = 5;

ProxySettings settings_for(Chance& chance) {
  ProxySettings settings;
  settings.options.access_log = AccessLog::Off;
  settings.add_cluster("owners");
  settings.clusters[0].connections_per_host = 1 + chance.below(8);
  settings.clusters[0].pending = chance.below(20);
  settings.add(Method::Get, "/things/{id}", true);
  settings.add(Method::Post, "/things", false);
  settings.add(Method::Put, "/things/{id}", true);
  for (route::Endpoint& endpoint : settings.endpoints) add_resilience(chance, endpoint.policy);
  if (chance.one_in(2)) {
    settings.endpoints[0].policy.hedge = {.delay = milliseconds(chance.below(50)), .share = 1.0};
  }
  if (chance.one_in(4)) settings.clusters[0].concurrency = {.max_concurrent = 2, .max_queue = 2};
  settings.bounds = {.served = 1 + chance.below(12), .refused = chance.below(4)};
  if (chance.one_in(4)) settings.scheme = &holding_scheme();
  return settings;
}

void storm(std::uint64_t seed) {
  current_seed = seed;
  SCOPED_TRACE("USHER_SIM_SEED=" + std::to_string(seed));
  World world(seed);
  Chance& chance = world.chance;
  world.network.options() = weather(chance);
  world.network.set_name("owners", {owner_address(9), owner_address(1), owner_address(2)});
  std::list<Owner> owners;
  owners.emplace_back(world, 1);
  owners.emplace_back(world, 2);
  SimProxy proxy(world.network, settings_for(chance), seed);
  std::list<Consumer> consumers;
  const std::size_t count = 1 + chance.below(10);
  for (std::size_t i = 0; i < count; ++i) {
    consumers.emplace_back(world);
    world.network.advance(chance.up_to(milliseconds(50)));
  }
  if (chance.one_in(8)) {
    world.network.advance(chance.up_to(seconds(1)));
    proxy.resources().draining = true;
  }
  world.network.advance(seconds(60));
  for (Consumer& consumer : consumers) consumer.resume();
  world.network.advance(seconds(1000));  // those in the backlog wait for idle ones to go

  EXPECT_EQ(proxy.metrics().calls_active.value(), 0u);
  for (const Consumer& consumer : consumers) consumer.check();
  for (const auto& [id, heads] : world.heads) {
    EXPECT_LE(heads, world.calls.at(id).method == Method::Post ? 1 : kMostHeads) << "call " << id;
  }
  for (Consumer& consumer : consumers) consumer.close();
  world.network.advance(seconds(100));
  EXPECT_EQ(proxy.metrics().connections.value(), 0u);
  EXPECT_EQ(proxy.exchanges().active(), 0u);
  for (const auto* limits : {&proxy.snapshot().owner_limits, &proxy.snapshot().endpoint_limits}) {
    for (const auto& limit : *limits) EXPECT_EQ(limit->entered() + limit->waiting(), 0u);
  }
  EXPECT_EQ(proxy.owner_connections(), 0u);
  EXPECT_TRUE(proxy.shut());
  owners.clear();
  world.network.run_until_idle();
  EXPECT_EQ(world.network.open_streams(), 0u);
}

TEST(Storm, LeavesNothingBehindAndMixesNothingUp) {
  std::signal(SIGABRT, print_seed);
  if (const std::uint64_t seed = from_environment("USHER_SIM_SEED", 0); seed != 0) {
    storm(seed);
    return;
  }
  const std::uint64_t seeds = from_environment("USHER_SIM_SEEDS", 300);
  for (std::uint64_t seed = 1; seed <= seeds && !testing::Test::HasFailure(); ++seed) storm(seed);
}

}  // namespace
}  // namespace usher::sim
