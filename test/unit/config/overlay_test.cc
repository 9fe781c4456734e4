#include "config/overlay.h"

#include <gmock/gmock.h>

#include "config/json_reader.h"
#include "unit/config/loader_fixture.h"

namespace usher::config::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// What `overlay` over `base` comes to, and what is said about it.
struct Merged {
  std::string json;
  std::vector<std::string> problems;
};

Merged merged(const std::string& base, const std::string& overlay) {
  Problems problems;
  const auto below = Document::parse("base", 0, base, problems);
  const auto above = Document::parse("over", 1, overlay, problems);
  EXPECT_NE(below, nullptr);
  EXPECT_NE(above, nullptr);
  merge(below->root(), above->root(), problems);
  Merged result{.json = compact_json(below->root()), .problems = {}};
  for (const Problem& problem : problems.take()) result.problems.push_back(to_string(problem));
  return result;
}

TEST(Merge, MemberByMemberToAnyDepth) {
  EXPECT_EQ(
      merged(R"({"a": 1, "b": {"c": 2, "d": {"e": 3}}})", R"({"b": {"d": {"f": 4}}, "g": 5})").json,
      R"({"a":1,"b":{"c":2,"d":{"e":3,"f":4}},"g":5})");
  EXPECT_EQ(merged(R"({"a": {"b": 1}})", R"({"a": 2})").json, R"({"a":2})");
  EXPECT_EQ(merged(R"({"a": 2})", R"({"a": {"b": 1}})").json, R"({"a":{"b":1}})");
  EXPECT_EQ(merged(R"({"a": {"b": 1}})", R"({"a": {}})").json, R"({"a":{"b":1}})");
}

TEST(Merge, ListsReplace) {
  EXPECT_EQ(merged(R"({"a": [1, 2]})", R"({"a": [3]})").json, R"({"a":[3]})");
  EXPECT_EQ(merged(R"({"a": [{"name": "x"}]})", R"({"a": [{"name": "y"}]})").json,
            R"({"a":[{"name":"y"}]})");
}

TEST(Merge, NullTakesAway) {
  const Merged result =
      merged(R"({"a": 1, "b": {"c": 2, "d": 3}})", R"({"a": null, "b": {"c": null}})");
  EXPECT_EQ(result.json, R"({"b":{"d":3}})");
  EXPECT_THAT(result.problems, IsEmpty());
}

TEST(Merge, NullForNothingIsSuspicious) {
  const Merged result = merged(R"({"timeout": "1s"})", "{\"xyz\": null,\n \"timeot\": null}");
  EXPECT_EQ(result.json, R"({"timeout":"1s"})");
  EXPECT_THAT(result.problems,
              ElementsAre("over:1:2: warning: \"xyz\": null takes away nothing, since there is "
                          "nothing here; leave it out",
                          "over:2:2: warning: \"timeot\": null takes away nothing, since there is "
                          "nothing here; did you mean \"timeout\"?"));
}

TEST(Merge, ReferencesReplaceAsAWhole) {
  EXPECT_EQ(merged(R"({"a": {"env": "X", "default": "y"}})", R"({"a": {"file": "z"}})").json,
            R"({"a":{"file":"z"}})");
  EXPECT_EQ(merged(R"({"a": {"env": "X"}})", R"({"a": "text"})").json, R"({"a":"text"})");
  EXPECT_EQ(merged(R"({"a": {"b": 1}})", R"({"a": {"env": "X"}})").json, R"({"a":{"env":"X"}})");
}

TEST(Merge, AnotherSchemeReplacesAsAWhole) {
  const std::string base = R"({"auth": {"scheme": "hmac", "preset": "ticket", "insecure": true}})";
  EXPECT_EQ(merged(base, R"({"auth": {"scheme": "none"}})").json, R"({"auth":{"scheme":"none"}})");
  EXPECT_EQ(merged(base, R"({"auth": {"scheme": "hmac", "insecure": false}})").json,
            R"({"auth":{"scheme":"hmac","preset":"ticket","insecure":false}})");
  EXPECT_EQ(merged(base, R"({"auth": {"insecure": false}})").json,
            R"({"auth":{"scheme":"hmac","preset":"ticket","insecure":false}})");
}

