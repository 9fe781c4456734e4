// What is legal, but hardly meant so: that it is said, and that the good form is let pass.
#include "config/lint.h"

#include <gmock/gmock.h>

#include "unit/config/loader_fixture.h"

namespace usher::config::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class LintTest : public LoaderTest {
 protected:
  // A service whose endpoints stand on the lines from the second on.
  std::vector<std::string> warnings(const std::vector<std::string>& endpoints,
                                    const std::string& usher = kUsher) {
    std::string text = R"({"service": "a", "addresses": ["http://a:1"], "endpoints": [)";
    for (const std::string& endpoint : endpoints) {
      text += (&endpoint == endpoints.data() ? "\n{" : ",\n{") + endpoint + "}";
    }
    directory_.write("usher.json", usher);
    directory_.write("services/a.json", text + "\n]}");
    return warnings_of(directory_);
  }
  // Those of one endpoint, the name and "match" of which are `match`.
  std::vector<std::string> warnings_at(const std::string& match, const std::string& members) {
    return warnings({"\"name\": \"e\", \"match\": \"" + match + "\", " + members});
  }
};

// --- what may be sent twice
// -----------------------------------------------------------------------

constexpr const char* kWithoutKey =
    "with \"idempotent\": true a POST or PATCH that fails is sent again without a key by which its "
    "owner could know it; write \"key\" where the owner honours Idempotency-Key, \"safe\": true "
    "where it only reads, or \"retry\": \"none\"";

TEST_F(LintTest, MutationsThatAreRepeatedWithoutAKey) {
  for (const std::string method : {"POST /a", "PATCH /"}) {
    EXPECT_THAT(warnings_at(method, "\"idempotent\": true"),
                ElementsAre(std::string("services/a.json:2:49: warning: ") + kWithoutKey));
  }
  for (const char* good :
       {"\"idempotent\": \"key\"", "\"idempotent\": true, \"safe\": true",
        "\"idempotent\": true, \"retry\": \"none\"", "\"idempotent\": false", "\"safe\": true"}) {
    EXPECT_THAT(warnings_at("POST /a", good), IsEmpty()) << good;
  }
  EXPECT_THAT(warnings_at("PUT /a", "\"idempotent\": true"), IsEmpty());
}

TEST_F(LintTest, DeadlinesThatAreShorterThanOneTry) {
  EXPECT_THAT(warnings_at("GET /a", "\"timeout\": \"1s\""),
              ElementsAre(HasSubstr("is shorter than one try may take (\"per_try_timeout\" of 3s, "
                                    "built-in)")));
  for (const char* good : {"\"timeout\": \"4s\"", "\"timeout\": \"1s\", \"retry\": \"none\"",
                           "\"timeout\": \"1s\", \"per_try_timeout\": \"400ms\""}) {
    EXPECT_THAT(warnings_at("GET /a", good), IsEmpty()) << good;
  }
}

TEST_F(LintTest, AreSaidOnceWhereTheyInheritIt) {
  const std::vector<std::string> endpoints = {R"("name": "e", "match": "POST /a")",
                                              R"("name": "f", "match": "POST /b")",
                                              R"("name": "g", "match": "GET /b")"};
  EXPECT_THAT(warnings(endpoints, "{\"consumer\": \"c\", \"defaults\": {\"idempotent\": true}}"),
              ElementsAre(std::string("usher.json:1:46: warning: ") + kWithoutKey));
  EXPECT_THAT(
      warnings({endpoints.back()}, "{\"consumer\": \"c\", \"defaults\": {\"idempotent\": true}}"),
      IsEmpty());
}

TEST_F(LintTest, RetriesOfWhatMayNotBeRepeated) {
  const char* const kMessage =
      "\"retry\" stands at an endpoint whose calls may not be sent twice, so that only those that "
      "did not get out are tried again; write \"idempotent\": \"key\" where the owner honours "
      "Idempotency-Key, \"safe\": true where it only reads, or leave \"retry\" out";
  EXPECT_THAT(warnings_at("POST /a", "\"retry\": \"fast\""),
              ElementsAre(std::string("services/a.json:2:44: warning: ") + kMessage));
  EXPECT_THAT(warnings_at("GET /a", R"("idempotent": false, "retry": {"attempts": 2})"),
              ElementsAre(std::string("services/a.json:2:64: warning: ") + kMessage));
  for (const char* good :
       {"\"retry\": \"none\"", R"("retry": {"attempts": 1})", R"("retry": "fast", "safe": true)",
        R"("retry": "fast", "idempotent": "key")"}) {
    EXPECT_THAT(warnings_at("POST /a", good), IsEmpty()) << good;
  }
  EXPECT_THAT(warnings_at("GET /a", "\"retry\": \"fast\""), IsEmpty());
}

// --- whose answer is kept
// -------------------------------------------------------------------------

