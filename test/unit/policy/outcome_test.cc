#include "policy/outcome.h"

#include <gtest/gtest.h>

namespace usher::policy {
namespace {

Verdict judge_end(AttemptEnd end, const FailureRules& rules = {}) {
  return judge({.end = end}, rules);
}

Verdict judge_answer(int status, const FailureRules& rules = {}) {
  return judge({.end = AttemptEnd::Answered, .status = status}, rules);
}

TEST(StatusSet, HoldsExactlyWhatWasAdded) {
  const StatusSet set{100, 163, 164, 599};
  for (int status = -1; status <= 700; ++status) {
    const bool expected = status == 100 || status == 163 || status == 164 || status == 599;
    EXPECT_EQ(set.contains(status), expected) << status;
  }
  EXPECT_EQ((StatusSet{0, 99, 600, 1000}), StatusSet{});
  EXPECT_EQ(StatusSet::range(500, 503, {501}), (StatusSet{500, 502, 503}));
}

TEST(Outcome, StatusTable) {
  for (int status = 100; status <= 599; ++status) {
    Verdict expected = Verdict::Success;
    if (status == 408 || status == 425 || status == 429) expected = Verdict::Ignored;
    if (status >= 500 && status != 501 && status != 505) expected = Verdict::Failure;
    EXPECT_EQ(judge_answer(status), expected) << status;
  }
}

TEST(Outcome, NoConfigurationMakesAnAnswerBelow500AFailure) {
  FailureRules rules;
  rules.statuses = StatusSet::range(100, 599);
  for (int status = 100; status < 500; ++status) {
    EXPECT_NE(judge_answer(status, rules), Verdict::Failure) << status;
  }
  EXPECT_EQ(judge_answer(501, rules), Verdict::Failure);
}

TEST(Outcome, AnUnlistedStatusIsASuccess) {
  FailureRules rules;
  rules.statuses = {503};
  EXPECT_EQ(judge_answer(500, rules), Verdict::Success);
  EXPECT_EQ(judge_answer(503, rules), Verdict::Failure);
}

TEST(Outcome, EndsThatBlameTheOwner) {
  EXPECT_EQ(judge_end(AttemptEnd::NotSent), Verdict::Failure);
  EXPECT_EQ(judge_end(AttemptEnd::Reset), Verdict::Failure);
  EXPECT_EQ(judge_end(AttemptEnd::TimedOut), Verdict::Failure);
  EXPECT_EQ(judge_end(AttemptEnd::BadAnswer), Verdict::Failure);
  EXPECT_EQ(judge_end(AttemptEnd::BodyCut), Verdict::Failure);
}

TEST(Outcome, EndsThatSayNothing) {
  for (const AttemptEnd end : {AttemptEnd::StaleConnection, AttemptEnd::Local,
                               AttemptEnd::ConsumerGone, AttemptEnd::Superseded}) {
    EXPECT_EQ(judge_end(end), Verdict::Ignored);
  }
}

TEST(Outcome, EndsCanBeSwitchedOff) {
  EXPECT_EQ(judge_end(AttemptEnd::NotSent, {.not_sent = false}), Verdict::Ignored);
  EXPECT_EQ(judge_end(AttemptEnd::Reset, {.reset = false}), Verdict::Ignored);
  EXPECT_EQ(judge_end(AttemptEnd::BodyCut, {.reset = false}), Verdict::Ignored);
  EXPECT_EQ(judge_end(AttemptEnd::TimedOut, {.timeout = false}), Verdict::Ignored);
  EXPECT_EQ(judge_end(AttemptEnd::BadAnswer, {.bad_answer = false}), Verdict::Ignored);
}

TEST(Outcome, AnImpatientConsumersTimeoutSaysNothing) {
  EXPECT_TRUE(is_hurried(249ms, 1s));
  EXPECT_FALSE(is_hurried(250ms, 1s));
  const Outcome hurried{.end = AttemptEnd::TimedOut, .hurried = true};
  EXPECT_EQ(judge(hurried, {}), Verdict::Ignored);
}

TEST(Outcome, WhatMayHaveArrived) {
  EXPECT_FALSE(may_have_arrived(AttemptEnd::NotSent));
  EXPECT_FALSE(may_have_arrived(AttemptEnd::Local));
  for (const AttemptEnd end : {AttemptEnd::Answered, AttemptEnd::StaleConnection, AttemptEnd::Reset,
                               AttemptEnd::TimedOut, AttemptEnd::BadAnswer, AttemptEnd::BodyCut,
                               AttemptEnd::ConsumerGone, AttemptEnd::Superseded}) {
    EXPECT_TRUE(may_have_arrived(end));
  }
}

}  // namespace
}  // namespace usher::policy
