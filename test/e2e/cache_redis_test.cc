// Kept answers shared by sidecars through a real Redis: what one changes is stale in all, and
// whatever becomes of Redis, no call fails.
#include <cstdlib>
#include <list>
#include <random>
#include <thread>

#include "support/redis_server.h"
#include "support/thing_owner.h"

namespace e2e {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using usher::test::RedisServer;

class SharedAnswers : public testing::Test {
 protected:
  Config config() {
    Config result = thing_config(owner, cache);
    result.usher()["cache"] = {{"redis", redis_settings}};
    result.usher()["cache"]["redis"]["url"] = "redis://127.0.0.1:" + std::to_string(redis.port());
    return result;
  }
  static bool trusts(const Sidecar& sidecar) {
    return sidecar.metric("usher_cache_channel_trusted") == 1;
  }
  static bool is_hit(const Response& response) {
    return response.fields.one("Cache-Status").find("usher; hit") == 0;
  }

  ThingOwner owner;
  RedisServer redis;
  Json redis_settings = Json::object();
  Json cache = {{"ttl", "60s"}, {"tags", {"thing:{id}"}}};
  Request read = read_thing(tenant_number(1), "a");
  Request change = change_thing(tenant_number(1), "a");
};

TEST_F(SharedAnswers, OneSidecarsAnswerIsAnothersHit) {
  Sidecar one(config(), "payment-service");
  Sidecar other(config(), "payment-service");
  ASSERT_TRUE(eventually([&] { return trusts(one) && trusts(other); }));
  const std::string body = one.call(read).body;
  ASSERT_TRUE(eventually([&] { return redis.command({"DBSIZE"}) != "0"; }));
  ASSERT_TRUE(eventually([&] { return is_hit(other.call(read)); }));
  EXPECT_EQ(other.call(read).body, body);
  EXPECT_LE(owner.reads(), 2);
}

TEST_F(SharedAnswers, MutationThroughOneIsSeenThroughAll) {
  Sidecar one(config(), "payment-service");
  Sidecar other(config(), "payment-service");
  ASSERT_TRUE(eventually([&] { return trusts(one) && trusts(other); }));
  for (int round = 1; round <= 20; ++round) {
    one.call(read);
    other.call(read);
    ASSERT_EQ(one.call(change).status, 200);
    EXPECT_EQ(Thing::read(one.call(read)).version, round) << "through the same sidecar: at once";
    EXPECT_TRUE(eventually([&] { return Thing::read(other.call(read)).version == round; }));
  }
}

TEST_F(SharedAnswers, AreMadeStaleByHandInAll) {
  Sidecar one(config(), "payment-service");
  Sidecar other(config(), "payment-service");
  ASSERT_TRUE(eventually([&] { return trusts(one) && trusts(other); }));
  ASSERT_TRUE(eventually([&] { return is_hit(one.call(read)) && is_hit(other.call(read)); }));
  const int before = owner.reads();
  EXPECT_EQ(one.change("/cache/invalidate?tag=thing:a").status, 200);
  EXPECT_FALSE(is_hit(one.call(read)));
  EXPECT_GT(owner.reads(), before);
  ASSERT_TRUE(eventually([&] { return is_hit(other.call(read)); }));
  EXPECT_EQ(one.change("/cache/invalidate?tag=thing:a&tenant=" + tenant_number(1)).status, 200);
  EXPECT_TRUE(eventually([&] { return !is_hit(other.call(read)); }));
}

TEST_F(SharedAnswers, NothingReadableIsInRedis) {
  Sidecar sidecar(config(), "payment-service");
  ASSERT_TRUE(eventually([&] { return trusts(sidecar); }));
  sidecar.call(read_thing(tenant_number(7), "someone@example.com"));
  ASSERT_TRUE(eventually([&] {
    sidecar.call(read_thing(tenant_number(7), "someone@example.com"));
    return redis.command({"DBSIZE"}) != "0";
  }));
  const std::string keys = redis.command({"KEYS", "*"});
  EXPECT_EQ(keys.find("example"), std::string::npos) << keys;
  EXPECT_EQ(keys.find(tenant_number(7)), std::string::npos) << keys;
}

TEST_F(SharedAnswers, ForeignEntriesAreMisses) {
  redis_settings["memory_ttl"] = "0s";
  Sidecar sidecar(config(), "payment-service");
  ASSERT_TRUE(eventually([&] { return trusts(sidecar); }));
  ASSERT_TRUE(eventually([&] { return is_hit(sidecar.call(read)); }));
  std::string key = redis.command({"KEYS", "*:e:*"});
  ASSERT_EQ(key.find('\n'), key.size() - 1) << key;
  key.pop_back();
  redis.command({"SET", key, "rubbish"});
  const Response answer = sidecar.call(read);
  EXPECT_EQ(answer.status, 200);
  EXPECT_FALSE(is_hit(answer));
}

TEST_F(SharedAnswers, OneOfManySidecarsFetchesWhereTheEndpointSaysSo) {
  cache["lock"] = true;
  owner.set_pause(milliseconds(100));
  std::list<Sidecar> sidecars;
  for (int i = 0; i < 4; ++i) sidecars.emplace_back(config(), "payment-service");
  for (const Sidecar& sidecar : sidecars) {
    ASSERT_TRUE(eventually([&] { return trusts(sidecar); }));
  }
  sidecars.front().call(read_thing(tenant_number(1), "other"));  // makes the tenant known
  const int before = owner.reads();
  std::vector<std::thread> callers;
  std::atomic<int> good = 0;
  for (const Sidecar& sidecar : sidecars) {
    callers.emplace_back([&] { good += sidecar.call(read).status == 200 ? 1 : 0; });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(good, 4);
  EXPECT_EQ(owner.reads(), before + 1);
}

// --- what an owner's answer does while Redis is told ---------------------------------------------

// An owner whose answer to a change is written as it stands, and then maybe reset.
class ToldAnswers : public SharedAnswers {
 protected:
  // The answer to one change, on a connection that has to go on.
  Response change_with(const std::string& answer, bool reset, const std::string& body = "{}") {
    RawOwner raw([&](Peer& peer) {
      while (peer.read_head()) {
        peer.send(answer);
        if (reset) {
          peer.reset();
          return;
        }
      }
    });
    Config made = config();
    Json& service = made.services().at("thing-service");
    service["addresses"] = {raw.address()};
    service["endpoints"][1]["retry"] = {{"attempts", 3}};
    Sidecar sidecar(made, "payment-service");
    EXPECT_TRUE(eventually([&] { return trusts(sidecar); }));
    Request request = change;
    request.body = body;
    Response response = call(sidecar.port(), request);
    EXPECT_TRUE(sidecar.process().running());
    EXPECT_EQ(sidecar.admin("/live").status, 200);
    return response;
  }
};

TEST_F(ToldAnswers, InManyPiecesArriveWhole) {
  std::string answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 100; ++i) answer += "1\r\na\r\n";
  answer += "0\r\n\r\n";
  const Response response = change_with(answer, false);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, std::string(100, 'a'));
  EXPECT_TRUE(response.complete);
}

