// Consumers and an owner that cut, reset, stall and misbehave at random. Whatever they do, nobody
// gets another's answer or a part that looks whole, nothing that must not be repeated is executed
// twice, and at the end nothing is left over: no connection, call, timer, byte or descriptor.
//
// USHER_CHAOS_CALLS and USHER_CHAOS_SEED choose how many calls (./dev soak) and which.
#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "support/chaos_consumer.h"
#include "support/platform.h"

namespace e2e {
namespace {

using chaos::Call;
using chaos::Complaints;
using chaos::Consumer;

constexpr std::size_t kConsumers = 24;
// Of two workers together; fewer than consumers, so that calls wait for one.
constexpr std::size_t kOwnerConnections = 16;
constexpr std::size_t kCalmCalls = 1000;
constexpr std::size_t kMiB = 1024 * 1024;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMemoryIsOurs = false;  // a sanitizer keeps what was freed
#else
constexpr bool kMemoryIsOurs = true;
#endif

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::stoull(text);
}

Config chaos_config(const std::string& owner) {
  const Json open = {{"scheme", "none"}};
  const Json signed_over_body = {
      {"scheme", "hmac"}, {"preset", "standard"}, {"secret", {{"env", "INTERNAL_SERVICE_SECRET"}}}};
  Json endpoints = {{{"name", "held-safe"},
                     {"match", "POST /internal/held/{id}"},
                     {"safe", true},
                     {"auth", signed_over_body}},
                    {{"name", "held-unsafe"},
                     {"match", "PATCH /internal/held/{id}"},
                     {"auth", signed_over_body}}};
  for (const char* method : {"GET", "POST", "PUT"}) {
    endpoints.push_back({{"name", std::string("chaos-") + static_cast<char>(method[0] + 32) +
                                      static_cast<char>(method[1] + 32)},
                         {"match", std::string(method) + " /internal/chaos/{id}"}});
  }
  Config config;
  config.services() = {{"chaos-service",
                        {{"service", "chaos-service"},
                         {"addresses", {owner}},
                         {"auth", open},
                         {"connections", kOwnerConnections / 2},
                         {"tenant", "none"},
                         {"breaker", false},  // it would rightly keep the calls from this owner
                         {"timeout", "30s"},
                         {"per_try_timeout", "25s"},
                         {"connect_timeout", "20s"},
                         {"endpoints", endpoints}}}};
  config.usher()["workers"] = 2;
  config.usher()["log"]["access"] = "off";
  return config;
}

std::size_t resident_bytes(const Process& process) {
  std::ifstream file("/proc/" + std::to_string(process.pid()) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("VmRSS:")) return std::stoul(line.substr(6)) * 1024;
  }
  return 0;
}

std::size_t open_files(const Process& process) {
  const std::filesystem::directory_iterator files("/proc/" + std::to_string(process.pid()) + "/fd");
  return static_cast<std::size_t>(std::distance(begin(files), end(files)));
}

class Chaos : public PlatformTest {
 protected:
  // Makes calls [first, first + count) with all consumers at once. Returns how many were answered
  // rightly.
  std::size_t make_calls(std::uint64_t first, std::uint64_t count);
  void expect_no_unsafe_call_ran_twice();
  void expect_nothing_left();

  Json connections() { return sidecar_.admin("/connections").json(); }
  Json host() { return connections().at("owners").at(0).at("hosts").at(0); }

  const std::uint64_t calls_ = number_from("USHER_CHAOS_CALLS", 3000);
  const std::uint64_t seed_ = number_from("USHER_CHAOS_SEED", 1);
  Complaints complaints_;
  // More threads than connections: one may still be busy with a connection that is closed already.
  chaos::Owner owner_{seed_, 4 * kOwnerConnections, complaints_};
  Sidecar sidecar_{chaos_config(owner_.address()), "payment-service"};
  std::size_t early_memory_ = 0;  // resident after a tenth of the calls
};

