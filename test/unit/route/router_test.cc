#include "route/router.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <random>
#include <string>

#include "base/bytes.h"

namespace usher::route {
namespace {

using http::Method;

std::uint16_t bit(Method method) {
  return static_cast<std::uint16_t>(1U << static_cast<unsigned>(method));
}

class RouterTest : public testing::Test {
 protected:
  const Endpoint* add(Method method, const std::string& path) {
    auto endpoint = std::make_unique<Endpoint>();
    endpoint->index = static_cast<std::uint32_t>(endpoints_.size());
    endpoint->name = path;
    endpoint->method = method;
    endpoint->match = *PathTemplate::parse(path);
    endpoints_.push_back(std::move(endpoint));
    return router_.add(*endpoints_.back());
  }
  std::string match(std::string_view path, Method method = Method::Get) {
    const RouteMatch found = router_.match(method, path);
    return found.endpoint == nullptr ? "" : found.endpoint->name;
  }

  std::vector<std::unique_ptr<Endpoint>> endpoints_;
  Router router_;
};

TEST_F(RouterTest, LiteralWinsWhateverTheOrder) {
  add(Method::Get, "/internal/users/{userId}");
  add(Method::Get, "/internal/users/admins");
  EXPECT_EQ(match("/internal/users/admins"), "/internal/users/admins");
  EXPECT_EQ(match("/internal/users/admin"), "/internal/users/{userId}");
  EXPECT_EQ(match("/internal/users/%61dmins"), "/internal/users/admins");
  EXPECT_EQ(match("/internal/users/%61dmin%73"), "/internal/users/admins");
}

TEST_F(RouterTest, TriesTheParameterWhereTheLiteralLeadsNowhere) {
  add(Method::Get, "/t/cancel-batch/x");
  add(Method::Post, "/t/cancel-batch");
  add(Method::Get, "/t/{id}");
  add(Method::Get, "/t/{id}/status");
  EXPECT_EQ(match("/t/cancel-batch", Method::Post), "/t/cancel-batch");
  EXPECT_EQ(match("/t/cancel-batch"), "/t/{id}");
  EXPECT_EQ(match("/t/cancel-batch/status"), "/t/{id}/status");
  const RouteMatch found = router_.match(Method::Get, "/t/cancel-batch/status");
  ASSERT_EQ(found.parameters.size, 1U);
  EXPECT_EQ(found.parameters.values[0], "cancel-batch");
}

TEST_F(RouterTest, ParametersAreRaw) {
  add(Method::Get, "/v/{venue}/t/{ticket}");
  const RouteMatch found = router_.match(Method::Get, "/v/a%2Fb/t/%20");
  ASSERT_NE(found.endpoint, nullptr);
  ASSERT_EQ(found.parameters.size, 2U);
  EXPECT_EQ(found.parameters.values[0], "a%2Fb");
  EXPECT_EQ(found.parameters.values[1], "%20");
}

TEST_F(RouterTest, AnEscapedSlashNeverSplits) {
  add(Method::Get, "/a/b");
  add(Method::Get, "/c%2Fd");
  EXPECT_EQ(match("/a%2Fb"), "");
  EXPECT_EQ(match("/c%2fd"), "/c%2Fd");
  EXPECT_EQ(match("/c/d"), "");
}

TEST_F(RouterTest, NothingIsNormalised) {
  add(Method::Get, "/a/{x}");
  add(Method::Get, "/b/");
  add(Method::Get, "/");
  EXPECT_EQ(match("/a/"), "") << "an empty parameter";
  EXPECT_EQ(match("/a//"), "");
  EXPECT_EQ(match("//a/1"), "");
  EXPECT_EQ(match("/a/1/"), "");
  EXPECT_EQ(match("/A/1"), "");
  EXPECT_EQ(match("/b"), "");
  EXPECT_EQ(match("/b/"), "/b/");
  EXPECT_EQ(match("/"), "/");
  EXPECT_EQ(match(""), "");
  EXPECT_EQ(match("a/1"), "");
}

TEST_F(RouterTest, BrokenEscapesAndLongSegmentsAreOnlyEverParameters) {
  add(Method::Get, "/lit");
  add(Method::Get, "/p/{x}");
  EXPECT_EQ(match("/li%7"), "");
  EXPECT_EQ(match("/lit%"), "");
  EXPECT_EQ(match("/" + std::string(5000, 'a') + "%20"), "");
  EXPECT_EQ(match("/p/%zz"), "/p/{x}");
}

TEST_F(RouterTest, PathsDeeperThanAnyTemplateMatchNothing) {
  std::string deep;
  for (std::size_t i = 0; i < kMaxSegments; ++i) deep += "/a";
  add(Method::Get, deep);
  EXPECT_EQ(match(deep), deep);
  EXPECT_EQ(match(deep + "/a"), "");
  EXPECT_EQ(match(std::string(8000, '/')), "");
}

TEST_F(RouterTest, HeadFallsBackToGet) {
  add(Method::Get, "/a");
  add(Method::Get, "/b");
  add(Method::Head, "/b");
  EXPECT_EQ(router_.match(Method::Head, "/a").endpoint->method, Method::Get);
  EXPECT_EQ(router_.match(Method::Head, "/b").endpoint->method, Method::Head);
  EXPECT_EQ(router_.match(Method::Get, "/b").endpoint->method, Method::Get);
}

TEST_F(RouterTest, SaysWhichMethodsThereAre) {
  add(Method::Get, "/t/{id}");
  add(Method::Post, "/t/batch");
  EXPECT_EQ(router_.match(Method::Delete, "/t/batch").allowed_methods,
            bit(Method::Get) | bit(Method::Post));
  EXPECT_EQ(router_.match(Method::Post, "/t/7").allowed_methods, bit(Method::Get));
  EXPECT_EQ(router_.match(Method::Get, "/t").allowed_methods, 0);
  EXPECT_EQ(router_.match(Method::Get, "/t/7").allowed_methods, 0);
  EXPECT_EQ(router_.match(Method::Other, "/t/7").allowed_methods, bit(Method::Get));
}

TEST_F(RouterTest, AddReturnsTheEndpointOfTheSameShape) {
  EXPECT_EQ(add(Method::Get, "/a/{x}/b"), nullptr);
  EXPECT_EQ(add(Method::Post, "/a/{x}/b"), nullptr);
  EXPECT_EQ(add(Method::Get, "/a/{other}/b"), endpoints_[0].get());
  EXPECT_EQ(add(Method::Get, "/%61/{x}/b"), endpoints_[0].get());
  EXPECT_EQ(match("/a/1/b"), "/a/{x}/b");
}

// --- against a list that is searched from front to back ------------------------------------------

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> segments;
  for (std::size_t begin = 1; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    segments.emplace_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return segments;
}

std::string decoded(const std::string& raw) {
  std::string text;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '%' && i + 2 < raw.size()) {
      text += static_cast<char>(hex_value(raw[i + 1]) * 16 + hex_value(raw[i + 2]));
      i += 2;
    } else {
      text += raw[i];
    }
  }
  return text;
}

