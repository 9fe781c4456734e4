// "breaker", and the numbers with a fraction that came with it.
#include "config/breaker_settings.h"

#include <gmock/gmock.h>

#include "unit/config/loader_fixture.h"

namespace usher::config::test {
namespace {

using policy::BreakerOptions;
using policy::BreakerScope;
using policy::StatusSet;
using testing::ElementsAre;

class BreakerSettingsTest : public LoaderTest {
 protected:
  // What an endpoint's policy becomes with its service's "breaker" of `json`.
  policy::EndpointPolicy with_breaker(const std::string& json) {
    directory_.write("usher.json", kUsher);
    directory_.write("services/a.json", service("a", "\"breaker\": " + json + ","));
    return loaded()->endpoints[0]->policy;
  }
};

TEST_F(BreakerSettingsTest, Names) {
  with_usher(kUsher);
  EXPECT_EQ(loaded()->endpoints[0]->policy.breaker, BreakerOptions::rates());
  EXPECT_EQ(loaded()->endpoints[0]->policy.breaker_scope, BreakerScope::Endpoint);
  EXPECT_EQ(with_breaker("\"rates\"").breaker, BreakerOptions::rates());
  EXPECT_EQ(with_breaker("\"platform\"").breaker, BreakerOptions{});
  EXPECT_EQ(with_breaker("\"platform\"").breaker_scope, BreakerScope::Endpoint);
  EXPECT_EQ(with_breaker("false").breaker_scope, BreakerScope::Off);
  EXPECT_EQ(with_breaker("{}").breaker, BreakerOptions::rates());
}

TEST_F(BreakerSettingsTest, AThresholdMakesItTheCountingBreaker) {
  BreakerOptions expected;
  expected.failure_threshold = 7;
  EXPECT_EQ(with_breaker(R"({"failure_threshold": 7})").breaker, expected);
  expected.reset_timeout = 90s;
  expected.reset_timeout_max = 90s;
  EXPECT_EQ(with_breaker(R"({"reset_timeout": "90s", "failure_threshold": 7})").breaker, expected)
      << "a bound that is not written is raised";
  expected = BreakerOptions::rates();
  expected.success_threshold = 2;
  EXPECT_EQ(with_breaker(R"({"success_threshold": 2})").breaker, expected);
}

TEST_F(BreakerSettingsTest, EveryKey) {
  BreakerOptions expected;
  expected.window = 20s;
  expected.consecutive_failures = 6;
  expected.failure_threshold = 1000;
  expected.failure_rate = 0.25;
  expected.slow_rate = 1;
  expected.slow_call = 800ms;
  expected.minimum_calls = 30;
  expected.reset_timeout = 2s;
  expected.reset_timeout_max = 2s;
  expected.jitter = 0;
  expected.half_open_calls = 16;
  expected.success_threshold = 4;
  expected.shadow = true;
  expected.failures.not_sent = false;
  expected.failures.reset = false;
  expected.failures.bad_answer = false;
  expected.failures.statuses = StatusSet{500, 599};
  const auto policy = with_breaker(R"({"scope": "endpoint", "failure_threshold": 1000,
      "consecutive_failures": 6, "failure_rate": 0.25, "slow_rate": 1, "slow_call": "800ms",
      "minimum_calls": 30, "window": "20s", "reset_timeout": "2s", "reset_timeout_max": "2s",
      "jitter": 0.0, "half_open_calls": 16, "success_threshold": 4, "shadow": true,
      "failures": {"on": ["timeout"], "statuses": [500, 599]}})");
  EXPECT_EQ(policy.breaker, expected);
  EXPECT_EQ(policy.breaker_scope, BreakerScope::Endpoint);
}

TEST_F(BreakerSettingsTest, AServicesOwnIsSharedByThoseThatInheritIt) {
  directory_.write("usher.json", R"({"consumer": "c", "defaults": {
      "breaker": {"scope": "service", "consecutive_failures": 9}}})");
  directory_.write("services/a.json", R"({"service": "a", "addresses": ["http://a"], "endpoints": [
      {"name": "inherits", "match": "GET /1"},
      {"name": "own", "match": "GET /2", "breaker": {"consecutive_failures": 2}}]})");
  directory_.write("services/b.json", R"({"service": "b", "addresses": ["http://b"],
      "breaker": {"scope": "service", "failure_threshold": 3}, "endpoints": [
      {"name": "inherits", "match": "GET /3"},
      {"name": "none", "match": "GET /4", "breaker": false}]})");
  directory_.write("services/c.json", R"({"service": "c", "addresses": ["http://c"],
      "breaker": "platform", "endpoints": [{"name": "each", "match": "GET /5"}]})");
  const auto snapshot = loaded();
  ASSERT_NE(snapshot, nullptr);
  const auto policy = [&](std::size_t i) { return snapshot->endpoints[i]->policy; };
  EXPECT_EQ(policy(0).breaker_scope, BreakerScope::Service);
  EXPECT_EQ(policy(1).breaker_scope, BreakerScope::Endpoint);
  EXPECT_EQ(policy(1).breaker.consecutive_failures, 2);
  EXPECT_EQ(policy(2).breaker_scope, BreakerScope::Service);
  EXPECT_EQ(policy(3).breaker_scope, BreakerScope::Off);
  EXPECT_EQ(policy(4).breaker_scope, BreakerScope::Endpoint);
  EXPECT_EQ(policy(4).breaker, BreakerOptions{});
  BreakerOptions of_defaults = BreakerOptions::rates();
  of_defaults.consecutive_failures = 9;
  EXPECT_EQ(snapshot->clusters[0].breaker, of_defaults);
  EXPECT_EQ(snapshot->clusters[1].breaker.failure_threshold, 3);
  EXPECT_EQ(snapshot->clusters[2].breaker, BreakerOptions::rates()) << "nobody asks it";
}

