// PathTree, and what endpoints do with it: which calls make a kept answer of their own path stale.
#include "config/path_tree.h"

#include <gmock/gmock.h>

#include "unit/config/loader_fixture.h"

namespace usher::config::test {
namespace {

bool overlap(const std::string& a, const std::string& b) {
  PathTree tree;
  tree.add(*route::PathTemplate::parse(a));
  return tree.overlaps(*route::PathTemplate::parse(b));
}

TEST(PathTree, SegmentsAreEqualOrOneIsAParameter) {
  struct Case {
    const char* a;
    const char* b;
    bool expected;
  };
  const Case cases[] = {
      {"/a", "/a", true},           {"/a", "/b", false},           {"/a", "/a/b", false},
      {"/a/", "/a", false},         {"/{x}", "/a", true},          {"/{x}", "/{y}", true},
      {"/a/{x}/c", "/a/b/c", true}, {"/a/{x}/c", "/a/b/d", false}, {"/{x}/b", "/a/{y}", true},
      {"/a/{x}", "/b/{y}", false},  {"/%61", "/a", true},          {"/{x}/b/{y}", "/a/{z}/c", true},
      {"/a/{x}", "/a", false},      {"/", "/{x}", true},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(overlap(c.a, c.b), c.expected) << c.a << " " << c.b;
    EXPECT_EQ(overlap(c.b, c.a), c.expected) << c.b << " " << c.a;
  }
}

TEST(PathTree, LooksPastWhatOnlyBeginsAlike) {
  PathTree tree;
  EXPECT_FALSE(tree.overlaps(*route::PathTemplate::parse("/{x}")));
  for (const char* path : {"/a/b/c", "/{x}/b/d", "/a/{y}/e"}) {
    tree.add(*route::PathTemplate::parse(path));
  }
  EXPECT_TRUE(tree.overlaps(*route::PathTemplate::parse("/a/b/d")));
  EXPECT_TRUE(tree.overlaps(*route::PathTemplate::parse("/a/z/e")));
  EXPECT_TRUE(tree.overlaps(*route::PathTemplate::parse("/{x}/{y}/c")));
  EXPECT_FALSE(tree.overlaps(*route::PathTemplate::parse("/z/b/e")));
  EXPECT_FALSE(tree.overlaps(*route::PathTemplate::parse("/a/b")));
}

class InvalidatedPathTest : public LoaderTest {};

TEST_F(InvalidatedPathTest, OfWhatTheServiceKeeps) {
  directory_.write("usher.json", kUsher);
  directory_.write("services/a.json", R"({"service": "a", "addresses": ["http://a"],
      "endpoints": [
      {"name": "put", "match": "PUT /a/{y}"}, {"name": "post", "match": "POST /a/b"},
      {"name": "kept", "match": "GET /a/{x}", "cache": {"ttl": "1s"}},
      {"name": "delete", "match": "DELETE /{z}/c"}, {"name": "options", "match": "OPTIONS /a/{x}"},
      {"name": "head", "match": "HEAD /a/{x}"}, {"name": "safe", "match": "POST /a/d", "safe": true},
      {"name": "deeper", "match": "PATCH /a/{x}/c"}, {"name": "other", "match": "POST /b/{x}"},
      {"name": "get-b", "match": "GET /b/{x}"}]})");
  directory_.write("services/b.json", R"({"service": "b", "addresses": ["http://b"],
      "base_path": "/b", "endpoints": [{"name": "x", "match": "POST /a/{x}"}]})");
  directory_.write("services/c.json", R"({"service": "c", "addresses": ["http://c"],
      "endpoints": [{"name": "x", "match": "PATCH /a/{x}"}]})");
  const auto snapshot = loaded();
  ASSERT_NE(snapshot, nullptr);
  std::vector<std::string> names;
  for (const auto& endpoint : snapshot->endpoints) {
    if (endpoint->policy.invalidates_path)
      names.push_back(endpoint->service + " " + endpoint->name);
  }
  EXPECT_THAT(names, testing::ElementsAre("a put", "a post", "a delete"));
}

// A thousand mutations against a thousand kept paths, none of them different before its last
// segment: the worst there is.
TEST_F(InvalidatedPathTest, OfServicesWithThousandsOfEndpoints) {
  std::string endpoints;
  for (int i = 0; i < 1000; ++i) {
    const std::string n = std::to_string(i);
    endpoints.append(R"({"name": "get-)").append(n).append(R"(", "match": "GET /a/g)").append(n);
    endpoints.append(R"(/{x}/kept", "cache": {"ttl": "1s"}}, {"name": "put-)").append(n);
    endpoints.append(R"(", "match": "PUT /a/{x}/{y}/other-)").append(n).append(R"("},)");
  }
  endpoints += R"({"name": "last", "match": "PUT /a/g7/x/kept"})";
  directory_.write("usher.json", kUsher);
  directory_.write(
      "services/a.json",
      R"({"service": "a", "addresses": ["http://a"], "endpoints": [)" + endpoints + "]}");
  const auto snapshot = loaded();
  ASSERT_NE(snapshot, nullptr);
  for (const auto& endpoint : snapshot->endpoints) {
    EXPECT_EQ(endpoint->policy.invalidates_path, endpoint->name == "last") << endpoint->name;
  }
}

}  // namespace
}  // namespace usher::config::test