TEST(Merge, AFallbacksBodyReplacesAsAWhole) {
  EXPECT_EQ(merged(R"({"fallback": {"status": 200, "body": {"a": 1, "b": 2}}})",
                   R"({"fallback": {"body": {"a": null}}})")
                .json,
            R"({"fallback":{"status":200,"body":{"a":null}}})");
}

TEST(Merge, EndpointsByName) {
  const Merged result =
      merged(R"({"endpoints": [{"name": "a", "match": "GET /a", "x": 1}, {"name": "b", "x": 1}]})",
             R"({"endpoints": [{"name": "c", "match": "GET /c"}, {"name": "a", "x": 2}]})");
  EXPECT_EQ(result.json, R"({"endpoints":[{"name":"a","match":"GET /a","x":2},{"name":"b","x":1},)"
                         R"({"name":"c","match":"GET /c"}]})");
  EXPECT_THAT(result.problems, IsEmpty());
}

TEST(Merge, ANewEndpointWithoutAMatchIsHardlyMeant) {
  const Merged result = merged(
      R"({"endpoints": [{"name": "ticket-status"}, {"name": "ticket-transfer"}]})",
      "{\"endpoints\": [{\"name\": \"tickets-status\"},\n {\"x\": 1, \"name\": \"other\"}]}");
  EXPECT_EQ(result.json, R"({"endpoints":[{"name":"ticket-status"},{"name":"ticket-transfer"}]})");
  EXPECT_THAT(
      result.problems,
      ElementsAre(
          "over:1:25: there is no endpoint \"tickets-status\" in the directories before; did "
          "you mean \"ticket-status\"? a new one needs \"match\"",
          "over:2:19: there is no endpoint \"other\" in the directories before; a new one "
          "needs \"match\""));
}

TEST(Merge, AnEndpointStandsOnceInAFile) {
  const Merged result = merged(
      R"({"endpoints": [{"name": "a"}]})",
      "{\"endpoints\": [{\"name\": \"a\"},\n{\"name\": \"a\"},\n{\"name\": \"b\", \"match\": "
      "\"GET /b\"},\n{\"name\": \"b\", \"match\": \"GET /b\"}]}");
  EXPECT_THAT(result.problems,
              ElementsAre("over:2:10: \"a\" stands twice here, first at over:1:16; make them one",
                          "over:4:10: \"b\" stands twice here, first at over:3:1; make them one"));
}

// What is wrong with the base does not vanish, nor do its other endpoints.
TEST(Merge, EndpointsWithoutNamesStay) {
  EXPECT_EQ(merged(R"({"endpoints": [{"match": "GET /a"}, 7]})",
                   R"({"endpoints": [{"match": "GET /b"}, {"name": "c", "match": "GET /c"}]})")
                .json,
            R"({"endpoints":[{"match":"GET /a"},7,{"match":"GET /b"},)"
            R"({"name":"c","match":"GET /c"}]})");
}

class OverlayTest : public LoaderTest {
 protected:
  OverlayTest() {
    directory_.write("usher.json", kUsher);
    directory_.write("services/a.json", service("a", R"("timeout": "8s",)"));
  }
  LoadResult load_all() { return load({directory_.path(), over_.path(), third_.path()}, 0); }
  LoadResult load_two() { return load({directory_.path(), over_.path()}, 0); }
  // Their mistakes; the overlay's directory as "over".
  std::vector<std::string> problems() const {
    std::vector<std::string> texts;
    const auto result = load({directory_.path(), over_.path()}, 0);
    for (const Problem& problem : result.problems) {
      texts.push_back(with_short_names(to_string(problem)));
    }
    return texts;
  }
  std::string with_short_names(std::string text) const {
    for (const auto& [path, name] : {std::pair(directory_.path().string(), "base"),
                                     std::pair(over_.path().string(), "over")}) {
      for (std::size_t at = 0; (at = text.find(path)) != std::string::npos;) {
        text.replace(at, path.size(), name);
      }
    }
    return text;
  }
  static const policy::EndpointPolicy& policy_of(const LoadResult& result) {
    return result.snapshot->endpoints.at(0)->policy;
  }
  void expect_good(const LoadResult& result) const {
    EXPECT_NE(result.snapshot, nullptr);
    for (const Problem& problem : result.problems) ADD_FAILURE() << to_string(problem);
    for (const Problem& problem : result.warnings) ADD_FAILURE() << to_string(problem);
  }

