// "retry", "retry_presets", "idempotent" and "idempotency_key".
#include "config/retry_settings.h"

#include <gmock/gmock.h>

#include "unit/config/loader_fixture.h"

namespace usher::config::test {
namespace {

using policy::IdempotentRule;
using policy::RetryOptions;
using policy::StatusSet;
using testing::ElementsAre;

class RetrySettingsTest : public LoaderTest {
 protected:
  // What a GET's "retry" of `json` becomes; `presets` are usher.json's.
  RetryOptions retry_of(const std::string& json, const std::string& presets = "{}") {
    directory_.write("usher.json", "{\"consumer\": \"c\", \"retry_presets\": " + presets + "}");
    directory_.write("services/a.json", service("a", "\"retry\": " + json + ","));
    return loaded()->endpoints[0]->policy.retry;
  }
};

TEST_F(RetrySettingsTest, BuiltIn) {
  EXPECT_EQ(with_usher(kUsher).size(), 0U);
  const auto snapshot = loaded();
  EXPECT_EQ(snapshot->endpoints[0]->policy.retry, RetryOptions{});
  EXPECT_TRUE(snapshot->endpoints[0]->policy.make_key);
  EXPECT_EQ(retry_of("{}"), RetryOptions{});
}

TEST_F(RetrySettingsTest, PresetsByName) {
  for (const std::string name : {"none", "fast", "standard", "aggressive", "patient"}) {
    EXPECT_EQ(retry_of('"' + name + '"'), *policy::retry_preset(name)) << name;
  }
  const RetryOptions slow = retry_of(R"("slow")", R"({"slow": {"initial_delay": "2s"}})");
  EXPECT_EQ(slow.backoff.initial_delay, Duration(2s));
  EXPECT_EQ(slow.attempts, 3);
}

TEST_F(RetrySettingsTest, PresetsMayBeRedefinedAndBuiltUponInTheirOrder) {
  const std::string presets = R"({"fast": {"preset": "fast", "attempts": 2},
                                  "faster": {"preset": "fast", "initial_delay": "10ms"}})";
  RetryOptions expected = *policy::retry_preset("fast");
  expected.attempts = 2;
  EXPECT_EQ(retry_of(R"("fast")", presets), expected);
  expected.backoff.initial_delay = 10ms;
  EXPECT_EQ(retry_of(R"("faster")", presets), expected);
}

TEST_F(RetrySettingsTest, EveryKeyOfAnObject) {
  RetryOptions expected = *policy::retry_preset("patient");
  expected.attempts = 10;
  expected.backoff = {.initial_delay = 1ms, .max_delay = 3ms};
  expected.on_not_sent = false;
  expected.on_reset = true;
  expected.on_timeout = false;
  expected.on_bad_answer = false;
  expected.statuses = StatusSet{400, 599};
  expected.retry_after_max = 7s;
  EXPECT_EQ(retry_of(R"({"preset": "patient", "attempts": 10, "initial_delay": "1ms",
                         "max_delay": "3ms", "on": ["reset-before-response"],
                         "statuses": [400, 599], "retry_after_max": "7s"})"),
            expected);
}

TEST_F(RetrySettingsTest, FailuresByTheirWords) {
  const std::pair<const char*, bool RetryOptions::*> words[] = {
      {"connect-failure", &RetryOptions::on_not_sent},
      {"reset-before-response", &RetryOptions::on_reset},
      {"timeout", &RetryOptions::on_timeout},
      {"bad-answer", &RetryOptions::on_bad_answer}};
  for (const auto& [word, member] : words) {
    RetryOptions expected;
    expected.on_not_sent = expected.on_reset = expected.on_timeout = expected.on_bad_answer = false;
    EXPECT_EQ(retry_of(R"({"on": []})"), expected);
    expected.*member = true;
    EXPECT_EQ(retry_of(std::string(R"({"on": [")") + word + "\"]}"), expected) << word;
  }
  EXPECT_EQ(retry_of(R"({"statuses": []})").statuses, StatusSet{});
}

TEST_F(RetrySettingsTest, ABoundThatIsNotWrittenIsRaised) {
  EXPECT_EQ(retry_of(R"({"initial_delay": "5s"})").backoff.max_delay, Duration(5s));
  EXPECT_EQ(retry_of(R"({"initial_delay": "10ms"})").backoff.max_delay, Duration(250ms));
}

