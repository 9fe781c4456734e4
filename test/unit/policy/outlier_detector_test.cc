#include "policy/outlier_detector.h"

#include <gtest/gtest.h>

namespace usher::policy {
namespace {

class OutlierDetectorTest : public testing::Test {
 protected:
  OutlierDetectorTest() { use(4, 0); }

  void use(std::size_t hosts, double jitter) {
    OutlierOptions options;
    options.jitter = jitter;
    detector_.emplace(options);
    for (std::size_t host = 0; host < hosts; ++host) detector_->add(host);
  }
  bool record(std::size_t host, Verdict verdict) {
    return detector_->record(host, verdict, now_, random_);
  }
  bool fail(std::size_t host, int times) {
    bool ejected = false;
    for (int i = 0; i < times; ++i) ejected = record(host, Verdict::Failure);
    return ejected;
  }
  bool out(std::size_t host) { return detector_->is_ejected(host, now_); }

  Instant now_{};
  Random random_{std::uint64_t{1}};
  std::optional<OutlierDetector> detector_;
};

TEST_F(OutlierDetectorTest, FiveFailuresInARowEject) {
  EXPECT_FALSE(fail(1, 4));
  EXPECT_TRUE(fail(1, 1));
  EXPECT_TRUE(out(1));
  EXPECT_EQ(detector_->ejected(now_).size(), 1u);
  now_ += 10s - Duration(1);
  EXPECT_TRUE(out(1));
  now_ += Duration(1);
  EXPECT_FALSE(out(1));
}

TEST_F(OutlierDetectorTest, ASuccessBeginsTheCountAnew) {
  fail(1, 4);
  record(1, Verdict::Success);
  fail(1, 4);
  EXPECT_FALSE(out(1));
}

TEST_F(OutlierDetectorTest, IgnoredResultsChangeNothing) {
  fail(1, 4);
  for (int i = 0; i < 100; ++i) record(1, Verdict::Ignored);
  EXPECT_FALSE(out(1));
  EXPECT_TRUE(fail(1, 1));
}

TEST_F(OutlierDetectorTest, NeverMoreThanHalf) {
  for (std::size_t hosts = 1; hosts <= 9; ++hosts) {
    use(hosts, 0);
    for (int round = 0; round < 10; ++round) {
      for (std::size_t host = 0; host < hosts; ++host) fail(host, 1);
    }
    EXPECT_EQ(detector_->ejected(now_).size(), hosts / 2) << hosts;
  }
}

TEST_F(OutlierDetectorTest, WhenHalfAreBackTheNextMayGo) {
  use(2, 0);
  fail(0, 5);
  EXPECT_FALSE(fail(1, 5));
  now_ += 10s;
  EXPECT_TRUE(fail(1, 1));
  EXPECT_FALSE(fail(0, 5));
}

TEST_F(OutlierDetectorTest, TheTimeGrowsWhileItKeepsFailing) {
  fail(1, 5);
  Duration time = 10s;
  for (const Duration expected : {20s, 40s, 80s, 160s, 300s, 300s}) {
    now_ += time;
    EXPECT_FALSE(out(1));
    EXPECT_TRUE(fail(1, 1));  // one is enough now
    now_ += expected - 1s;
    EXPECT_TRUE(out(1));
    now_ -= expected - 1s;
    time = expected;
  }
}

TEST_F(OutlierDetectorTest, OneGoodAnswerEndsTheProbation) {
  fail(1, 5);
  now_ += 10s;
  record(1, Verdict::Success);
  EXPECT_FALSE(fail(1, 4));
  EXPECT_TRUE(fail(1, 1));
  now_ += 10s;
  EXPECT_TRUE(out(1));  // but not the growth
}

TEST_F(OutlierDetectorTest, AGoodTimeEndsTheGrowth) {
  fail(1, 5);
  now_ += 20s;
  record(1, Verdict::Success);
  fail(1, 5);
  now_ += 10s;
  EXPECT_FALSE(out(1));
}

TEST_F(OutlierDetectorTest, WhatEndsWhileItIsOutChangesNothing) {
  fail(1, 5);
  EXPECT_FALSE(fail(1, 100));
  record(1, Verdict::Success);
  now_ += 10s;
  EXPECT_FALSE(out(1));
  EXPECT_TRUE(fail(1, 1));
}

TEST_F(OutlierDetectorTest, JitterLengthensTheTime) {
  Duration longest{};
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    random_ = Random(seed);
    use(4, 0.5);
    fail(1, 5);
    now_ += 10s - Duration(1);
    ASSERT_TRUE(out(1));
    Duration time = 10s;
    while (detector_->is_ejected(1, now_ + (time - 10s))) time += 10ms;
    ASSERT_LE(time, 15s);
    longest = std::max(longest, time);
  }
  EXPECT_GT(longest, 14s);
}

TEST_F(OutlierDetectorTest, AHostThatComesIsNewEvenInAnOldSlot) {
  fail(1, 5);
  detector_->remove(1, now_);
  EXPECT_FALSE(out(1));
  detector_->add(1);
  EXPECT_FALSE(fail(1, 4));
  EXPECT_TRUE(fail(1, 1));
  now_ += 10s;
  EXPECT_FALSE(out(1)) << "its time does not grow on what another one did";
}

TEST_F(OutlierDetectorTest, AHostThatIsGoneIsNotCounted) {
  detector_->remove(0, now_);
  EXPECT_FALSE(fail(0, 100));
  EXPECT_TRUE(detector_->ejected(now_).empty());
}

TEST_F(OutlierDetectorTest, WhenOthersGoTheFirstComesBackEarly) {
  fail(2, 5);
  now_ += 1s;
  fail(1, 5);
  detector_->remove(3, now_);
  EXPECT_TRUE(out(1));
  EXPECT_FALSE(out(2)) << "two of three would be more than half";
  EXPECT_FALSE(fail(2, 1)) << "and still would";
  detector_->remove(0, now_);
  EXPECT_TRUE(out(1)) << "one of two";
  detector_->remove(2, now_);
  EXPECT_FALSE(out(1)) << "the last one";
}

TEST_F(OutlierDetectorTest, ZeroFailuresSwitchItOff) {
  detector_.emplace(OutlierOptions{.failures = 0});
  for (std::size_t host = 0; host < 4; ++host) detector_->add(host);
  fail(1, 100);
  EXPECT_FALSE(out(1));
}

}  // namespace
}  // namespace usher::policy
