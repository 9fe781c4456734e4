#include "policy/repeat_detector.h"

#include <gtest/gtest.h>

#include <string>

namespace usher::policy {
namespace {

constexpr Instant kStart{};

CallIdentity keyed(std::string_view key) {
  return {.endpoint = 1, .idempotency_key = key, .tenant = "t", .trace_id = {}, .target = {}};
}

CallIdentity traced(std::string_view trace, std::string_view target, std::uint64_t body = 0) {
  return {.endpoint = 1,
          .idempotency_key = {},
          .tenant = "t",
          .trace_id = trace,
          .target = target,
          .body_hash = body};
}

std::uint64_t print(const CallIdentity& call) {
  return RepeatDetector::fingerprint(call);
}

TEST(RepeatDetector, ReadsTheAttemptHeader) {
  const auto read = [](std::string_view value) {
    http::Fields fields;
    fields.add("X-Retry-Attempt", value, http::FieldId::RetryAttempt);
    return read_retry_attempt(fields);
  };
  EXPECT_EQ(read_retry_attempt(http::Fields{}), 0);
  EXPECT_EQ(read("0"), 0);
  EXPECT_EQ(read("2"), 2);
  EXPECT_EQ(read("-1"), 0);
  EXPECT_EQ(read("x"), 0);
  EXPECT_EQ(read("18446744073709551615"), 1000);
}

TEST(RepeatDetector, AFailedCallIsRecognisedForTenSeconds) {
  RepeatDetector detector;
  const std::uint64_t call = print(keyed("k"));
  EXPECT_FALSE(detector.repeats(call, kStart));
  detector.failed(call, kStart);
  EXPECT_TRUE(detector.repeats(call, kStart + 10s));
  EXPECT_FALSE(detector.repeats(call, kStart + 10'001ms));
  detector.failed(call, kStart + 20s);
  EXPECT_TRUE(detector.repeats(call, kStart + 30s));
}

TEST(RepeatDetector, TheKeyMakesTheCall) {
  EXPECT_EQ(print(keyed("k")), print(keyed("k")));
  EXPECT_NE(print(keyed("k")), print(keyed("l")));
  CallIdentity other_endpoint = keyed("k");
  other_endpoint.endpoint = 2;
  EXPECT_NE(print(keyed("k")), print(other_endpoint));
  CallIdentity other_tenant = keyed("k");
  other_tenant.tenant = "u";
  EXPECT_NE(print(keyed("k")), print(other_tenant));
  CallIdentity other_trace = keyed("k");
  other_trace.trace_id = "trace";
  EXPECT_EQ(print(keyed("k")), print(other_trace));
}

// One trace reads many resources: only the same one is a repeat.
TEST(RepeatDetector, WithoutAKeyTraceTargetAndBodyMakeIt) {
  EXPECT_EQ(print(traced("t1", "/a", 5)), print(traced("t1", "/a", 5)));
  EXPECT_NE(print(traced("t1", "/a")), print(traced("t1", "/b")));
  EXPECT_NE(print(traced("t1", "/a", 5)), print(traced("t1", "/a", 6)));
  EXPECT_NE(print(traced("t1", "/a")), print(traced("t2", "/a")));
  EXPECT_NE(print(traced("k", "")), print(keyed("k")));
}

TEST(RepeatDetector, WithoutEitherNothingIsRecognised) {
  RepeatDetector detector;
  const std::uint64_t call = print(traced("", "/a", 5));
  EXPECT_EQ(call, 0u);
  detector.failed(call, kStart);
  EXPECT_FALSE(detector.repeats(call, kStart));
}

TEST(RepeatDetector, IsBoundedAndForgetsTheOldest) {
  RepeatDetector detector;
  constexpr int kCalls = 100'000;
  for (int i = 0; i < kCalls; ++i) {
    detector.failed(print(keyed("k" + std::to_string(i))), kStart + Duration(i));
  }
  int known = 0;
  int known_of_the_last = 0;
  constexpr int kLast = 2'000;
  for (int i = 0; i < kCalls; ++i) {
    if (!detector.repeats(print(keyed("k" + std::to_string(i))), kStart + 1s)) continue;
    ++known;
    if (i >= kCalls - kLast) ++known_of_the_last;
  }
  EXPECT_LE(known, static_cast<int>(RepeatDetector::kCapacity));
  EXPECT_GT(known, 7'500);
  EXPECT_GT(known_of_the_last, kLast * 98 / 100);
}

}  // namespace
}  // namespace usher::policy
