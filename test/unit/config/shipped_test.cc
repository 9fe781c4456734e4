// config/ as shipped: loads for every consumer, and routes the platform's nineteen endpoints.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <set>

#include "unit/config/private_key.h"
#include "unit/config/support.h"

namespace usher::config::test {
namespace {

using http::Method;

class ShippedTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { s2s_key = make_private_key(); }

  std::shared_ptr<const Snapshot> load_for(const std::string& consumer) {
    environment_.set("USHER_CONSUMER", consumer);
    LoadResult result = load({source_root() / "config"}, 1'768'210'800'000);
    for (const Problem& problem : result.problems) ADD_FAILURE() << to_string(problem);
    for (const Problem& warning : result.warnings) ADD_FAILURE() << to_string(warning);
    return result.snapshot;
  }

  static inline std::string s2s_key;
  Environment environment_;
};

struct Call {
  Method method;
  const char* path;
  const char* service;
  const char* endpoint;
  const char* owner_path;
  const char* scheme;
  std::vector<std::string> consumers;
};

const Call kCalls[] = {
    {Method::Get,
     "/internal/tickets/7/status",
     "ticket-service",
     "ticket-status",
     "/internal/tickets/7/status",
     "hmac",
     {"order-service", "payment-service"}},
    {Method::Post,
     "/internal/tickets/cancel-batch",
     "ticket-service",
     "cancel-batch",
     "/internal/tickets/cancel-batch",
     "hmac",
     {"order-service", "payment-service"}},
    {Method::Post,
     "/internal/tickets/calculate-price",
     "ticket-service",
     "calculate-price",
     "/internal/tickets/calculate-price",
     "hmac",
     {"order-service", "payment-service"}},
    {Method::Post,
     "/internal/validate-permissions",
     "auth-service",
     "validate-permissions",
     "/auth/internal/validate-permissions",
     "service-jwt",
     {"ticket-service", "payment-service", "event-service", "api-gateway"}},
    {Method::Post,
     "/internal/validate-users",
     "auth-service",
     "validate-users",
     "/auth/internal/validate-users",
     "service-jwt",
     {"api-gateway"}},
    {Method::Get,
     "/internal/user-tenant/7",
     "auth-service",
     "user-tenant",
     "/auth/internal/user-tenant/7",
     "service-jwt",
     {"api-gateway"}},
    {Method::Get,
     "/internal/health",
     "auth-service",
     "auth-health",
     "/auth/internal/health",
     "service-jwt",
     {"api-gateway"}},
    {Method::Get,
     "/internal/venues/7/validate-ticket/8",
     "venue-service",
     "validate-ticket",
     "/internal/venues/7/validate-ticket/8",
     "hmac",
     {"scanning-service"}},
    {Method::Get,
     "/internal/tickets/by-token/7xKX%2Fab%20c",
     "ticket-service",
     "ticket-by-token",
     "/internal/tickets/by-token/7xKX%2Fab%20c",
     "hmac",
     {"blockchain-indexer"}},
    {Method::Get,
     "/internal/orders/7/tickets",
     "ticket-service",
     "order-tickets",
     "/internal/orders/7/tickets",
     "hmac",
     {"payment-service", "blockchain-service"}},
    {Method::Post,
     "/internal/tickets/7/transfer",
     "ticket-service",
     "ticket-transfer",
     "/internal/tickets/7/transfer",
     "hmac",
     {"transfer-service"}},
    {Method::Get,
     "/internal/users/7/events-attended",
     "ticket-service",
     "events-attended",
     "/internal/users/7/events-attended",
     "hmac",
     {"auth-service"}},
    {Method::Get,
     "/internal/users/7",
     "auth-service",
     "user",
     "/auth/internal/users/7",
     "service-jwt",
     {"payment-service", "compliance-service", "transfer-service"}},
    {Method::Get,
     "/internal/users/by-email/a%40b",
     "auth-service",
     "user-by-email",
     "/auth/internal/users/by-email/a%40b",
     "service-jwt",
     {"transfer-service"}},
    {Method::Get,
     "/internal/users/admins",
     "auth-service",
     "admins",
     "/auth/internal/users/admins",
     "service-jwt",
     {"compliance-service"}},
    {Method::Get,
     "/internal/orders/7",
     "order-service",
     "order",
     "/internal/orders/7",
     "hmac",
     {"payment-service", "blockchain-service"}},
    {Method::Get,
     "/internal/orders/7/items",
     "order-service",
     "order-items",
     "/internal/orders/7/items",
     "hmac",
     {"blockchain-service"}},
    {Method::Get,
     "/internal/events/7",
     "event-service",
     "event",
     "/api/v1/internal/events/7",
     "hmac",
     {"minting-service", "payment-service"}},
    {Method::Get,
     "/internal/venues/7",
     "venue-service",
     "venue",
     "/internal/venues/7",
     "hmac",
     {"blockchain-service", "compliance-service"}},
};

constexpr const char* kConsumers[] = {
    "payment-service",    "blockchain-service", "blockchain-indexer", "transfer-service",
    "compliance-service", "minting-service",    "auth-service",       "order-service",
    "scanning-service",   "ticket-service",     "event-service",      "api-gateway"};

TEST_F(ShippedTest, RoutesEveryCallForEveryConsumer) {
  environment_.set("INTERNAL_SERVICE_SECRET", kSecret);
  environment_.set("S2S_PRIVATE_KEY", s2s_key);
  for (const std::string consumer : kConsumers) {
    const auto snapshot = load_for(consumer);
    ASSERT_NE(snapshot, nullptr) << consumer;
    EXPECT_EQ(snapshot->endpoints.size(), std::size(kCalls));
    for (const Call& call : kCalls) {
      const auto match = snapshot->listeners[0].router.match(call.method, call.path);
      ASSERT_NE(match.endpoint, nullptr) << call.path;
      const route::Endpoint& endpoint = *match.endpoint;
      EXPECT_EQ(endpoint.service, call.service) << call.path;
      EXPECT_EQ(endpoint.name, call.endpoint) << call.path;
      std::array<char, 256> buffer;
      const std::size_t size = endpoint.rewrite.write(match.parameters, buffer);
      EXPECT_EQ(std::string_view(buffer.data(), size), call.owner_path);
      const bool allowed = std::count(call.consumers.begin(), call.consumers.end(), consumer) > 0;
      EXPECT_EQ(endpoint.consumer_allowed, allowed) << consumer << " " << call.path;
      EXPECT_EQ(snapshot->signers[endpoint.signer]->scheme(), allowed ? call.scheme : "none");
      const bool health = endpoint.name == "auth-health";
      EXPECT_EQ(endpoint.policy.tenant,
                health ? policy::TenantRule::None : policy::TenantRule::Required);
    }
  }
}

TEST_F(ShippedTest, AConsumerNeedsOnlyTheSecretsOfItsOwnCalls) {
  environment_.set("INTERNAL_SERVICE_SECRET", kSecret);
  EXPECT_NE(load_for("minting-service"), nullptr);
}

// ticket-service looks at no Idempotency-Key, so not even one makes a mutation repeatable.
TEST_F(ShippedTest, OnlyReadsMayBeRepeated) {
  environment_.set("INTERNAL_SERVICE_SECRET", kSecret);
  environment_.set("S2S_PRIVATE_KEY", s2s_key);
  const auto snapshot = load_for("payment-service");
  ASSERT_NE(snapshot, nullptr);
  for (const auto& endpoint : snapshot->endpoints) {
    const bool mutation = endpoint->name == "cancel-batch" || endpoint->name == "ticket-transfer";
    EXPECT_EQ(policy::may_repeat(endpoint->repeatability(false)), !mutation) << endpoint->name;
    EXPECT_EQ(policy::may_repeat(endpoint->repeatability(true)), !mutation) << endpoint->name;
    EXPECT_LE(endpoint->policy.timeout, Duration(9s)) << endpoint->name;
  }
}

// Decisions about money, entry and rights are asked for each time, and personal data is not kept;
// what the platform's owners change by themselves goes by its time, which is short.
TEST_F(ShippedTest, KeepsOnlyWhatMayBeALittleOld) {
  environment_.set("INTERNAL_SERVICE_SECRET", kSecret);
  environment_.set("S2S_PRIVATE_KEY", s2s_key);
  const auto snapshot = load_for("payment-service");
  ASSERT_NE(snapshot, nullptr);
  std::map<std::string, Duration> kept;
  for (const auto& endpoint : snapshot->endpoints) {
    if (!endpoint->policy.cache) continue;
    const policy::CachePolicy& cache = *endpoint->policy.cache;
    kept[endpoint->name] =
        *cache.ttl + std::max(cache.stale_if_error, cache.stale_while_revalidate);
    EXPECT_EQ(cache.scope, policy::CacheScope::Tenant) << endpoint->name;
    EXPECT_LE(cache.negative_ttl, Duration(2s)) << endpoint->name;
    EXPECT_FALSE(cache.tags.empty()) << endpoint->name << ": nobody could make it stale";
  }
  const std::map<std::string, Duration> expected = {
      {"user-tenant", 300s}, {"admins", 60s},         {"event", 30s},
      {"venue", 10s},        {"order-items", 10s},    {"ticket-by-token", 5s},
      {"order-tickets", 5s}, {"events-attended", 30s}};
  EXPECT_EQ(kept, expected);
}

// "ticket:{ticketId}" and "ticket:{response:/tickets/*/id}" name the same tags.
std::set<std::string> kinds_of(const std::vector<policy::TagTemplate>& tags) {
  std::set<std::string> kinds;
  for (const policy::TagTemplate& tag : tags)
    kinds.insert(tag.text().substr(0, tag.text().find('{')));
  return kinds;
}

TEST_F(ShippedTest, WhatChangesTicketsNamesWhatAnswersAreMadeOf) {
  environment_.set("INTERNAL_SERVICE_SECRET", kSecret);
  environment_.set("S2S_PRIVATE_KEY", s2s_key);
  const auto snapshot = load_for("payment-service");
  ASSERT_NE(snapshot, nullptr);
  std::set<std::string> kept;
  for (const auto& endpoint : snapshot->endpoints) {
    if (endpoint->policy.cache) kept.merge(kinds_of(endpoint->policy.cache->tags));
  }
  for (const auto& endpoint : snapshot->endpoints) {
    const bool mutation = endpoint->name == "cancel-batch" || endpoint->name == "ticket-transfer";
    const auto kinds = kinds_of(endpoint->policy.invalidates);
    EXPECT_EQ(kinds.contains("ticket:"), mutation) << endpoint->name;
    for (const std::string& kind : kinds) EXPECT_TRUE(kept.contains(kind)) << kind;
  }
}

TEST_F(ShippedTest, EveryCallIsTriedAgainAndHasABreakerButTheProbe) {
  environment_.set("INTERNAL_SERVICE_SECRET", kSecret);
  environment_.set("S2S_PRIVATE_KEY", s2s_key);
  const auto snapshot = load_for("payment-service");
  ASSERT_NE(snapshot, nullptr);
  for (const auto& endpoint : snapshot->endpoints) {
    const policy::EndpointPolicy& policy = endpoint->policy;
    const bool probe = endpoint->name == "auth-health";
    EXPECT_EQ(policy.retry.attempts > 1, !probe) << endpoint->name;
    EXPECT_EQ(policy.breaker_scope,
              probe ? policy::BreakerScope::Off : policy::BreakerScope::Endpoint)
        << endpoint->name;
    policy::BreakerOptions breaker = policy::BreakerOptions::rates();
    if (!probe) {
      breaker.window = std::chrono::seconds(60);
      breaker.reset_timeout = std::chrono::seconds(30);
    }
    EXPECT_EQ(policy.breaker, breaker);
    EXPECT_LE(policy.timeout, Duration(endpoint->name == "validate-ticket" ? 3s : 9s));
  }
}

}  // namespace
}  // namespace usher::config::test
