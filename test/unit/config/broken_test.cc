// Broken configurations: each is refused, with the line of the mistake and what would be right.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include "config/json_reader.h"
#include "unit/config/loader_fixture.h"

namespace usher::config::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;

class BrokenTest : public LoaderTest {
 protected:
  BrokenTest() {
    directory_.write("usher.json", kUsher);
    directory_.write("services/a.json", service("a"));
  }
};

// --- what stands in usher.json, from its second line on
// -------------------------------------------

struct Case {
  const char* text;   // members
  const char* begin;  // of the problem: its place and the beginning of its words
  const char* part;   // of what would be right
};

const Case kUsherCases[] = {
    // Typos of keys, each level.
    {R"("worker": 1)", "2:1: unknown key \"worker\"; did you mean \"workers\"?", "Allowed here"},
    {R"("outbound": {"lisen": "x"})", "2:14: unknown key \"lisen\"", "did you mean \"listen\"?"},
    {R"("defaults": {"timeuot": "1s"})", "2:14: unknown key", "did you mean \"timeout\"?"},
    {R"("defaults": {"safe": true})", "2:14: the key \"safe\" stands at endpoints only",
     "write it at each that it is for"},
    {R"("defaults": {"breaker": {"windw": "1s"}})", "2:26: unknown key \"windw\"", "\"window\""},
    {R"("qwertzuiop": 1)", "2:1: unknown key \"qwertzuiop\"; allowed here: ", "\"consumer\""},
    {R"("inbound": {})", "2:1: the key \"inbound\" is not available", "leave it out"},
    // Typos of values.
    {R"("defaults": {"tenant": "requierd"})", "2:24: \"tenant\" is \"requierd\"",
     "did you mean \"required\"? Expected one of \"required\", \"optional\", \"none\""},
    {R"("log": {"level": "warning"})", "2:18: \"level\" is \"warning\"", "did you mean \"warn\"?"},
    {R"("log": {"access": "everything"})", "2:19: \"access\" is \"everything\"",
     "; expected one of \"off\", \"errors\", \"all\""},
    {R"("defaults": {"retry": "fsat"})", "2:23: \"retry\": there is no preset \"fsat\"",
     "did you mean \"fast\"?"},
    {R"("defaults": {"breaker": "platfrom"})", "2:25: \"breaker\" is \"platfrom\"",
     "did you mean \"platform\"?"},
    {R"("defaults": {"retry": {"on": ["timeuot"]}})", "2:31: \"on\" is \"timeuot\"",
     "did you mean \"timeout\"?"},
    // Wrong types.
    {R"("workers": "2")", "2:12: \"workers\" is \"2\"", "expected a whole number from 1 to 64"},
    {R"("workers": 2.0)", "2:12: \"workers\" is 2.0;", "expected a whole number"},
    {R"("workers": [2])", "2:12: \"workers\" is an array", "expected a whole number"},
    {R"("workers": null)", "2:12: \"workers\" is null", "expected a whole number"},
    {R"("outbound": [])", "2:13: \"outbound\" is an array", "expected an object"},
    {R"("outbound": {"annotate": "true"})", "2:26: \"annotate\" is \"true\"",
     "expected true or false"},
    {R"("defaults": {"timeout": 5})", "2:25: \"timeout\" is 5", "such as \"250ms\""},
    {R"("limits": {"memory": 64})", "2:22: \"memory\" is 64", "\"64KiB\""},
    {R"("retry_presets": [])", "2:18: \"retry_presets\" is an array", "an object"},
    // Values that do not read or do not fit.
    {R"("defaults": {"timeout": "5"})", "2:25: \"timeout\" is \"5\"", "such as \"250ms\""},
    {R"("defaults": {"timeout": "1.5s"})", "2:25: \"timeout\" is \"1.5s\"", "such as \"250ms\""},
    {R"("defaults": {"timeout": "99999999999999999999s"})", "2:25: \"timeout\" is ", "to 1h"},
    {R"("limits": {"memory": "64MB"})", "2:22: \"memory\" is \"64MB\"", "\"1MiB\""},
    {R"("workers": 18446744073709551615)", "2:12: \"workers\" is 18446744073709551615;", "to 64"},
    {R"("workers": 99999999999999999999999)", "2:12: this number is too large", "JSON"},
    {R"("workers": 1e999)", "2:12: this number is too large", "JSON"},
    {R"("workers": -1)", "2:12: \"workers\" is -1;", "from 1 to 64"},
    {R"("workers": 1E1)", "2:12: \"workers\" is 1E1;", "from 1 to 64"},
    {R"("admin": {"listen": "0.0.0.0:1"})", "2:21: \"0.0.0.0:1\" can be reached", "loopback"},
    {R"("admin": {"listen": "127.0.0.1:7401"})", "2:21: \"127.0.0.1:7401\" clashes",
     "choose another port"},
    // Not JSON.
    {R"("workers": 1,)", "3:1: the comma before this is one too many", "leave it out"},
    {R"("workers": True)", "2:12: neither true, false nor null", "double quotes"},
    {R"("workers": NaN)", "2:12: neither true, false nor null", ""},
    {R"('workers': 1)", "2:1: a string stands in double quotes", ""},
    {R"("workers" 1)", "2:11: a comma or colon is missing", ""},
    {R"("a": {"b": 1)", "1:1: this '{' is not closed", "without its '}'"},
    {R"("a": [1})", "2:6: this '[' is not closed before a '}'", ""},
    {R"(/* x */ "workers": 1)", "2:1: JSON has no comments", ""},
    {R"("workers": 1, "workers": 2)",
     "2:15: the key \"workers\" stands twice, first at usher.json:2:1", "leave out one"},
    {"\"x\": \"a\xff\"", "2:8: bytes that are not UTF-8", "save the file as UTF-8"},
    {"\"x\": \"a\tb\"", "2:8: a control character in a string", "\\t"},
    {R"("x": "\q")", "2:6: a wrong escape in this string", ""},
    {R"("x": "\ud800")", "2:6: a wrong escape in this string", ""},
};

