// Flights of several workers at once, each on a thread of its own.
#include <gtest/gtest.h>

#include <atomic>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/random.h"
#include "cache/flights.h"
#include "support/fake_network.h"
#include "unit/cache/support.h"

namespace usher::cache {
namespace {

using net::FakeNetwork;
using Kind = FlightNews::Kind;
using Role = FlightDesk::Role;

const CacheKey kKey = key_named("key");

// A worker whose calls all want a few keys at once, and end their flights in every way.
class Worker {
 public:
  Worker(Flights& flights, std::uint64_t seed) : desk_(flights, network_), random_(seed) {}

  void run(int turns) {
    for (int turn = 0; turn < turns; ++turn) {
      start_call();
      if (random_.next() % 4 == 0) end_a_flight();
      if (random_.next() % 8 == 0) cancel_a_call();
      network_.end_turn();
      std::erase_if(calls_, [](const auto& call) { return call->ended; });
    }
    while (!led_.empty()) end_a_flight();
  }
  // Until nobody waits here: what others lead comes to an end.
  bool settle() {
    network_.end_turn();
    while (!led_.empty()) end_a_flight();
    std::erase_if(calls_, [](const auto& call) { return call->ended; });
    return calls_.empty();
  }

 private:
  struct Call final : FlightWaiter {
    Call(Worker& its_worker, CacheKey its_key) : worker(&its_worker), key(its_key) {}
    void on_flight(const FlightNews& news) override {
      EXPECT_FALSE(ended);
      ended = true;
      if (news.kind == Kind::Lead) worker->led_.push_back(key);
      if (news.kind == Kind::Landed) {
        EXPECT_EQ(news.entry->key(), key);
      }
    }
    Worker* worker;
    CacheKey key;
    bool ended = false;
  };

  void start_call() {
    const CacheKey key = key_named(std::to_string(random_.next() % 3));
    auto call = std::make_unique<Call>(*this, key);
    const Role role = desk_.join(key, *call, network_.now());
    if (role == Role::Lead) led_.push_back(key);
    if (role == Role::Follow) calls_.push_back(std::move(call));
  }
  void end_a_flight() {
    if (led_.empty()) return;
    const CacheKey key = led_.back();
    led_.pop_back();
    EntryParts parts;
    parts.key = key;
    switch (random_.next() % 4) {
      case 0:
        return desk_.land(key, Entry::make(parts));
      case 1:
        return desk_.give_up(key, false, network_.now());
      case 2:
        return desk_.fail(key, Error{ErrorCode::UpstreamReset});
      default:
        return desk_.leave(key);
    }
  }
  void cancel_a_call() {
    if (calls_.empty()) return;
    desk_.cancel(*calls_.front());
    calls_.pop_front();
  }

  FakeNetwork network_;
  FlightDesk desk_;
  Random random_;
  std::list<std::unique_ptr<Call>> calls_;  // that follow
  std::vector<CacheKey> led_;
};

TEST(FlightsThreads, EveryFollowerIsToldOnceAndNoFlightIsLeft) {
  Flights flights;
  std::vector<std::unique_ptr<Worker>> workers;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    workers.push_back(std::make_unique<Worker>(flights, seed));
  }
  std::vector<std::thread> threads;
  threads.reserve(workers.size());
  for (const auto& worker : workers) {
    threads.emplace_back([&worker] { worker->run(5'000); });
  }
  for (std::thread& thread : threads) thread.join();
  for (int turn = 0; turn < 1000 && flights.active() > 0; ++turn) {
    for (const auto& worker : workers) worker->settle();
  }
  EXPECT_EQ(flights.active(), 0U);
  for (const auto& worker : workers) EXPECT_TRUE(worker->settle());
}

struct Silent final : FlightWaiter {
  void on_flight(const FlightNews&) override {}
};

TEST(FlightsThreads, DeskGoesDownWhileOthersWriteToIt) {
  Flights flights;
  std::atomic<bool> ended{false};
  std::thread writer([&] {
    FakeNetwork network;
    FlightDesk desk(flights, network);
    std::uint64_t turn = 0;
    while (!ended.load()) {
      network.end_turn();
      if (!desk.try_lead(kKey, network.now())) continue;
      std::this_thread::yield();
      switch (++turn % 3) {
        case 0:
          desk.land(kKey, entry_named("key", ""));
          break;
        case 1:
          desk.leave(kKey);
          break;
        default:
          desk.fail(kKey, Error{ErrorCode::UpstreamReset});
      }
    }
  });
  for (int i = 0; i < 2'000; ++i) {
    Silent waiter;
    FakeNetwork network;
    FlightDesk desk(flights, network);
    desk.join(kKey, waiter, network.now());
    if (i % 2 == 0) network.end_turn();
  }
  ended.store(true);
  writer.join();
  EXPECT_EQ(flights.active(), 0U);
}

}  // namespace
}  // namespace usher::cache