TEST_F(ToldAnswers, LongRefusalsArriveWhole) {
  const std::string body(200000, 'b');
  const Response response = change_with(
      "HTTP/1.1 503 No\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body,
      false);
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.body.size(), body.size());
}

TEST_F(ToldAnswers, ThatAreCutEndTheCallAlone) {
  const Response response = change_with("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", true,
                                        std::string(300000, ' '));
  EXPECT_FALSE(response.status == 200 && response.complete);
}

// --- whatever becomes of Redis ------------------------------------------------------------------

TEST_F(SharedAnswers, NoCallFailsWithoutIt) {
  redis.stop();
  Sidecar sidecar(config(), "payment-service");
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(sidecar.call(read).status, 200);
    EXPECT_EQ(sidecar.call(change).status, 200);
  }
  EXPECT_EQ(sidecar.call(change).fields.one("Usher-Cache-Invalidation"), "failed");
  EXPECT_EQ(owner.reads(), 20) << "memory is not trusted without the channel";
  redis.start();
  EXPECT_TRUE(eventually([&] { return is_hit(sidecar.call(read)); }));
}

// Calls in threads, until it is destroyed; each has to be 200.
class Load {
 public:
  explicit Load(const Sidecar& sidecar) {
    for (int i = 0; i < 4; ++i) {
      threads_.emplace_back([this, &sidecar, i] {
        Client client(sidecar.port());
        for (int n = 0; !stop_; ++n) {
          const std::string name = std::to_string(n % 5);
          const Request request = n % 10 == i ? change_thing(tenant_number(i), name)
                                              : read_thing(tenant_number(i), name);
          const Response response = client.call(request);
          ++calls_;
          if (response.status != 200) ++failures_;
        }
      });
    }
  }
  ~Load() { stop(); }
  void stop() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  int calls() const { return calls_; }
  int failures() const { return failures_; }
  // Until so many more calls were made.
  void go_on(int count) {
    const int until = calls_ + count;
    EXPECT_TRUE(eventually([&] { return calls_ >= until; }));
  }

 private:
  std::atomic<bool> stop_ = false;
  std::atomic<int> calls_ = 0;
  std::atomic<int> failures_ = 0;
  std::vector<std::thread> threads_;
};

TEST_F(SharedAnswers, NoCallFailsWhenItIsKilled) {
  Sidecar sidecar(config(), "payment-service");
  Load load(sidecar);
  for (int i = 0; i < 3; ++i) {
    load.go_on(300);
    redis.kill();
    load.go_on(300);
    redis.start();
    EXPECT_TRUE(eventually([&] { return trusts(sidecar); }));
  }
  load.go_on(300);
  load.stop();
  EXPECT_EQ(load.failures(), 0) << "of " << load.calls();
}