TEST_F(BrokenTest, UsherFilesAreRefusedWithThePlace) {
  for (const Case& broken : kUsherCases) {
    const auto problems = with_usher(std::string("{\"consumer\": \"c\",\n") + broken.text + "\n}");
    EXPECT_THAT(problems, ElementsAre(AllOf(StartsWith(std::string("usher.json:") + broken.begin),
                                            HasSubstr(broken.part))))
        << broken.text;
  }
}

// --- the members of an endpoint, on the second line
// -----------------------------------------------

const Case kEndpointCases[] = {
    {R"("nam": "e", "match": "GET /a")", "2:1: unknown key \"nam\"", "did you mean \"name\"?"},
    {R"("name": "e", "mach": "GET /a")", "2:14: unknown key \"mach\"", "did you mean \"match\"?"},
    {R"("name": "e")", "1:62: \"match\" is missing", "required"},
    {R"("match": "GET /a")", "1:62: \"name\" is missing", "required"},
    {R"("name": "E_x", "match": "GET /a")", "2:9: \"name\" is \"E_x\"", "a-z, 0-9 and -"},
    {R"("name": "e", "match": "get /a")", "2:23: \"match\" is \"get /a\"",
     "did you mean \"GET /a\"?"},
    {R"("name": "e", "match": "GTE /a")", "2:23: \"match\" is \"GTE /a\"",
     "did you mean \"GET /a\"?"},
    {R"("name": "e", "match": "GET a")", "2:23: \"match\": a path template begins with '/'", ""},
    {R"("name": "e", "match": "GET /{a")", "2:23: \"match\": a parameter must be", "/{name}/"},
    {R"("name": "e", "match": "GET /{a}/{a}")", "2:23: \"match\": the parameter {a} stands twice",
     "name them apart"},
    {R"("name": "e", "match": "GET /{a}", "rewrite": "/{b}")",
     "2:46: \"rewrite\" has the parameter", "it has {a}"},
    {R"("name": "e", "match": "GET /{a}", "cache": {"tags": ["t:{A}"]})", "2:54: the path has no",
     "it has {a}"},
    {R"("name": "e", "match": "GET /a", "cache": true)", "2:42: \"cache\" is true",
     "false or an object"},
    {R"("name": "e", "match": "POST /a", "cache": {})", "2:43: \"cache\" stands at an endpoint for",
     "leave it out"},
    {R"("name": "e", "match": "GET /a", "cache": {"scope": "tennant"})",
     "2:52: \"scope\" is \"tennant\"", "did you mean \"tenant\"?"},
    {R"("name": "e", "match": "GET /a", "auth": {"scheme": "hamc"})",
     "2:52: \"scheme\" is \"hamc\"", "did you mean \"hmac\"?"},
    {R"("name": "e", "match": "GET /a", "consumers": [])", "2:46: \"consumers\" is an empty list",
     "leave it out to allow every consumer"},
    {R"("name": "e", "match": "GET /a", "consumers": "a")", "2:46: \"consumers\" is \"a\"",
     "a list of names"},
    {R"("name": "e", "match": "GET /a/{y}"}, {"name": "f", "match": "GET /a/{x}")",
     "2:61: this matches the same calls as the endpoint \"e\" at services/b.json:2:23",
     "change one or leave it out"},
    {R"("name": "e", "match": "GET /b"}, {"name": "e", "match": "GET /c")",
     "2:43: the endpoint \"e\" stands twice, first at services/b.json:2:9", "another name"},
    {R"("name": "e", "match": "GET /b"}, {"name": "f", "match": "GET /{x}"}, 7, {"name": "g",
"match": "GET /c")",
     "2:70: this is 7", "expected an object"},
};

