#include "cache/cache_key.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "base/random.h"
#include "cache/tag.h"
#include "unit/cache/support.h"

namespace usher::cache {
namespace {

using policy::CachePolicy;
using policy::CacheScope;

struct Call {
  std::string consumer = "payment-service";
  std::string service = "ticket-service";
  std::string endpoint = "ticket-status";
  std::string target = "/internal/tickets/1/status";
  std::string tenant = "t1";
  std::string user = "u1";
  OwnedFields::Pairs fields;
};

std::optional<CacheKey> key_of(const Call& call, const CachePolicy& policy = {}) {
  Hasher hasher;
  const OwnedFields fields(call.fields);
  return make_key(hasher, policy,
                  {.consumer = call.consumer,
                   .service = call.service,
                   .endpoint = call.endpoint,
                   .target = call.target,
                   .tenant = call.tenant,
                   .user = call.user,
                   .fields = fields});
}

std::optional<CacheKey> key_of_target(const std::string& target, const CachePolicy& policy = {}) {
  Call call;
  call.target = target;
  return key_of(call, policy);
}

CachePolicy policy_of(CacheScope scope) {
  CachePolicy policy;
  policy.scope = scope;
  return policy;
}

TEST(CacheKey, IsTheSameForTheSameCall) {
  EXPECT_TRUE(key_of({}).has_value());
  EXPECT_EQ(key_of({}), key_of({}));
}

TEST(CacheKey, DiffersInEachComponent) {
  const Call call;
  const CachePolicy user = policy_of(CacheScope::User);
  const std::pair<const char*, std::function<void(Call&)>> changes[] = {
      {"consumer", [](Call& other) { other.consumer = "gateway"; }},
      {"service", [](Call& other) { other.service = "order-service"; }},
      {"endpoint", [](Call& other) { other.endpoint = "ticket-full"; }},
      {"path", [](Call& other) { other.target = "/internal/tickets/2/status"; }},
      {"query", [](Call& other) { other.target += "?a=1"; }},
      {"tenant", [](Call& other) { other.tenant = "t2"; }},
      {"no tenant", [](Call& other) { other.tenant.clear(); }},
      {"user", [](Call& other) { other.user = "u2"; }},
  };
  for (const auto& [name, change] : changes) {
    Call other = call;
    change(other);
    EXPECT_NE(key_of(call, user), key_of(other, user)) << name;
  }
  CachePolicy newer = user;
  newer.version = 2;
  EXPECT_NE(key_of(call, user), key_of(call, newer));
}

TEST(CacheKey, BytesDoNotMoveFromOneComponentToTheNext) {
  Call call;
  Call other;
  call.service = "ab";
  call.endpoint = "c";
  other.service = "a";
  other.endpoint = "bc";
  EXPECT_NE(key_of(call), key_of(other));
}

TEST(CacheKey, ScopeSaysWhoSharesAnAnswer) {
  Call other_user;
  other_user.user = "u2";
  Call other_tenant;
  other_tenant.tenant = "t2";
  const CachePolicy tenant = policy_of(CacheScope::Tenant);
  EXPECT_EQ(key_of({}, tenant), key_of(other_user, tenant));
  EXPECT_NE(key_of({}, tenant), key_of(other_tenant, tenant));
  const CachePolicy everybody = policy_of(CacheScope::Public);
  EXPECT_EQ(key_of({}, everybody), key_of(other_tenant, everybody));
  EXPECT_NE(key_of({}, everybody), key_of({}, tenant));
  // Users of two tenants are two, whatever their ids.
  const CachePolicy user = policy_of(CacheScope::User);
  EXPECT_NE(key_of({}, user), key_of(other_tenant, user));
}

TEST(CacheKey, ThereIsNoneForUsersWithoutAUser) {
  Call nobody;
  nobody.user.clear();
  EXPECT_FALSE(key_of(nobody, policy_of(CacheScope::User)));
  EXPECT_TRUE(key_of(nobody, policy_of(CacheScope::Tenant)));
}

TEST(CacheKey, ScopeOfTagsIsTheTenants) {
  Hasher hasher;
  const ScopeId tenant = scope_of(hasher, CacheScope::Tenant, "t1");
  EXPECT_EQ(tenant, scope_of(hasher, CacheScope::User, "t1"));
  EXPECT_EQ(key_of({})->scope, tenant);
  EXPECT_NE(tenant, scope_of(hasher, CacheScope::Tenant, "t2"));
  const ScopeId nobody = scope_of(hasher, CacheScope::Tenant, "");
  EXPECT_NE(nobody, tenant);
  EXPECT_NE(nobody.value, 0U);
  EXPECT_EQ(scope_of(hasher, CacheScope::Public, "t1").value, 0U);
}

TEST(CacheKey, ScopeInHexadecimalDigits) {
  EXPECT_EQ(to_hex(ScopeId{}), "0000000000000000");
  EXPECT_EQ(to_hex(ScopeId{0x0123456789abcdef}), "0123456789abcdef");
}

TEST(CacheKey, NothingOfAPathIsDecodedOrFolded) {
  const char* const targets[] = {"/a/b",  "/a%2Fb", "/a%2fb", "/A/b",  "/a//b",
                                 "/a/b/", "/a/./b", "/a/b?",  "/a/b?&"};
  for (const char* one : targets) {
    for (const char* other : targets) {
      EXPECT_EQ(key_of_target(one) == key_of_target(other), one == other) << one << " " << other;
    }
  }
}

TEST(CacheKey, ParametersAreSortedByName) {
  EXPECT_EQ(key_of_target("/p?a=1&b=2&c"), key_of_target("/p?c&b=2&a=1"));
  // "aa" and "a" are sorted as names, not with what follows them.
  EXPECT_EQ(key_of_target("/p?a=1&a.b=2"), key_of_target("/p?a.b=2&a=1"));
}

TEST(CacheKey, ValuesOfOneNameKeepTheirOrder) {
  EXPECT_NE(key_of_target("/p?a=1&a=2"), key_of_target("/p?a=2&a=1"));
  EXPECT_EQ(key_of_target("/p?a=1&b=0&a=2"), key_of_target("/p?a=1&a=2&b=0"));
}

TEST(CacheKey, ParametersAreNotDecoded) {
  const char* const targets[] = {"/p",         "/p?",      "/p?a",       "/p?a=",   "/p?a=%20",
                                 "/p?a=+",     "/p?A=%20", "/p?%61=%20", "/p?a=1",  "/p?a=1&a=1",
                                 "/p?a=1%26b", "/p?a=1&b", "/p?a=1;b",   "/p?a=1&", "/p?a==1",
                                 "/p?a=1?b",   "/p?=a",    "/p?a=b%3Dc", "/p?a=b=c"};
  for (const char* one : targets) {
    for (const char* other : targets) {
      EXPECT_EQ(key_of_target(one) == key_of_target(other), one == other) << one << " " << other;
    }
  }
}

TEST(CacheKey, CallWithAnotherParameterThanAllowedHasNone) {
  CachePolicy policy;
  policy.query = {"limit", "status"};
  EXPECT_TRUE(key_of_target("/p", policy));
  EXPECT_TRUE(key_of_target("/p?", policy));
  EXPECT_TRUE(key_of_target("/p?status=a&limit=5&status=b", policy));
  EXPECT_NE(key_of_target("/p?limit=5", policy), key_of_target("/p?limit=6", policy));
  for (const char* target : {"/p?page=1", "/p?limit=5&page", "/p?Limit=5", "/p?lim%69t=5", "/p?=5",
                             "/p?limits=5", "/p?limit=5&limi=5"}) {
    EXPECT_FALSE(key_of_target(target, policy)) << target;
  }
  policy.query.emplace();
  EXPECT_TRUE(key_of_target("/p", policy));
  EXPECT_FALSE(key_of_target("/p?limit=5", policy));
}

TEST(CacheKey, CallWithMoreThan64ParametersHasNone) {
  std::string target = "/p?p0";
  for (int i = 1; i < 64; ++i) target += "&p" + std::to_string(i);
  EXPECT_TRUE(key_of_target(target));
  EXPECT_FALSE(key_of_target(target + "&p64"));
  EXPECT_FALSE(key_of_target(target + "&"));
}

// --- request fields -----------------------------------------------------------------------------

std::optional<CacheKey> key_with(OwnedFields::Pairs fields) {
  CachePolicy policy;
  policy.vary = {"accept-language", "x-view"};
  Call call;
  call.fields = std::move(fields);
  return key_of(call, policy);
}

TEST(CacheKey, NamedFieldsArePartOfIt) {
  const auto none = key_with({});
  EXPECT_EQ(none, key_with({{"X-Other", "1"}}));
  EXPECT_NE(none, key_with({{"X-View", ""}}));
  EXPECT_NE(none, key_with({{"X-View", "full"}}));
  EXPECT_NE(key_with({{"X-View", "full"}}), key_with({{"X-View", "Full"}}));
  EXPECT_NE(key_with({{"X-View", "full"}}), key_with({{"Accept-Language", "full"}}));
  EXPECT_EQ(key_with({{"x-view", "full"}}), key_with({{"X-VIEW", "full"}}));
  EXPECT_NE(key_with({{"X-View", "a"}, {"Accept-Language", "b"}}),
            key_with({{"X-View", "b"}, {"Accept-Language", "a"}}));
}

TEST(CacheKey, LanguagesHaveNoCaseButAnOrder) {
  const auto two = key_with({{"Accept-Language", "en-GB, de;q=0.5"}});
  EXPECT_EQ(two, key_with({{"Accept-Language", "EN-gb,De;Q=0.5"}}));
  EXPECT_NE(two, key_with({{"Accept-Language", "de;q=0.5, en-GB"}}));
  EXPECT_NE(two, key_with({{"Accept-Language", "en-GB, de"}}));
}

TEST(CacheKey, FieldsAreComparedAsLists) {
  const auto two = key_with({{"X-View", "a, b"}});
  EXPECT_EQ(two, key_with({{"X-View", "a,b"}}));
  EXPECT_EQ(two, key_with({{"X-View", " a ,,\tb , "}}));
  EXPECT_EQ(two, key_with({{"X-View", "a"}, {"X-View", "b"}}));
  EXPECT_NE(two, key_with({{"X-View", "b, a"}}));
  EXPECT_NE(two, key_with({{"X-View", "a b"}}));
  EXPECT_NE(two, key_with({{"X-View", "ab"}}));
  // What is quoted is no list.
  EXPECT_NE(key_with({{"X-View", R"("a, b")"}}), key_with({{"X-View", R"("a,b")"}}));
  EXPECT_NE(key_with({{"X-View", R"("a\", b")"}}), key_with({{"X-View", R"("a\",b")"}}));
  EXPECT_EQ(key_with({{"X-View", R"("a\\", b)"}}), key_with({{"X-View", R"("a\\",b)"}}));
}

CacheKey variant_with(std::string_view names, OwnedFields::Pairs fields,
                      const CacheKey& primary = key_named("a")) {
  Hasher hasher;
  return variant_key(hasher, primary, names, OwnedFields(std::move(fields)));
}

TEST(CacheKey, VariantIsChosenByTheFieldsNamed) {
  const CacheKey primary = key_named("a");
  const CacheKey plain = variant_with("X-View", {});
  EXPECT_NE(plain, primary);
  EXPECT_EQ(plain.scope, primary.scope);
  EXPECT_EQ(plain, variant_with("X-View", {{"X-Other", "1"}}));
  EXPECT_NE(plain, variant_with("X-View", {{"X-View", "1"}}));
  EXPECT_NE(plain, variant_with("X-View, X-Other", {}));
  EXPECT_EQ(variant_with("X-View,X-Other", {}), variant_with(" X-View , X-Other", {}));
  EXPECT_NE(plain, variant_with("X-View", {}, key_named("b")));
}

CacheKey encoding(const char* value) {
  return variant_with("Accept-Encoding", {{"Accept-Encoding", value}});
}

TEST(CacheKey, AcceptEncodingIsASetOfCodings) {
  const CacheKey gzip = encoding("gzip");
  for (const char* same : {"GZIP", "x-gzip", "gzip;q=0.5", "gzip, identity", "gzip , br;q=0",
                           "br;q=0.000,gzip", "identity;q=0.1, gzip", "gzip, *;q=0, identity"}) {
    EXPECT_EQ(gzip, encoding(same)) << same;
  }
  for (const char* other : {"", "br", "gzip, br", "identity", "gzip;q=0", "*", "gzip, *;q=0",
                            "gzip, identity;q=0", "gzip, deflate"}) {
    EXPECT_NE(gzip, encoding(other)) << other;
  }
  EXPECT_EQ(encoding("gzip, br"), encoding("br;q=1.0, gzip;q=0.8"));
  EXPECT_EQ(encoding(""), encoding("identity"));
  EXPECT_EQ(encoding("*, gzip"), encoding("*"));
  EXPECT_NE(encoding("*, gzip;q=0"), encoding("*"));
}

// An owner may answer with any coding that is allowed, not only with those of the set.
TEST(CacheKey, OtherCodingsThatAreAllowedTellVariantsApart) {
  EXPECT_NE(encoding("deflate"), encoding("identity"));
  EXPECT_NE(encoding("deflate"), encoding("zstd"));
  EXPECT_EQ(encoding("deflate;q=0"), encoding("identity"));
  EXPECT_NE(encoding("*"), encoding("br, gzip"));
}

TEST(CacheKey, CallsWithoutAcceptEncodingAreOnTheirOwn) {
  const CacheKey without = variant_with("Accept-Encoding", {});
  EXPECT_NE(without, encoding(""));
  EXPECT_NE(without, encoding("*"));
}

// --- random calls -------------------------------------------------------------------------------

std::string any_of(Random& random, std::initializer_list<const char*> texts) {
  return texts.begin()[random.next() % texts.size()];
}

Call random_call(Random& random) {
  Call call;
  call.consumer = any_of(random, {"a", "b", "ab", ""});
  call.service = any_of(random, {"a", "b", "ab"});
  call.endpoint = any_of(random, {"a", "b", "ab"});
  call.tenant = any_of(random, {"", "a", "b", "ab"});
  call.user = any_of(random, {"a", "b", "ab"});
  call.target = any_of(random, {"/a", "/a/b", "/a%2Fb", "/ab", "/A"});
  const std::size_t parameters = random.next() % 4;
  for (std::size_t i = 0; i < parameters; ++i) {
    call.target += (i == 0 ? "?" : "&") + any_of(random, {"a", "b", "a=1", "b=1", "a=", "c=2"});
  }
  if (random.next() % 2 == 0) call.fields = {{"X-View", any_of(random, {"", "a", "b", "a,b"})}};
  return call;
}

// What a key is to distinguish, in the plainest form.
std::vector<std::string> parts_of(const Call& call) {
  std::vector<std::string> parts = {call.consumer, call.service, call.endpoint, call.tenant,
                                    call.user};
  const std::size_t path_end = std::min(call.target.find('?'), call.target.size());
  parts.push_back(call.target.substr(0, path_end));
  std::vector<std::pair<std::string, std::string>> query;
  for (std::size_t begin = path_end; begin < call.target.size();) {
    const std::size_t end = std::min(call.target.find('&', begin + 1), call.target.size());
    const std::string text = call.target.substr(begin + 1, end - begin - 1);
    query.emplace_back(text.substr(0, text.find('=')), text);
    begin = end;
  }
  std::stable_sort(query.begin(), query.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (const auto& [name, text] : query) parts.push_back(text);
  for (const auto& [name, value] : call.fields) parts.push_back("field " + value);
  return parts;
}

TEST(CacheKey, TwoCallsHaveTheSameOnlyIfTheyAreTheSame) {
  CachePolicy policy = policy_of(CacheScope::User);
  policy.vary = {"x-view"};
  Random random(5);
  std::size_t same = 0;
  for (int i = 0; i < 20'000; ++i) {
    const Call one = random_call(random);
    Call other = random_call(random);
    // Most of it the same, so that what differs is little.
    const std::uint64_t kept = random.next();
    if (kept & 7) other.consumer = one.consumer;
    if (kept & 070) other.service = one.service;
    if (kept & 0700) other.endpoint = one.endpoint;
    if (kept & 07000) other.tenant = one.tenant;
    if (kept & 070000) other.user = one.user;
    if (kept & 0100000) other.target = one.target;
    if (kept & 0200000) other.fields = one.fields;
    const bool is_same = parts_of(one) == parts_of(other);
    same += is_same ? 1 : 0;
    ASSERT_EQ(key_of(one, policy) == key_of(other, policy), is_same)
        << one.target << " " << other.target;
  }
  EXPECT_GT(same, 100U);
}

TEST(CacheKey, PermutationsOfParametersHaveTheSame) {
  Random random(6);
  for (int i = 0; i < 200; ++i) {
    std::vector<std::string> parameters;
    for (std::size_t n = 0; n < 2 + random.next() % 20; ++n) {
      parameters.push_back("p" + std::to_string(n) + any_of(random, {"", "=", "=1", "=%20"}));
    }
    const auto target = [&] {
      std::string text = "/p";
      for (const std::string& parameter : parameters) {
        text += (text.size() == 2 ? "?" : "&") + parameter;
      }
      return text;
    };
    const auto key = key_of_target(target());
    for (std::size_t n = parameters.size(); n > 1; --n) {
      std::swap(parameters[n - 1], parameters[random.next() % n]);
    }
    ASSERT_EQ(key_of_target(target()), key) << target();
  }
}

// --- tags ---------------------------------------------------------------------------------------

TEST(Tag, IsOfItsScopeAndText) {
  Hasher hasher;
  const ScopeId one{1};
  const ScopeId two{2};
  const Tag tag = make_tag(hasher, one, "ticket:1");
  EXPECT_EQ(tag, make_tag(hasher, one, "ticket:1"));
  EXPECT_NE(tag.id, make_tag(hasher, one, "ticket:2").id);
  EXPECT_NE(tag.anywhere, make_tag(hasher, one, "ticket:2").anywhere);
  EXPECT_NE(tag.id, make_tag(hasher, two, "ticket:1").id);
  EXPECT_EQ(tag.anywhere, make_tag(hasher, two, "ticket:1").anywhere);
}

}  // namespace
}  // namespace usher::cache
