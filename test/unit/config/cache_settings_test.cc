// "cache" and "invalidates" of endpoints.
#include "config/cache_settings.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "config/vary_field.h"
#include "unit/config/loader_fixture.h"

namespace usher::config::test {
namespace {

using policy::CachePolicy;
using policy::CacheScope;
using testing::ElementsAre;
using testing::IsEmpty;

class CacheSettingsTest : public LoaderTest {
 protected:
  // The mistakes of GET /a/{x}/{y} with this line, the second.
  std::vector<std::string> with_get(const std::string& member) {
    return with_service(
        "{\"service\": \"a\", \"addresses\": [\"http://a:1\"], \"endpoints\": [{\"name\": "
        "\"e\",\n" +
        member + ",\n\"match\": \"GET /a/{x}/{y}\"}]}");
  }
  std::optional<CachePolicy> policy(const std::string& cache) {
    EXPECT_THAT(with_get("\"cache\": " + cache), IsEmpty());
    return loaded()->endpoints[0]->policy.cache;
  }
  static std::vector<std::string> texts(const std::vector<policy::TagTemplate>& tags) {
    std::vector<std::string> result(tags.size());
    std::transform(tags.begin(), tags.end(), result.begin(),
                   [](const auto& tag) { return tag.text(); });
    return result;
  }
};

TEST_F(CacheSettingsTest, NothingIsKeptByDefault) {
  EXPECT_THAT(with_usher(kUsher), IsEmpty());
  EXPECT_FALSE(loaded()->endpoints[0]->policy.cache);
  EXPECT_THAT(loaded()->endpoints[0]->policy.invalidates, IsEmpty());
  EXPECT_FALSE(policy("false"));
}

TEST_F(CacheSettingsTest, DefaultsOfAnObject) {
  const auto cache = policy("{}");
  ASSERT_TRUE(cache);
  EXPECT_EQ(cache->ttl, std::nullopt);
  EXPECT_FALSE(cache->ttl_overrides);
  EXPECT_EQ(cache->stale_while_revalidate, Duration::zero());
  EXPECT_EQ(cache->stale_if_error, Duration::zero());
  EXPECT_EQ(cache->negative_ttl, Duration::zero());
  EXPECT_EQ(cache->scope, CacheScope::Tenant);
  EXPECT_THAT(cache->vary, IsEmpty());
  EXPECT_EQ(cache->query, std::nullopt);
  EXPECT_EQ(cache->max_object, 256U * 1024);
  EXPECT_THAT(cache->tags, IsEmpty());
  EXPECT_FALSE(cache->lock);
}

TEST_F(CacheSettingsTest, EveryKey) {
  const auto cache = policy(R"({"ttl": "720h", "freshness": "policy",
      "stale_while_revalidate": "5s", "stale_if_error": "10m", "negative_ttl": "30s",
      "scope": "user", "vary": ["X-Currency", "Accept-Language"], "query": ["to", "from"],
      "max_object": "16MiB", "tags": ["a:{x}", "b:{response:/list/*/id}"], "lock": true})");
  ASSERT_TRUE(cache);
  EXPECT_EQ(cache->ttl, Duration(std::chrono::hours(720)));
  EXPECT_TRUE(cache->ttl_overrides);
  EXPECT_EQ(cache->stale_while_revalidate, Duration(5s));
  EXPECT_EQ(cache->stale_if_error, Duration(600s));
  EXPECT_EQ(cache->negative_ttl, Duration(30s));
  EXPECT_EQ(cache->scope, CacheScope::User);
  EXPECT_THAT(cache->vary, ElementsAre("accept-language", "x-currency"));
  ASSERT_TRUE(cache->query);
  EXPECT_THAT(*cache->query, ElementsAre("from", "to"));
  EXPECT_EQ(cache->max_object, 16U * 1024 * 1024);
  EXPECT_THAT(texts(cache->tags), ElementsAre("a:{x}", "b:{response:/list/*/id}"));
  EXPECT_TRUE(cache->lock);
  EXPECT_EQ(policy(R"({"query": []})")->query, std::vector<std::string>());
}

TEST_F(CacheSettingsTest, UserInVaryIsTheScope) {
  EXPECT_EQ(policy(R"({"vary": ["user"]})")->scope, CacheScope::User);
  EXPECT_EQ(policy(R"({"scope": "tenant", "vary": ["user"]})")->scope, CacheScope::User);
  EXPECT_THAT(policy(R"({"vary": ["user", "Accept"]})")->vary, ElementsAre("accept"));
  EXPECT_EQ(policy(R"({"scope": "public"})")->scope, CacheScope::Public);
}

TEST_F(CacheSettingsTest, AMutationSaysWhatItMakesStale) {
  EXPECT_THAT(with_endpoint_member(R"("invalidates": ["a:{x}", "b:{request:/ids/*}", "all"])"),
              IsEmpty());
  EXPECT_THAT(texts(loaded()->endpoints[0]->policy.invalidates),
              ElementsAre("a:{x}", "b:{request:/ids/*}", "all"));
}

TEST_F(CacheSettingsTest, TagsHaveTheParametersOfTheMatch) {
  EXPECT_THAT(with_get(R"("cache": {"tags": ["a:{z}"]})").size(), 1U);
  EXPECT_THAT(with_endpoint_member(R"("invalidates": ["a:{y}"])").size(), 1U);
}

// Another process, and the same one after a restart, must come to the same number; whatever is
// changed, to another one.
TEST_F(CacheSettingsTest, TheVersionIsOfAllThatIsSaid) {
  const std::string cases[] = {
      "{}",
      R"({"ttl": "5s"})",
      R"({"ttl": "6s"})",
      R"({"ttl": "5s", "freshness": "policy"})",
      R"({"stale_while_revalidate": "5s"})",
      R"({"stale_if_error": "5s"})",
      R"({"negative_ttl": "5s"})",
      R"({"scope": "user"})",
      R"({"scope": "public"})",
      R"({"vary": ["a"]})",
      R"({"vary": ["a", "b"]})",
      R"({"vary": ["ab"]})",
      R"({"query": []})",
      R"({"query": ["a"]})",
      R"({"query": ["a", "b"]})",
      R"({"query": ["ab"]})",
      R"({"max_object": "1KiB"})",
      R"({"tags": ["a"]})",
      R"({"tags": ["a", "b"]})",
      R"({"tags": ["ab"]})",
      R"({"tags": ["b", "a"]})",
      R"({"lock": true})",
  };
  std::set<std::uint64_t> versions;
  for (const std::string& text : cases) {
    EXPECT_TRUE(versions.insert(policy(text)->version).second) << text;
  }
  EXPECT_EQ(policy("{}")->version, 17815772505743226670U) << "as another process computed it";
  EXPECT_EQ(policy(R"({"vary": ["b", "A"]})")->version, policy(R"({"vary": ["a", "B"]})")->version);
  EXPECT_EQ(policy(R"({"query": ["b", "a"]})")->version,
            policy(R"({"query": ["a", "b"]})")->version);
}

TEST_F(CacheSettingsTest, Mistakes) {
  const std::string duration = ", such as \"250ms\", \"5s\" or \"1m\"";
  const std::pair<std::string, std::string> cases[] = {
      {R"("cache": true)", "2:10: \"cache\" is true; expected false or an object"},
      {R"("cache": "5s")", "2:10: \"cache\" is \"5s\"; expected false or an object"},
      {R"("cache": {"ttl": "0s"})",
       "2:18: \"ttl\" is \"0s\"; expected a duration from 1ms to 720h" + duration},
      {R"("cache": {"ttl": "721h"})",
       "2:18: \"ttl\" is \"721h\"; expected a duration from 1ms to 720h" + duration},
      {R"("cache": {"negative_ttl": "31s"})",
       "2:27: \"negative_ttl\" is \"31s\"; expected a duration from 0s to 30s" + duration},
      {R"("cache": {"freshness": "policy"})",
       "2:24: \"freshness\": \"policy\" has no time to go by; write \"ttl\" too"},
      {R"("cache": {"scope": "all"})",
       "2:20: \"scope\" is \"all\"; expected one of \"tenant\", \"user\", \"public\""},
      {R"("cache": {"scope": "public", "vary": ["user"]})",
       "2:39: \"user\" contradicts \"scope\": \"public\" beside it; leave out one"},
      {R"("cache": {"vary": ["Accept", "Accept"]})",
       "2:30: \"Accept\" stands twice; leave one out"},
      {R"("cache": {"vary": "Accept"})",
       "2:19: \"vary\" is \"Accept\"; expected a list of strings"},
      {R"("cache": {"vary": ["Cookie"]})",
       "2:20: \"Cookie\" is a credential: what is answered to it is not kept unless the owner "
       "says that it is for everybody; leave it out"},
      {R"("cache": {"query": ["a=b"]})",
       "2:21: \"a=b\" is not a parameter's name; write it as it stands in a query"},
      {R"("cache": {"query": [""]})",
       "2:21: \"\" is not a parameter's name; write it as it stands in a query"},
      {R"("cache": {"query": [1]})", "2:21: \"query\" is 1; expected a list of strings"},
      {R"("cache": {"max_object": "1B"})",
       "2:25: \"max_object\" is \"1B\"; expected a size from 1KiB to 16MiB, such as \"512B\", "
       "\"64KiB\" or \"1MiB\""},
      {R"("cache": {"tags": ["a:{request:/id}"]})",
       "2:20: \"a:{request:/id}\" takes a value from the call's body, which GET has none of; use "
       "{response:/…}"},
      {R"("cache": {"tags": ["0","1","2","3","4","5","6","7","8","9","a","b","c","d","e","f","g"]})",
       "2:19: \"tags\" has 17 elements; at most 16 are allowed"},
      {R"("cache": {"lock": 1})", "2:19: \"lock\" is 1; expected true or false"},
      {R"("invalidates": ["a"])",
       "2:16: \"invalidates\" stands at an endpoint that only reads, and changes nothing; leave it "
       "out"},
  };
  for (const auto& [member, message] : cases) {
    EXPECT_THAT(with_get(member), ElementsAre("services/a.json:" + message)) << member;
  }
}

TEST_F(CacheSettingsTest, MistakesAtOtherMethods) {
  const std::pair<std::string, std::string> cases[] = {
      {R"("cache": {})",
       "2:10: \"cache\" stands at an endpoint for POST, but only answers to GET are kept, whatever "
       "\"safe\" says; leave it out"},
      {R"("safe": true, "cache": {"ttl": "1s"})",
       "2:24: \"cache\" stands at an endpoint for POST, but only answers to GET are kept, whatever "
       "\"safe\" says; leave it out"},
      {R"("safe": true, "invalidates": ["a"])",
       "2:30: \"invalidates\" stands at an endpoint that only reads, and changes nothing; leave it "
       "out"},
      {R"("invalidates": ["a:{response:/id}"])",
       "2:17: \"a:{response:/id}\" takes a value from the answer, which only \"tags\" do; use "
       "{request:/…}"},
      {R"("invalidates": "a")", "2:16: \"invalidates\" is \"a\"; expected a list of strings"},
  };
  for (const auto& [member, message] : cases) {
    EXPECT_THAT(with_endpoint_member(member), ElementsAre("services/a.json:" + message)) << member;
  }
  EXPECT_THAT(with_endpoint_member(R"("cache": false)"), IsEmpty());
}

TEST(VaryField, TheSenderOfAFieldAndItsUseDecide) {
  for (const char* name :
       {"Accept", "accept-language", "Accept-Encoding", "X-Currency", "Origin"}) {
    EXPECT_EQ(why_not_in_key(name), "") << name;
  }
  const std::pair<std::string, std::string> refused[] = {
      {"a b", "is not a header's name"},
      {"", "is not a header's name"},
      {"X_Currency", "has an underscore"},
      {"Connection", "does not reach the owner"},
      {"keep-alive", "does not reach the owner"},
      {"TE", "does not reach the owner"},
      {"Transfer-Encoding", "does not reach the owner"},
      {"Content-Type", "does not reach the owner"},
      {"Host", "is Usher's own to say"},
      {"X-Calling-Service", "is Usher's own to say"},
      {"x-internal-api-key", "is Usher's own to say"},
      {"X-Service-Token", "is Usher's own to say"},
      {"Authorization", "is a credential"},
      {"cookie", "is a credential"},
      {"X-Tenant-ID", "is part of the key"},
      {"X-User-ID", "is part of the key"},
      {"traceparent", "is another one in each call"},
      {"TraceState", "is another one in each call"},
      {"X-Trace-ID", "is another one in each call"},
      {"X-Request-ID", "is another one in each call"},
      {"Idempotency-Key", "is another one in each call"},
      {"X-Request-Timeout-Ms", "is another one in each call"},
      {"If-None-Match", "is what the cache itself goes by"},
      {"Cache-Control", "is what the cache itself goes by"},
      {"Range", "is what the cache itself goes by"},
  };
  for (const auto& [name, why] : refused) {
    EXPECT_TRUE(why_not_in_key(name).starts_with(why)) << name << ": " << why_not_in_key(name);
  }
}

}  // namespace
}  // namespace usher::config::test