TEST_F(BrokenTest, EndpointsAreRefusedWithThePlace) {
  for (const Case& broken : kEndpointCases) {
    directory_.write("services/b.json",
                     R"({"service": "b", "addresses": ["http://b:1"], "endpoints": [ {)"
                     "\n" +
                         std::string(broken.text) + "}]}");
    std::filesystem::remove(directory_.path() / "services/a.json");
    EXPECT_THAT(problems_of(directory_),
                ElementsAre(AllOf(StartsWith(std::string("services/b.json:") + broken.begin),
                                  HasSubstr(broken.part))))
        << broken.text;
  }
}

TEST_F(BrokenTest, WhatTwoFilesClaimIsSaidWithBothPlaces) {
  directory_.write("services/b.json", service("a"));
  EXPECT_THAT(problems_of(directory_),
              ElementsAre("services/b.json:1:13: the service \"a\" stands twice, first at "
                          "services/a.json:1:13; choose another name",
                          AllOf(StartsWith("services/b.json:3:38: this matches the same calls as "
                                           "the endpoint \"e\" of \"a\" at services/a.json:3:38"),
                                HasSubstr("its own \"listen\" or \"base_path\""))));
}

TEST_F(BrokenTest, SecretsThatCannotBeRead) {
  const auto with_secret = [&](const std::string& reference) {
    return with_member(R"("auth": {"scheme": "hmac", "preset": "ticket", "secret": )" + reference +
                       "}");
  };
  EXPECT_THAT(with_secret(R"({"file": "/nowhere/secret"})"),
              ElementsAre("services/a.json:2:67: the file /nowhere/secret cannot be opened: No "
                          "such file or directory"));
  EXPECT_THAT(
      with_secret(R"({"file": "services"})"),
      ElementsAre("services/a.json:2:67: the file services is a directory; expected a file"));
  EXPECT_THAT(with_secret(R"({"env": "USHER_TEST_NO"})"),
              ElementsAre("services/a.json:2:58: \"secret\": environment variable USHER_TEST_NO is "
                          "not set; set it"));
  EXPECT_THAT(with_secret(R"({"evn": "USHER_TEST_NO"})"),
              ElementsAre(StartsWith("services/a.json:2:58: \"secret\" is not a reference; ")));
}

// --- whole files
// ----------------------------------------------------------------------------------