bool fits(const Endpoint& endpoint, const std::vector<std::string>& path) {
  const auto& segments = endpoint.match.segments();
  if (segments.size() != path.size()) return false;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const bool same =
        segments[i].is_parameter() ? !path[i].empty() : decoded(path[i]) == segments[i].literal;
    if (!same) return false;
  }
  return true;
}

// True when `a` has a literal where they first differ.
bool more_literal(const Endpoint& a, const Endpoint& b) {
  for (std::size_t i = 0; i < a.match.segments().size(); ++i) {
    const bool x = a.match.segments()[i].is_parameter();
    const bool y = b.match.segments()[i].is_parameter();
    if (x != y) return y;
  }
  return false;
}

TEST_F(RouterTest, AgreesWithAListOnRandomTemplatesAndPaths) {
  std::mt19937 random(20260112);
  const auto roll = [&](unsigned n) { return static_cast<unsigned>(random() % n); };
  constexpr Method kMethods[] = {Method::Get, Method::Post, Method::Put};
  const char* const words[] = {"a", "b", "c", "ab", "tickets", "%61", "%62c"};
  for (int round = 0; round < 60; ++round) {
    endpoints_.clear();
    router_ = Router();
    std::vector<const Endpoint*> list;
    for (int i = 0; i < 40; ++i) {
      std::string path;
      for (unsigned n = 1 + roll(5), k = 0; k < n; ++k) {
        path += roll(3) == 0 ? "/{p" + std::to_string(k) + '}' : std::string("/") + words[roll(7)];
      }
      if (add(kMethods[roll(3)], path) == nullptr) list.push_back(endpoints_.back().get());
    }
    for (int i = 0; i < 400; ++i) {
      std::string path;
      for (unsigned n = 1 + roll(5), k = 0; k < n; ++k) {
        path += std::string("/") + (roll(12) == 0 ? "" : words[roll(7)]);
      }
      const Method method = kMethods[roll(3)];
      const auto segments = split(path);
      const Endpoint* expected = nullptr;
      std::uint16_t methods = 0;
      for (const Endpoint* endpoint : list) {
        if (!fits(*endpoint, segments)) continue;
        methods = static_cast<std::uint16_t>(methods | bit(endpoint->method));
        if (endpoint->method != method) continue;
        if (expected == nullptr || more_literal(*endpoint, *expected)) expected = endpoint;
      }
      const RouteMatch found = router_.match(method, path);
      ASSERT_EQ(found.endpoint, expected) << path;
      ASSERT_EQ(found.allowed_methods, expected == nullptr ? methods : 0) << path;
      if (expected != nullptr) {
        ASSERT_EQ(found.parameters.size, expected->match.parameter_count()) << path;
      }
    }
  }
}

}  // namespace
}  // namespace usher::route