  TempDirectory over_;
  TempDirectory third_;
};

TEST_F(OverlayTest, SaysWhatIsDifferent) {
  over_.write("usher.json", R"({"workers": 2})");
  over_.write("services/any-name.json",
              R"({"service": "a", "endpoints": [{"name": "e", "timeout": "7s"}]})");
  const LoadResult result = load_two();
  expect_good(result);
  EXPECT_EQ(result.snapshot->workers, 2U);
  EXPECT_EQ(result.snapshot->consumer, "payment-service");
  ASSERT_EQ(result.snapshot->endpoints.size(), 1U);
  EXPECT_EQ(policy_of(result).timeout, Duration(7s));
}

TEST_F(OverlayTest, WithoutUsherJson) {
  over_.write("services/a.json", R"({"service": "a", "timeout": "7s"})");
  const LoadResult result = load_two();
  expect_good(result);
  EXPECT_EQ(policy_of(result).timeout, Duration(7s));
}

TEST_F(OverlayTest, WithoutServices) {
  std::filesystem::remove(over_.path() / "services");
  over_.write("usher.json", R"({"workers": 2})");
  const LoadResult result = load_two();
  expect_good(result);
  EXPECT_EQ(result.snapshot->workers, 2U);
}

TEST_F(OverlayTest, WithNothing) {
  const std::string message =
      "over: there is neither an usher.json nor a services directory here; expected one";
  std::filesystem::remove(over_.path() / "services");
  EXPECT_THAT(problems(), ElementsAre(message));
  std::filesystem::remove(over_.path());
  EXPECT_THAT(problems(), ElementsAre(message));
  std::filesystem::create_directory_symlink(over_.path(), over_.path());
  EXPECT_THAT(problems(), testing::Contains(HasSubstr("Too many levels of symbolic links")));
}

TEST_F(OverlayTest, ThreeDirectoriesTheLastWins) {
  over_.write("services/a.json", R"({"service": "a", "timeout": "7s", "body_timeout": "20s"})");
  third_.write("services/a.json", R"({"service": "a", "timeout": "6s", "tenant": "none"})");
  const LoadResult result = load_all();
  expect_good(result);
  EXPECT_EQ(policy_of(result).timeout, Duration(6s));
  EXPECT_EQ(policy_of(result).body_timeout, Duration(20s));
  EXPECT_EQ(policy_of(result).tenant, policy::TenantRule::None);
}

TEST_F(OverlayTest, ANewService) {
  over_.write("services/b.json", service("b"));
  third_.write("services/b.json", R"({"service": "b", "timeout": "7s"})");
  const LoadResult result = load_all();
  expect_good(result);
  ASSERT_EQ(result.snapshot->endpoints.size(), 2U);
  EXPECT_EQ(result.snapshot->endpoints[1]->service, "b");
  EXPECT_EQ(result.snapshot->endpoints[1]->policy.timeout, Duration(7s));
}

TEST_F(OverlayTest, AServiceThatNobodyKnows) {
  directory_.write("services/ticket.json", service("ticket-service"));
  over_.write("services/t.json", "{\"timeout\": \"7s\",\n\"service\": \"tiket-service\"}");
  EXPECT_THAT(problems(),
              ElementsAre("over/services/t.json:2:12: there is no service \"tiket-service\" in the "
                          "directories before; did you mean \"ticket-service\"? a new one needs "
                          "\"addresses\""));
}

TEST_F(OverlayTest, WhatCannotBeReadIsTheOnlyMistake) {
  directory_.write("services/a.json", "{");
  directory_.write("services/b.json", service("b"));
  over_.write("services/a.json", R"({"service": "a", "timeout": "7s"})");
  EXPECT_THAT(problems(), ElementsAre(HasSubstr("base/services/a.json:1:")));
}