TEST_F(SharedAnswers, NoCallFailsWhenItHangs) {
  Sidecar sidecar(config(), "payment-service");
  Load load(sidecar);
  load.go_on(300);
  redis.freeze();
  load.go_on(300);
  EXPECT_TRUE(eventually([&] { return !trusts(sidecar); }));
  redis.thaw();
  EXPECT_TRUE(eventually([&] { return trusts(sidecar); }));
  load.go_on(300);
  load.stop();
  EXPECT_EQ(load.failures(), 0) << "of " << load.calls();
}

TEST_F(SharedAnswers, NoCallFailsWhenItIsFull) {
  Sidecar sidecar(config(), "payment-service");
  Load load(sidecar);
  load.go_on(300);
  redis.command({"CONFIG", "SET", "maxmemory", "1"});
  load.go_on(300);
  redis.command({"CONFIG", "SET", "maxmemory", "0"});
  load.go_on(300);
  load.stop();
  EXPECT_EQ(load.failures(), 0) << "of " << load.calls();
}

// --- the race -----------------------------------------------------------------------------------

// Readers and mutators on two sidecars. What each mutation's acknowledgement promised, every later
// read must show: through the same sidecar at once, through the other within the bound.
class Race : public SharedAnswers {
 protected:
  static constexpr int kTenants = 3;
  static constexpr int kThings = 4;
  static constexpr auto kBound = seconds(2);

  struct Acknowledged {
    std::mutex mutex;
    // The versions that were acknowledged, by when and through which sidecar.
    struct One {
      steady_clock::time_point when;
      long version;
      int sidecar;
    };
    std::vector<One> all;

    // The least version that a read through `sidecar` may still show.
    long floor(int sidecar, steady_clock::time_point now) {
      const std::lock_guard lock(mutex);
      long version = 0;
      for (const One& one : all) {
        if (one.sidecar == sidecar || one.when + kBound < now)
          version = std::max(version, one.version);
      }
      return version;
    }
  };

  static int number(std::mt19937& random, int below) {
    return static_cast<int>(random() % static_cast<unsigned>(below));
  }

  Acknowledged acknowledged_[kTenants][kThings];
  std::atomic<bool> stop_ = false;
  std::atomic<int> reads_ = 0;
  std::atomic<int> changes_ = 0;
  std::atomic<int> hits_ = 0;
  std::atomic<int> too_old_ = 0;
  std::atomic<int> wrong_ = 0;

  void mutate(const Sidecar& sidecar, int index, unsigned seed) {
    std::mt19937 random(seed);
    Client client(sidecar.port());
    while (!stop_) {
      const int tenant = number(random, kTenants);
      const int thing = number(random, kThings);
      const Response response =
          client.call(change_thing(tenant_number(tenant), std::to_string(thing)));
      Acknowledged& known = acknowledged_[tenant][thing];
      const std::lock_guard lock(known.mutex);
      known.all.push_back({steady_clock::now(), Thing::read(response).version, index});
      ++changes_;
      std::this_thread::sleep_for(std::chrono::microseconds(random() % 3000));
    }
  }

  void look(const Sidecar& sidecar, int index, unsigned seed) {
    std::mt19937 random(seed);
    Client client(sidecar.port());
    while (!stop_) {
      const int tenant = number(random, kTenants);
      const int thing = number(random, kThings);
      const long floor = acknowledged_[tenant][thing].floor(index, steady_clock::now());
      const Response response =
          client.call(read_thing(tenant_number(tenant), std::to_string(thing)));
      const Thing got = Thing::read(response);
      ++reads_;
      hits_ += is_hit(response) ? 1 : 0;
      too_old_ += got.version < floor ? 1 : 0;
      wrong_ += got.tenant != tenant_number(tenant) || got.name != std::to_string(thing) ? 1 : 0;
    }
  }
};

TEST_F(Race, NoAnswerIsOlderThanWhatWasAcknowledged) {
  const char* wanted = std::getenv("USHER_RACE_SECONDS");
  const seconds duration(wanted == nullptr ? 4 : std::atoi(wanted));
  Sidecar one(config(), "payment-service");
  Sidecar other(config(), "payment-service");
  ASSERT_TRUE(eventually([&] { return trusts(one) && trusts(other); }));
  const Sidecar* sidecars[] = {&one, &other};
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i) {
    threads.emplace_back([&, i] { mutate(*sidecars[i], i, static_cast<unsigned>(i)); });
    for (int n = 0; n < 3; ++n) {
      threads.emplace_back(
          [&, i, n] { look(*sidecars[i], i, static_cast<unsigned>(10 + 3 * i + n)); });
    }
  }
  std::this_thread::sleep_for(duration);
  stop_ = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(too_old_, 0);
  EXPECT_EQ(wrong_, 0);
  EXPECT_GT(hits_, 0);
  EXPECT_GT(changes_, 0);
  std::printf("%d reads, %d hits, %d changes\n", reads_.load(), hits_.load(), changes_.load());
}

}  // namespace
}  // namespace e2e