TEST_F(RetrySettingsTest, InnermostCountsAsAWhole) {
  directory_.write("usher.json", R"({"consumer": "c", "defaults": {"retry": "patient",
      "idempotency_key": "pass"}})");
  directory_.write("services/a.json", R"({"service": "a", "addresses": ["http://a"],
      "retry": {"attempts": 9, "statuses": [503]}, "endpoints": [
      {"name": "own", "match": "GET /1", "retry": {"max_delay": "1s"},
       "idempotency_key": "generate"},
      {"name": "inherits", "match": "GET /2"}]})");
  directory_.write("services/b.json", R"({"service": "b", "addresses": ["http://b"],
      "endpoints": [{"name": "default", "match": "GET /3"}]})");
  const auto snapshot = loaded();
  RetryOptions expected;
  expected.backoff.max_delay = 1s;
  EXPECT_EQ(snapshot->endpoints[0]->policy.retry, expected);
  EXPECT_TRUE(snapshot->endpoints[0]->policy.make_key);
  EXPECT_EQ(snapshot->endpoints[1]->policy.retry.attempts, 9);
  EXPECT_EQ(snapshot->endpoints[1]->policy.retry.statuses, StatusSet{503});
  EXPECT_FALSE(snapshot->endpoints[1]->policy.make_key);
  EXPECT_EQ(snapshot->endpoints[2]->policy.retry, *policy::retry_preset("patient"));
}

TEST_F(RetrySettingsTest, Mistakes) {
  const std::string names = "one of \"none\", \"fast\", \"standard\", \"aggressive\", \"patient\"";
  const std::string without_effect =
      " has no effect on a call with one attempt, which is never tried again; leave it out or "
      "raise \"attempts\"";
  const std::string delay =
      "; expected a duration from 0s to 1h, such as \"250ms\", \"5s\" or "
      "\"1m\"";
  const std::pair<std::string, std::string> cases[] = {
      {"\"fats\"",
       "10: \"retry\": there is no preset \"fats\"; did you mean \"fast\"? Expected " + names},
      {"\"xyzzyxyzzy\"", "10: \"retry\": there is no preset \"xyzzyxyzzy\"; expected " + names},
      {"true", "10: \"retry\" is true; expected a preset's name or an object"},
      {"{\"preset\": 1}", "21: \"preset\" is 1; expected " + names},
      {"{\"preset\": \"Fast\"}",
       "21: \"preset\": there is no preset \"Fast\"; did you mean \"fast\"? Expected " + names},
      {"{\"attempt\": 1}",
       "11: unknown key \"attempt\"; did you mean \"attempts\"? Allowed here: \"preset\", "
       "\"attempts\", \"initial_delay\", \"max_delay\", \"on\", \"statuses\", "
       "\"retry_after_max\""},
      {"{\"attempts\": 0}", "23: \"attempts\" is 0; expected a whole number from 1 to 10"},
      {"{\"attempts\": 11}", "23: \"attempts\" is 11; expected a whole number from 1 to 10"},
      {"{\"initial_delay\": \"2\"}", "28: \"initial_delay\" is \"2\"" + delay},
      {"{\"max_delay\": 2}", "24: \"max_delay\" is 2" + delay},
      {"{\"max_delay\": \"20ms\"}",
       "24: \"max_delay\" of 20ms is shorter than \"initial_delay\" of 25ms; raise it or lower "
       "\"initial_delay\""},
      {"{\"on\": \"timeout\"}",
       "17: \"on\" is \"timeout\"; expected a list such as [\"connect-failure\", \"timeout\"]"},
      {"{\"on\": [\"timeout\", \"reset\"]}",
       "29: \"on\" is \"reset\"; did you mean \"reset-before-response\"? Expected one of "
       "\"connect-failure\", \"reset-before-response\", "
       "\"timeout\", \"bad-answer\""},
      {"{\"statuses\": 503}", "23: \"statuses\" is 503; expected a list such as [503, 504]"},
      {"{\"statuses\": [503, 399]}", "29: \"statuses\" is 399; expected statuses from 400 to 599"},
      {"{\"statuses\": [600]}", "24: \"statuses\" is 600; expected statuses from 400 to 599"},
      {"{\"statuses\": [\"5xx\"]}",
       "24: \"statuses\" is \"5xx\"; expected statuses from 400 to 599"},
      {"{\"retry_after_max\": \"2h\"}", "30: \"retry_after_max\" is \"2h\"" + delay},
      {"{\"attempts\": 1, \"max_delay\": \"1s\"}", "39: \"max_delay\"" + without_effect},
      {"{\"preset\": \"none\", \"on\": []}", "35: \"on\"" + without_effect},
  };
  for (const auto& [retry, message] : cases) {
    EXPECT_THAT(with_endpoint_member("\"retry\": " + retry),
                ElementsAre("services/a.json:2:" + message))
        << retry;
  }
}