TEST_F(OverlayTest, AServiceWithoutItsName) {
  const std::string message =
      ": \"service\" does not say which service this is about; expected its name";
  over_.write("services/a.json", R"({"timeout": "7s"})");
  over_.write("services/b.json", R"({"service": 7})");
  EXPECT_THAT(problems(), ElementsAre("over/services/a.json:1:1" + message,
                                      "over/services/b.json:1:1" + message));
}

TEST_F(OverlayTest, AServiceStandsOnceInADirectory) {
  over_.write("services/a.json", R"({"service": "a", "timeout": "7s"})");
  over_.write("services/b.json", "{\n \"service\": \"a\", \"timeout\": \"6s\"}");
  EXPECT_THAT(problems(),
              ElementsAre("over/services/b.json:2:13: the service \"a\" stands twice, first at "
                          "over/services/a.json:1:13; make them one"));
}

TEST_F(OverlayTest, MistakesAreWhereTheyWereMade) {
  over_.write("usher.json", "{\n  \"worker\": 2}");
  over_.write("services/a.json",
              "{\"service\": \"a\", \"endpoints\": [\n  {\"name\": \"e\", \"timeout\": \"7\"}]}");
  EXPECT_THAT(problems(),
              ElementsAre(HasSubstr("over/usher.json:2:3: unknown key \"worker\""),
                          HasSubstr("over/services/a.json:2:28: \"timeout\" is \"7\"")));
  // One that only both together make: the overlay's is said to be wrong.
  over_.write("usher.json", "{}");
  over_.write(
      "services/a.json",
      "{\"service\": \"a\",\n\"endpoints\": [{\"name\": \"f\", \"match\": \"GET /a/{y}\"}]}");
  const auto clash = problems();
  ASSERT_EQ(clash.size(), 1U);
  EXPECT_THAT(clash[0], HasSubstr("over/services/a.json:2:38: "));
  EXPECT_THAT(clash[0], HasSubstr("base/services/a.json:3:"));
}

TEST_F(OverlayTest, RetryPresetsAreMerged) {
  directory_.write("usher.json", R"({"consumer": "c",
      "retry_presets": {"quick": {"attempts": 4, "initial_delay": "10ms"}}})");
  directory_.write("services/a.json", service("a", R"("retry": "quick",)"));
  over_.write("usher.json", R"({"retry_presets": {"quick": {"attempts": 2}, "slow": {}}})");
  over_.write("services/b.json", service("b", R"("retry": "slow",)"));
  const LoadResult result = load_two();
  expect_good(result);
  EXPECT_EQ(policy_of(result).retry.attempts, 2U);
  EXPECT_EQ(policy_of(result).retry.backoff.initial_delay, Duration(10ms));
}

TEST_F(OverlayTest, PathsAreRelativeToWhereTheyStand) {
  directory_.write("consumer", "base-consumer");
  over_.write("consumer", "over-consumer");
  directory_.write("usher.json", R"({"consumer": {"file": "consumer"}})");
  over_.write("usher.json", R"({"workers": 2})");
  over_.write("services/a.json", R"({"service": "a", "timeout": "7s"})");
  LoadResult result = load_two();
  expect_good(result);
  EXPECT_EQ(result.snapshot->consumer, "base-consumer");
  over_.write("usher.json", R"({"consumer": {"file": "consumer"}})");
  result = load_two();
  expect_good(result);
  EXPECT_EQ(result.snapshot->consumer, "over-consumer");
  EXPECT_THAT(result.files, testing::Contains(over_.path() / "consumer"));
}

TEST_F(OverlayTest, AChangeOfAnyFileChangesTheFingerprint) {
  over_.write("services/a.json", R"({"service": "a", "timeout": "7s"})");
  const LoadResult before = load_two();
  EXPECT_EQ(load_two().fingerprint, before.fingerprint);
  over_.write("services/a.json", R"({"service": "a", "timeout": "6s"})");
  EXPECT_NE(load_two().fingerprint, before.fingerprint);
  for (const char* name : {"usher.json", "services", "services/a.json"}) {
    EXPECT_THAT(before.files, testing::Contains(over_.path() / name));
  }
}

}  // namespace
}  // namespace usher::config::test