std::size_t Chaos::make_calls(std::uint64_t first, std::uint64_t count) {
  std::atomic<std::uint64_t> next = first;
  std::atomic<std::size_t> right = 0;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kConsumers; ++i) {
    threads.emplace_back([&, i] {
      Consumer consumer(seed_, sidecar_.port(), complaints_);
      chaos::Chance chance = chaos::chance_of(seed_, i, "batch");
      const std::uint64_t end = first + count;
      for (;;) {
        const std::uint64_t batch = chance.one_in(4) ? 2 + chance.below(4) : 1;
        const std::uint64_t begin = next.fetch_add(batch);
        std::vector<Call> calls;
        for (std::uint64_t n = begin; n < std::min(begin + batch, end); ++n) {
          calls.push_back(chaos::make_call(seed_, n));
          if (n == first + count / 10) early_memory_ = resident_bytes(sidecar_.process());
        }
        if (calls.empty()) break;
        consumer.make(calls);
      }
      right += consumer.right_answers();
    });
  }
  for (std::thread& thread : threads) thread.join();
  return right;
}

void Chaos::expect_no_unsafe_call_ran_twice() {
  for (std::uint64_t n = 0; n < calls_; ++n) {
    const Call call = chaos::make_call(seed_, n);
    // Three attempts, and one more on a fresh connection.
    const int most = call.is_repeatable() ? 4 : 1;
    const int executions = owner_.executions(n);
    if (executions > most) {
      complaints_.add(call.method + " " + std::to_string(n) + " came " +
                      std::to_string(executions) + " times");
    }
  }
}

// First all but idle connections to the owner is gone, then, when they have been idle for long
// enough, they too.
void Chaos::expect_nothing_left() {
  Json page;
  EXPECT_TRUE(eventually([&] {
    page = connections();
    const Json at_owner = page.at("owners").at(0).at("hosts").at(0);
    const Json& idle = at_owner.at("idle");
    return page.at("consumers").at("connections") == 0 && page.at("calls").at("active") == 0 &&
           page.at("exchanges").at("lent") == 0 && page.at("chunkBytes") == 0 &&
           page.at("streams") == idle && page.at("timers") == idle &&
           at_owner.at("connections") == idle && at_owner.at("waiting") == 0;
  })) << page;
  EXPECT_TRUE(eventually([&] {
    page = connections();
    return page.at("streams") == 0 && page.at("timers") == 0 && host().at("connections") == 0;
  })) << page;
}

TEST_F(Chaos, LeavesNothingBehindAndHarmsNobody) {
  std::cout << "seed " << seed_ << ", " << calls_ << " calls" << std::endl;
  // A loop opens its last descriptor with its first connection, so each worker has had some.
  EXPECT_EQ(make_calls(2 * chaos::kCalmFrom, kCalmCalls / 10), kCalmCalls / 10);
  expect_nothing_left();
  std::size_t files = 0;
  EXPECT_TRUE(
      eventually([&] { return std::exchange(files, open_files(sidecar_.process())) == files; }));

  const std::size_t right = make_calls(0, calls_);
  EXPECT_GT(right, calls_ / 3) << "the chaos is to leave many calls alone";
  expect_no_unsafe_call_ran_twice();
  EXPECT_EQ(complaints_.count(), 0U) << complaints_.text();
  expect_nothing_left();
  EXPECT_TRUE(eventually([&] { return open_files(sidecar_.process()) == files; }))
      << open_files(sidecar_.process()) << " files are open, " << files << " were at the start";
  const std::size_t memory = resident_bytes(sidecar_.process());
  std::cout << right << " right answers; resident after a tenth of the calls "
            << early_memory_ / 1024 << " KiB, at the end " << memory / 1024 << " KiB" << std::endl;
  if (kMemoryIsOurs) {
    EXPECT_LT(memory, early_memory_ + 8 * kMiB);
  }

  EXPECT_EQ(make_calls(chaos::kCalmFrom, kCalmCalls), kCalmCalls) << complaints_.text();
  sidecar_.process().signal(SIGTERM);
  EXPECT_EQ(sidecar_.process().wait(), 0);
}

}  // namespace
}  // namespace e2e
