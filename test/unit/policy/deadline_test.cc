#include "policy/deadline.h"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace usher::policy {
namespace {

constexpr Instant kStart{};

RequestTimeout read(const std::vector<std::string_view>& values) {
  http::Fields fields;
  fields.add("X-Tenant-ID", "5", http::FieldId::TenantId);
  for (const auto value : values) {
    fields.add("X-Request-Timeout-Ms", value, http::FieldId::RequestTimeoutMs);
  }
  return read_request_timeout(fields);
}

TEST(RequestTimeout, WholeMilliseconds) {
  EXPECT_EQ(read({}).value, std::nullopt);
  EXPECT_FALSE(read({}).invalid);
  EXPECT_EQ(read({"250"}).value, 250ms);
  EXPECT_EQ(read({"0"}).value, 0ms);
  EXPECT_EQ(read({"3600000"}).value, std::chrono::hours(1));
}

TEST(RequestTimeout, AnythingElseIsInvalidNotObeyed) {
  for (const std::vector<std::string_view>& values : {std::vector<std::string_view>{""},
                                                      {"-1"},
                                                      {"1.5"},
                                                      {"250ms"},
                                                      {"3600001"},
                                                      {" 1"},
                                                      {"99999999999999999999"},
                                                      {"100", "100"},
                                                      {"100", "x"},
                                                      {"x", "100"}}) {
    EXPECT_EQ(read(values).value, std::nullopt) << values.front();
    EXPECT_TRUE(read(values).invalid) << values.front();
  }
}

TEST(Deadline, TheConsumerMayOnlyShorten) {
  const auto at = [](const std::vector<std::string_view>& values) {
    return Deadline::of_call(kStart, 9s, read(values)).at() - kStart;
  };
  EXPECT_EQ(at({}), 9s);
  EXPECT_EQ(at({"2000"}), 2s);
  EXPECT_EQ(at({"20000"}), 9s);
  EXPECT_EQ(at({"nonsense"}), 9s);
}

TEST(Deadline, ZeroHasPassedAtOnce) {
  const Deadline deadline = Deadline::of_call(kStart, 9s, read({"0"}));
  EXPECT_TRUE(deadline.passed(kStart));
  EXPECT_LT(deadline.for_attempt(kStart, 1s), 1ms);
}

TEST(Deadline, TheDefaultNeverPasses) {
  EXPECT_FALSE(Deadline().passed(kStart + std::chrono::hours(1000)));
  EXPECT_EQ(Deadline().for_attempt(kStart, 3s), 3s);
  EXPECT_TRUE(Deadline().leaves_time_for(std::chrono::hours(10), std::chrono::hours(10), kStart));
}

// 250 ms in all, 100 ms a try, two of which fail: what each attempt is told.
TEST(Deadline, EachAttemptIsToldWhatIsLeft) {
  const Deadline deadline = Deadline::of_call(kStart, 250ms, {});
  EXPECT_EQ(deadline.for_attempt(kStart, 100ms), 100ms);
  EXPECT_EQ(deadline.for_attempt(kStart + 110ms, 100ms), 100ms);
  EXPECT_EQ(deadline.for_attempt(kStart + 215ms, 100ms), 33ms);
}

// Each sidecar in a chain tells the next one less than it was told.
TEST(Deadline, NestedCallsStrictlyDecrease) {
  Duration told = 50ms;
  int hops = 0;
  for (; told >= 1ms; ++hops) {
    const Deadline deadline = Deadline::of_call(kStart, 9s, {.value = told, .invalid = false});
    const Duration next = deadline.for_attempt(kStart, 3s);
    ASSERT_LT(next, told);
    told = next;
  }
  EXPECT_EQ(hops, 25);
}

TEST(Deadline, ARepeatMustBeAbleToFinish) {
  const Deadline deadline(kStart + 100ms);
  EXPECT_TRUE(deadline.leaves_time_for(50ms, 50ms, kStart));
  EXPECT_FALSE(deadline.leaves_time_for(51ms, 50ms, kStart));
  EXPECT_TRUE(deadline.leaves_time_for(90ms, 0ms, kStart));
  EXPECT_FALSE(deadline.leaves_time_for(91ms, 0ms, kStart));
  EXPECT_FALSE(deadline.leaves_time_for(0ms, 0ms, kStart + 200ms));
}

}  // namespace
}  // namespace usher::policy