TEST_F(BreakerSettingsTest, AnInheritedSlowCallIsCutToTheTry) {
  directory_.write("usher.json", kUsher);
  directory_.write("services/a.json", R"({"service": "a", "addresses": ["http://a"],
      "breaker": {"slow_rate": 0.5, "slow_call": "2s"}, "endpoints": [
      {"name": "e", "match": "GET /1", "per_try_timeout": "1s"}]})");
  EXPECT_EQ(loaded()->endpoints[0]->policy.breaker.slow_call, Duration(1s));
}

TEST_F(BreakerSettingsTest, Mistakes) {
  const std::string duration =
      "; expected a duration from 1ms to 1h, such as \"250ms\", \"5s\" or \"1m\"";
  const std::string rate = "; expected a number from 0 to 1";
  const std::pair<std::string, std::string> cases[] = {
      {"true", "12: \"breaker\" is true; expected false, \"platform\", \"rates\" or an object"},
      {"\"rate\"",
       "12: \"breaker\" is \"rate\"; did you mean \"rates\"? Expected false, \"platform\", "
       "\"rates\" or an object"},
      {"{\"threshold\": 5}",
       "13: unknown key \"threshold\"; allowed here: \"scope\", \"failure_threshold\", "
       "\"consecutive_failures\", \"failure_rate\", \"slow_rate\", \"slow_call\", "
       "\"minimum_calls\", \"window\", \"reset_timeout\", \"reset_timeout_max\", \"jitter\", "
       "\"half_open_calls\", \"success_threshold\", \"shadow\", \"failures\""},
      {"{\"scope\": \"host\"}",
       "22: \"scope\" is \"host\"; expected one of \"endpoint\", \"service\""},
      {"{\"scope\": \"service\"}",
       "22: \"scope\": \"service\" stands at an endpoint, but says something of all of its "
       "service; move this breaker to the service, or leave \"scope\" out"},
      {"{\"failure_threshold\": 0}",
       "34: \"failure_threshold\" is 0; expected a whole number from 1 to 1000"},
      {"{\"failure_threshold\": 1001}",
       "34: \"failure_threshold\" is 1001; expected a whole number from 1 to 1000"},
      {"{\"consecutive_failures\": -1}",
       "37: \"consecutive_failures\" is -1; expected a whole number from 0 to 1000"},
      {"{\"failure_rate\": 1.01}", "29: \"failure_rate\" is 1.01" + rate},
      {"{\"failure_rate\": -0.5}", "29: \"failure_rate\" is -0.5" + rate},
      {"{\"failure_rate\": 5e-7}", ""},
      {"{\"failure_rate\": 1e300}", "29: \"failure_rate\" is 1e300" + rate},
      {"{\"failure_rate\": \"50%\"}", "29: \"failure_rate\" is \"50%\"" + rate},
      {"{\"slow_rate\": 2, \"slow_call\": \"1s\"}", "26: \"slow_rate\" is 2" + rate},
      {"{\"slow_rate\": 0.5, \"slow_call\": 1}", "44: \"slow_call\" is 1" + duration},
      {"{\"minimum_calls\": 0}",
       "30: \"minimum_calls\" is 0; expected a whole number from 1 to 1000000"},
      {"{\"window\": \"50ms\"}",
       "23: \"window\" is \"50ms\"; expected a duration from 100ms to 1h, such as \"250ms\", "
       "\"5s\" or \"1m\""},
      {"{\"reset_timeout\": \"0s\"}", "30: \"reset_timeout\" is \"0s\"" + duration},
      {"{\"reset_timeout_max\": \"4s\"}",
       "34: \"reset_timeout_max\" of 4s is shorter than \"reset_timeout\" of 5s; raise it or lower "
       "\"reset_timeout\""},
      {"{\"jitter\": 1.5}", "23: \"jitter\" is 1.5" + rate},
      {"{\"half_open_calls\": 17}",
       "32: \"half_open_calls\" is 17; expected a whole number from 1 to 16"},
      {"{\"success_threshold\": 0}",
       "34: \"success_threshold\" is 0; expected a whole number from 1 to 1000"},
      {"{\"shadow\": 1}", "23: \"shadow\" is 1; expected true or false"},
      {"{\"failures\": [500]}", "25: \"failures\" is an array; expected an object"},
      {"{\"failures\": {\"on\": [\"5xx\"]}}",
       "33: \"on\" is \"5xx\"; expected one of \"connect-failure\", \"reset-before-response\", "
       "\"timeout\", \"bad-answer\""},
      {"{\"failures\": {\"statuses\": [429]}}",
       "39: \"statuses\" is 429; expected statuses from 500 to 599"},
      {"{\"failures\": {\"status\": []}}",
       "26: unknown key \"status\"; did you mean \"statuses\"? Allowed here: \"on\", "
       "\"statuses\""},
  };
  for (const auto& [breaker, message] : cases) {
    const auto problems = with_endpoint_member("\"breaker\": " + breaker);
    if (message.empty()) {
      EXPECT_THAT(problems, testing::IsEmpty()) << breaker;
    } else {
      EXPECT_THAT(problems, ElementsAre("services/a.json:2:" + message)) << breaker;
    }
  }
}

