// "fallback".
#include "config/fallback_settings.h"

#include <gmock/gmock.h>

#include "unit/config/loader_fixture.h"

namespace usher::config::test {
namespace {

using policy::Fallback;
using policy::StatusSet;
using testing::ElementsAre;

class FallbackSettingsTest : public LoaderTest {
 protected:
  Fallback fallback_of(const std::string& json) {
    directory_.write("usher.json", kUsher);
    directory_.write("services/a.json", service("a", "", ", \"fallback\": " + json));
    const auto snapshot = loaded();
    if (snapshot == nullptr || !snapshot->endpoints[0]->policy.fallback) {
      ADD_FAILURE() << json;
      return {};
    }
    return *snapshot->endpoints[0]->policy.fallback;
  }
};

TEST_F(FallbackSettingsTest, NoneByItself) {
  with_usher(kUsher);
  EXPECT_FALSE(loaded()->endpoints[0]->policy.fallback);
}

TEST_F(FallbackSettingsTest, JsonIsSentWithoutSpace) {
  const std::pair<std::string, std::string> bodies[] = {
      {"null", "null"},
      {"true", "true"},
      {"-1.50", "-1.50"},
      {"[ ]", "[]"},
      {"{ \"tickets\" : [ 1,\n 2 ], \"a b\\\" c\": \" d \" }",
       "{\"tickets\":[1,2],\"a b\\\" c\":\" d \"}"},
  };
  for (const auto& [json, body] : bodies) {
    const Fallback fallback = fallback_of("{\"body\": " + json + "}");
    EXPECT_EQ(fallback.body, body);
    EXPECT_EQ(fallback.status, 200);
    EXPECT_EQ(fallback.content_type, "application/json");
    EXPECT_EQ(fallback.on, (StatusSet{502, 503, 504}));
  }
}

TEST_F(FallbackSettingsTest, EveryKey) {
  const Fallback fallback = fallback_of(R"({"status": 404, "body": "not\nhere \u00e9",
      "content_type": "text/plain; charset=utf-8", "on": [500, 599]})");
  EXPECT_EQ(fallback.status, 404);
  EXPECT_EQ(fallback.body, "not\nhere \xc3\xa9");
  EXPECT_EQ(fallback.content_type, "text/plain; charset=utf-8");
  EXPECT_EQ(fallback.on, (StatusSet{500, 599}));
  EXPECT_EQ(fallback_of(R"({"body": {}, "content_type": "application/problem+json"})").body, "{}");
}

TEST_F(FallbackSettingsTest, AnAnswerWithoutABody) {
  const Fallback fallback = fallback_of(R"({"status": 204})");
  EXPECT_EQ(fallback.body, "");
  EXPECT_EQ(fallback.content_type, "");
}

TEST_F(FallbackSettingsTest, Mistakes) {
  const std::string no_body =
      " has no effect, since an answer with status 204 has no body; leave it out or choose another "
      "status";
  const std::string type = "; expected a media type such as \"text/plain\"";
  const std::pair<std::string, std::string> cases[] = {
      {"[]", "13: \"fallback\" is an array; expected an object"},
      {"{}", "13: \"body\" is missing; it is required here"},
      {"{\"body\": 1, \"stats\": 1}",
       "25: unknown key \"stats\"; did you mean \"status\"? Allowed here: \"status\", \"body\", "
       "\"content_type\", \"on\""},
      {"{\"body\": 1, \"status\": 199}",
       "35: \"status\" is 199; expected a whole number from 200 to 599"},
      {"{\"body\": 1, \"on\": [404]}", "32: \"on\" is 404; expected statuses from 500 to 599"},
      {"{\"body\": \"x\"}",
       "22: \"body\" is a string, which is sent as it is; write its \"content_type\" beside it"},
      {"{\"body\": 1, \"content_type\": \"json\"}", "41: \"content_type\" is \"json\"" + type},
      {"{\"body\": 1, \"content_type\": \"a/b\\r\\nX: y\"}",
       "41: \"content_type\" is \"a/b\\u000d\\u000aX: y\"" + type},
      {"{\"body\": 1, \"status\": 204}", "22: \"body\"" + no_body},
      {"{\"content_type\": \"a/b\", \"status\": 204}", "30: \"content_type\"" + no_body},
      {"{\"body\": [\"" + std::string(65'536, 'x') + "\"]}",
       "22: \"body\" is longer than 64KiB; choose a shorter answer"},
  };
  for (const auto& [fallback, message] : cases) {
    EXPECT_THAT(with_endpoint_member("\"fallback\": " + fallback),
                ElementsAre("services/a.json:2:" + message))
        << fallback.substr(0, 100);
  }
  EXPECT_THAT(with_member("\"fallback\": {}"),
              ElementsAre("services/a.json:2:1: the key \"fallback\" stands at endpoints only; "
                          "write it at each that it is for"));
}

}  // namespace
}  // namespace usher::config::test