TEST_F(BrokenTest, FilesThatAreNone) {
  const auto path = directory_.path() / "services/b.json";
  std::filesystem::create_directory(path);
  EXPECT_THAT(problems_of(directory_),
              ElementsAre("services/b.json: is not a file; expected one with a JSON object"));
  std::filesystem::remove(path);
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_THAT(problems_of(directory_),
              ElementsAre("services/b.json: is not a file; expected one with a JSON object"));
  std::filesystem::remove(path);
  std::filesystem::create_symlink("nowhere", path);
  EXPECT_THAT(problems_of(directory_),
              ElementsAre("services/b.json: cannot be opened: No such file or directory"));
  std::filesystem::remove(path);
  std::filesystem::create_symlink("/dev/zero", path);
  EXPECT_THAT(problems_of(directory_),
              ElementsAre("services/b.json: is larger than the 16384 KiB that are read"));
}

TEST_F(BrokenTest, EmptyAndLargeFiles) {
  directory_.write("services/b.json", "");
  EXPECT_THAT(problems_of(directory_),
              ElementsAre("services/b.json:1:1: the file is empty; a JSON object is expected"));
  directory_.write("services/b.json", "[]");
  EXPECT_THAT(problems_of(directory_),
              ElementsAre("services/b.json:1:1: a JSON object is expected; it begins with '{'"));
  directory_.write("services/b.json", "{");
  std::filesystem::resize_file(directory_.path() / "services/b.json", 100'000'000);
  EXPECT_THAT(problems_of(directory_),
              ElementsAre("services/b.json: is larger than the 16384 KiB that are read"));
}

TEST_F(BrokenTest, FilesWithTheSameMistakeAreSaidEach) {
  for (const char* name : {"b", "c", "d"}) {
    directory_.write("services/" + std::string(name) + ".json", "");
  }
  EXPECT_THAT(problems_of(directory_),
              ElementsAre(StartsWith("services/b.json:1:1: the file is empty"),
                          StartsWith("services/c.json:1:1: the file is empty"),
                          StartsWith("services/d.json:1:1: the file is empty")));
}

TEST_F(BrokenTest, NestingIsBounded) {
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += i % 2 == 0 ? "{\"a\":" : "[";
  EXPECT_THAT(with_usher(deep), ElementsAre(StartsWith("usher.json:1:")));
  deep += "1";
  for (int i = 0; i < 100'000; ++i) deep += i % 2 == 0 ? ']' : '}';
  EXPECT_THAT(with_usher(deep), ElementsAre(HasSubstr("nested deeper than 64 levels")));
}

TEST_F(BrokenTest, NulsAreRefusedWhereverTheyStand) {
  const std::string good = R"({"consumer": "c", "workers": 1})";
  for (std::size_t at = 0; at <= good.size(); ++at) {
    std::string text = good;
    text.insert(at, 1, '\0');
    EXPECT_THAT(with_usher(text), SizeIs(1)) << at;
  }
}

// Whatever stands behind a cut, the part in front of it is not taken for the whole.
TEST_F(BrokenTest, FilesCutAtEveryByte) {
  std::ifstream file(source_root() / "config/services/ticket-service.json");
  const std::string text(std::istreambuf_iterator<char>(file), {});
  ASSERT_GT(text.size(), 1000U);
  for (std::size_t size = 0; size + 1 < text.size(); ++size) {
    Problems problems;
    EXPECT_EQ(Document::parse("f", 0, text.substr(0, size), problems), nullptr) << size;
    EXPECT_EQ(problems.take().size(), 1U) << size;
  }
}

TEST_F(BrokenTest, AllFilesAreSaidInOneGo) {
  directory_.write("usher.json", "{\"consumer\": \"C\",\n\"worker\": 1, \"log\": []}");
  directory_.write("services/a.json", "{\"service\": \"a\",\n");
  directory_.write("services/b.json", "{\"service\": \"b\", \"prefix\": \"x\"}");
  directory_.write("services/c.json", "\xff");
  EXPECT_THAT(
      problems_of(directory_),
      ElementsAre(StartsWith("usher.json:1:14: "), StartsWith("usher.json:2:1: "),
                  StartsWith("usher.json:2:21: "), StartsWith("services/a.json:1:1: "),
                  StartsWith("services/b.json:1:1: "), StartsWith("services/b.json:1:1: "),
                  StartsWith("services/b.json:1:28: "), StartsWith("services/c.json:1:1: ")));
}

}  // namespace
}  // namespace usher::config::test