TEST_F(BreakerSettingsTest, WhatCannotHaveAnEffectIsAMistake) {
  const std::string instead = "; leave it out or write that too";
  const std::pair<std::string, std::string> cases[] = {
      {"{\"consecutive_failures\": 0, \"failure_rate\": 0}",
       "12: this breaker never opens, since all that could open it is 0; write false to have "
       "none"},
      {"{\"failure_threshold\": 5, \"minimum_calls\": 5}",
       "54: \"minimum_calls\" has no effect without \"failure_rate\" or \"slow_rate\"" + instead},
      {"{\"failure_rate\": 0, \"window\": \"5s\"}",
       "42: \"window\" has no effect without \"failure_threshold\" or a rate" + instead},
      {"{\"slow_call\": \"1s\"}",
       "26: \"slow_call\" has no effect without \"slow_rate\"" + instead},
      {"{\"slow_rate\": 0.5}", "26: \"slow_rate\" has no effect without \"slow_call\"" + instead},
  };
  for (const auto& [breaker, message] : cases) {
    EXPECT_THAT(with_endpoint_member("\"breaker\": " + breaker),
                ElementsAre("services/a.json:2:" + message))
        << breaker;
  }
}

TEST_F(BreakerSettingsTest, ASlowCallThatNoAttemptTakesIsSuspicious) {
  EXPECT_THAT(
      warnings_with_endpoint_member("\"breaker\": {\"slow_rate\": 0.5, \"slow_call\": \"4s\"}"),
      ElementsAre("services/a.json:2:44: warning: \"slow_call\" of 4s is longer than "
                  "\"per_try_timeout\" of 3s (built-in), which ends first; lower it or "
                  "raise \"per_try_timeout\""));
  EXPECT_THAT(
      warnings_with_endpoint_member("\"breaker\": {\"slow_rate\": 0.5, \"slow_call\": \"3s\"}"),
      testing::IsEmpty());
}

}  // namespace
}  // namespace usher::config::test