TEST_F(RetrySettingsTest, MistakesInPresets) {
  const std::pair<std::string, std::string> cases[] = {
      {"[]", "18: \"retry_presets\" is an array; expected an object of named retry objects"},
      {"{\"a\": \"fast\"}", "24: \"a\" is \"fast\"; expected an object"},
      {"{\"A b\": {}}",
       "19: a preset cannot be called \"A b\"; expected a name of 1 to 64 of a-z, 0-9 and -"},
      {"{\"a\": {\"attempts\": 20}}",
       "37: \"attempts\" is 20; expected a whole number from 1 to 10"},
      {"{\"early\": {\"preset\": \"late\"}, \"late\": {}}",
       "39: \"preset\": there is no preset \"late\"; expected one of \"none\", \"fast\", "
       "\"standard\", \"aggressive\", \"patient\""},
  };
  for (const auto& [presets, message] : cases) {
    EXPECT_THAT(with_usher("{\"consumer\": \"a\",\n\"retry_presets\": " + presets + "}"),
                ElementsAre("usher.json:2:" + message))
        << presets;
  }
}

TEST_F(RetrySettingsTest, UnreadablePresetsAreOneMistake) {
  directory_.write("services/a.json", service("a", R"("retry": "slow",)"));
  directory_.write("usher.json", R"({"consumer": "c", "retry_presets": {"slow": {}},})");
  EXPECT_THAT(problems_of(directory_), ElementsAre(testing::StartsWith("usher.json:1:")));
  directory_.write("usher.json", R"({"consumer": "c", "retry_presets": ["slow"]})");
  EXPECT_THAT(problems_of(directory_), ElementsAre(testing::StartsWith("usher.json:1:")));
}

TEST_F(RetrySettingsTest, AKeyMakesAMutationRepeatable) {
  directory_.write("usher.json", kUsher);
  directory_.write("services/a.json", R"({"service": "a", "addresses": ["http://a"],
      "idempotent": "key", "endpoints": [
      {"name": "post", "match": "POST /1"}, {"name": "put", "match": "PUT /1"},
      {"name": "get", "match": "GET /1"}, {"name": "safe", "match": "POST /2", "safe": true},
      {"name": "never", "match": "POST /3", "idempotent": false}]})");
  const auto snapshot = loaded();
  const auto rule = [&](std::size_t i) { return snapshot->endpoints[i]->policy.idempotent; };
  EXPECT_EQ(rule(0), IdempotentRule::Key);
  EXPECT_EQ(rule(1), IdempotentRule::Key);
  EXPECT_EQ(rule(2), IdempotentRule::ByMethod) << "a read has no key, and needs none";
  EXPECT_EQ(rule(3), IdempotentRule::ByMethod);
  EXPECT_EQ(rule(4), IdempotentRule::No);
}

TEST_F(RetrySettingsTest, MistakesAboutRepetition) {
  const std::pair<std::string, std::string> cases[] = {
      {"\"idempotent\": 1", "2:15: \"idempotent\" is 1; expected true, false or \"key\""},
      {"\"idempotent\": \"keys\"",
       "2:15: \"idempotent\" is \"keys\"; expected true, false or \"key\""},
      {"\"idempotency_key\": true",
       "2:20: \"idempotency_key\" is true; expected one of \"generate\", \"pass\""},
      {"\"safe\": true, \"idempotent\": \"key\"",
       "2:29: \"idempotent\": \"key\" stands at an endpoint that only reads, which may be "
       "repeated without a key; leave it out"},
  };
  for (const auto& [member, message] : cases) {
    EXPECT_THAT(with_endpoint_member(member), ElementsAre("services/a.json:" + message)) << member;
  }
}

}  // namespace
}  // namespace usher::config::test