TEST_F(LintTest, AnswersOfOneUserThatAreKeptForAll) {
  const std::string me =
      ", the answer depends on the user, but it is kept for the whole tenant; write "
      "\"scope\": \"user\"";
  const std::pair<const char*, const char*> cases[] = {
      {"/users/me", "by \"me\" in its path"},
      {"/My/tickets", "by \"My\" in its path"},
      {"/session/whoami", "by \"whoami\" in its path"},
      {"/a/self", "by \"self\" in its path"},
      {"/current_user/orders", "by \"current_user\" in its path"},
  };
  for (const auto& [path, why] : cases) {
    EXPECT_THAT(warnings_at("GET " + std::string(path), "\"cache\": {}"),
                ElementsAre(StartsWith(
                    "services/a.json:2:" + std::to_string(41 + std::string(path).size()) +
                    ": warning: " + why + me)))
        << path;
    for (const char* good :
         {R"("cache": {"scope": "user"})", R"("cache": {"vary": ["user"]})", "\"cache\": false"}) {
      EXPECT_THAT(warnings_at("GET " + std::string(path), good), IsEmpty()) << path << good;
    }
  }
  EXPECT_THAT(warnings({R"("name": "my-tickets", "match": "GET /tickets", "cache": {})"}),
              ElementsAre("services/a.json:2:58: warning: by its name" + me));
  for (const char* good :
       {"/methods", "/users/{userId}/me", "/mine-sites", "/selfies", "/a/{me}"}) {
    EXPECT_THAT(warnings_at("GET " + std::string(good), "\"cache\": {}"), IsEmpty()) << good;
  }
  EXPECT_THAT(warnings({R"("name": "mystery-self-test", "match": "GET /a", "cache": {})"}),
              IsEmpty());
}

TEST_F(LintTest, AnswersWhoseTagSaysWhoseTheyAre) {
  EXPECT_THAT(
      warnings_at("GET /profile", R"("cache": {"tags": ["user:{response:/owner/user_id}"]})"),
      ElementsAre(
          "services/a.json:2:49: warning: by its tag \"user:{response:/owner/user_id}\", the "
          "answer depends on the user, but it is kept for the whole tenant; write "
          "\"scope\": \"user\""));
  EXPECT_THAT(warnings_at("GET /a/{userId}", R"("cache": {"tags": ["user:{response:/userId}"]})"),
              IsEmpty());
  EXPECT_THAT(warnings_at("GET /a", R"("cache": {"tags": ["user:{response:/list/*/userId}"]})"),
              IsEmpty());
  EXPECT_THAT(warnings_at("GET /a", R"("cache": {"tags": ["venue:{response:/venueId}"]})"),
              IsEmpty());
}

TEST_F(LintTest, AnswersOfOneTenantThatAreKeptForAll) {
  EXPECT_THAT(warnings_at("GET /a", R"("cache": {"scope": "public"})"),
              ElementsAre(StartsWith("services/a.json:2:53: warning: \"scope\": \"public\" gives "
                                     "what one tenant was answered to all others, ")));
  EXPECT_THAT(warnings_at("GET /a/me", R"("cache": {"scope": "public"})"),
              ElementsAre(testing::HasSubstr("but it is kept for everybody; write")));
  EXPECT_THAT(warnings_at("GET /a", R"("cache": {"scope": "public"}, "tenant": "none")"),
              IsEmpty());
  EXPECT_THAT(warnings_at("GET /a", R"("cache": {"scope": "public"}, "tenant": "optional")"),
              IsEmpty());
}

// --- what is never called
// -------------------------------------------------------------------------

TEST_F(LintTest, PathsThatNoCallCanHave) {
  const std::pair<const char*, const char*> cases[] = {
      {"/a;b", "semicolon in the path"},
      {"/a%00/{x}", "NUL in the target"},
      {"/{x}/%2e%2E%2fetc", "dot segment in the target"},
  };
  for (const auto& [path, why] : cases) {
    EXPECT_THAT(warnings({"\"name\": \"e\", \"match\": \"GET " + std::string(path) + "\""}),
                ElementsAre("services/a.json:2:24: warning: no call can match this, since its path "
                            "is refused (" +
                            std::string(why) + "); write one that is not"))
        << path;
  }
  for (const char* good : {"/a%3bb", "/a%20/{x}/", "/{x}/.well-known", "/a,b@c"}) {
    EXPECT_THAT(warnings({"\"name\": \"e\", \"match\": \"GET " + std::string(good) + "\""}),
                IsEmpty())
        << good;
  }
}

TEST_F(LintTest, PathsThatAreTooLong) {
  const std::string usher = R"({"consumer": "c", "limits": {"request_target": "64B"}})";
  const std::string endpoint = "\"name\": \"e\", \"match\": \"GET /" + std::string(62, 'a');
  EXPECT_THAT(
      warnings({endpoint + "/{x}\""}, usher),
      ElementsAre("services/a.json:2:24: warning: no call can match this, since its path is "
                  "longer than \"request_target\" of 64B; raise that"));
  EXPECT_THAT(warnings({endpoint + "/\""}, usher), IsEmpty());
}

// --- what is never used
// ---------------------------------------------------------------------------

TEST_F(LintTest, PresetsThatNobodyUses) {
  const std::string usher =
      "{\"consumer\": \"c\", \"retry_presets\": {\"quick\": {},\n\"base\": {},\n"
      "\"mild\": {\"preset\": \"base\"}}}";
  const std::string none = "\"name\": \"e\", \"match\": \"GET /a\"";
  EXPECT_THAT(
      warnings({none}, usher),
      ElementsAre("usher.json:1:37: warning: no \"retry\" goes by the preset \"quick\"; use "
                  "it or leave it out",
                  StartsWith("usher.json:3:1: warning: no \"retry\" goes by the preset "
                             "\"mild\"")));
  EXPECT_THAT(warnings({none + ", \"retry\": \"quick\"",
                        R"("name": "f", "match": "GET /b", "retry": {"preset": "mild"})"},
                       usher),
              IsEmpty());
}

TEST_F(LintTest, TagsThatNobodyKeeps) {
  const std::string change = R"("name": "e", "match": "POST /a/{x}", "invalidates": ["tiket:{x}"])";
  EXPECT_THAT(
      warnings(
          {change, R"("name": "f", "match": "GET /a/{x}", "cache": {"tags": ["ticket:{x}"]})"}),
      ElementsAre("services/a.json:2:55: warning: no endpoint keeps an answer with the tag "
                  "\"tiket:{x}\"; did you mean one that begins with \"ticket:\"?"));
  EXPECT_THAT(warnings({change}),
              ElementsAre("services/a.json:2:55: warning: no endpoint keeps an answer with the tag "
                          "\"tiket:{x}\"; write it into the \"tags\" of one, or leave it out"));
  for (const char* kept : {"tiket:{y}", "tiket:{response:/list/*/id}", "{y}", "tiket:7"}) {
    EXPECT_THAT(warnings({change, R"("name": "f", "match": "GET /b/{y}", "cache": {"tags": [")" +
                                      std::string(kept) + "\"]}"}),
                IsEmpty())
        << kept;
  }
  EXPECT_THAT(warnings({R"("name": "e", "match": "POST /a", "invalidates": ["all"])",
                        R"("name": "f", "match": "GET /b", "cache": {"tags": ["alle"]})"}),
              testing::SizeIs(1));
}

TEST_F(LintTest, TagsThatNothingInvalidates) {
  const auto kept = [](const std::string& ttl) {
    return R"("name": "f", "match": "GET /a/{x}", "cache": {"ttl": ")" + ttl +
           R"(", "tags": ["ticket:{x}"]})";
  };
  EXPECT_THAT(warnings({kept("61s")}),
              ElementsAre("services/a.json:2:71: warning: nothing invalidates the tag "
                          "\"ticket:{x}\", so that an answer may be 61s old; write it into the "
                          "\"invalidates\" of what changes it, or shorten \"ttl\""));
  EXPECT_THAT(warnings({kept("1m")}), IsEmpty());
  EXPECT_THAT(warnings({kept("1h"), R"("name": "e", "match": "DELETE /a/{x}",
                                      "invalidates": ["ticket:{x}"])"}),
              IsEmpty());
}

// --- of single values, where they are read
// --------------------------------------------------------

TEST_F(LintTest, ListenersThatAreOpenToAll) {
  const std::vector<std::string> endpoint = {"\"name\": \"e\", \"match\": \"GET /a\""};
  EXPECT_THAT(
      warnings(endpoint,
               R"({"consumer": "c", "outbound": {"listen": ["127.0.0.1:1", "0.0.0.0:2"]}})"),
      ElementsAre(StartsWith("usher.json:1:58: warning: \"0.0.0.0:2\" can be reached from outside, "
                             "and whoever reaches it calls in this consumer's name; ")));
  EXPECT_THAT(
      warnings(endpoint,
               R"({"consumer": "c", "outbound": {"listen": ["localhost:1", "unix:/tmp/a"]}})"),
      IsEmpty());
}

TEST_F(LintTest, ConsumersThatStandTwice) {
  EXPECT_THAT(warnings_at("GET /a", R"("consumers": ["b", "c", "b"])"),
              ElementsAre("services/a.json:2:58: warning: \"b\" stands twice; leave one out"));
  EXPECT_THAT(warnings_at("GET /a", R"("consumers": ["b", "c"])"), IsEmpty());
}

// What is missing may stand in what could not be read.
TEST_F(LintTest, SaysNothingOfTheWholeWhereAPartIsMissing) {
  directory_.write("usher.json", R"({"consumer": "c", "retry_presets": {"quick": {}}})");
  directory_.write("services/a.json", "{");
  directory_.write("services/b.json",
                   R"({"service": "b", "addresses": ["http://b:1"], "endpoints": [{"name": "e",
                   "match": "POST /a", "retry": "fast", "invalidates": ["tag"]}]})");
  const LoadResult result = load({directory_.path()}, 0);
  EXPECT_EQ(result.problems.size(), 1U);
  EXPECT_THAT(texts_of(result.warnings, directory_),
              ElementsAre(testing::HasSubstr("\"retry\" stands at an endpoint")));
}

}  // namespace
}  // namespace usher::config::test
