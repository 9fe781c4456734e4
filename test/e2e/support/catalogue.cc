#include "support/catalogue.h"

#include <algorithm>
#include <stdexcept>

#include "support/platform.h"

namespace e2e {
namespace {

const std::string kTickets = "/internal/tickets/";
const std::string kUsers = "/internal/users/";
const std::string kOrders = "/internal/orders/";

std::string ids_body(const std::string& name, std::string_view id) {
  return Json{{name, Json::array({id})}}.dump();
}

EndpointCase reading(std::string name, std::string owner, std::string consumer, std::string target,
                     Json expected, std::string rows = "", const std::string& prefix = "") {
  return {.name = std::move(name),
          .owner = std::move(owner),
          .consumer = std::move(consumer),
          .request = get(target),
          .owner_target = prefix + target,
          .expected = std::move(expected),
          .rows = std::move(rows)};
}

EndpointCase posting(std::string name, std::string owner, std::string consumer, std::string target,
                     std::string body, Json expected, std::string rows = "",
                     const std::string& prefix = "") {
  EndpointCase endpoint = reading(std::move(name), std::move(owner), std::move(consumer), target,
                                  std::move(expected), std::move(rows), prefix);
  endpoint.request = post(target, std::move(body));
  return endpoint;
}

std::vector<EndpointCase> ticket_endpoints() {
  const Json any;
  return {
      reading("ticket-status", "ticket", "payment-service",
              path(kTickets, seed::kTicket, "/status"),
              {{"ticketId", seed::kTicket},
               {"status", "SOLD"},
               {"userId", seed::kAlice},
               {"hasBeenTransferred", false},
               {"nftMinted", true},
               {"nftTransferred", false},
               {"isUsed", false},
               {"validatedAt", any},
               {"canRefund", true}}),
      posting("cancel-batch", "ticket", "payment-service", kTickets + "cancel-batch",
              ids_body("ticketIds", seed::kTicket),
              {{"success", true},
               {"results", {{{"ticketId", seed::kTicket}, {"status", "cancelled"}}}}}),
      posting("calculate-price", "ticket", "order-service", kTickets + "calculate-price",
              ids_body("ticketIds", seed::kVipTicket),
              {{"totalCents", 15000},
               {"ticketCount", 1},
               {"priceBreakdown",
                {{{"ticketId", seed::kVipTicket}, {"ticketType", "VIP"}, {"priceCents", 15000}}}}}),
      reading("ticket-by-token", "ticket", "blockchain-indexer",
              path(kTickets, "by-token/", seed::kTokenEncoded),
              {{"ticket",
                {{"id", seed::kTicket},
                 {"tokenId", seed::kToken},
                 {"tenantId", seed::kTenant},
                 {"userId", seed::kAlice},
                 {"status", "SOLD"},
                 {"eventId", seed::kEvent},
                 {"isMinted", true},
                 {"mintTransactionId", any},
                 {"mintedAt", any},
                 {"ticketNumber", any}}}}),
      reading("order-tickets", "ticket", "payment-service", path(kOrders, seed::kOrder, "/tickets"),
              {{"orderId", seed::kOrder}, {"count", 3}, {"tickets", any}}, "_M018"),
      posting(
          "ticket-transfer", "ticket", "transfer-service",
          path(kTickets, seed::kTicket, "/transfer"),
          Json{{"fromUserId", seed::kAlice}, {"toUserId", seed::kBob}, {"reason", "gift"}}.dump(),
          {{"success", true},
           {"transfer",
            {{"id", any},
             {"ticketId", seed::kTicket},
             {"fromUserId", seed::kAlice},
             {"toUserId", seed::kBob},
             {"status", "completed"},
             {"reason", "gift"},
             {"transferredAt", any}}},
           {"ticket",
            {{"id", seed::kTicket},
             {"userId", seed::kBob},
             {"status", "TRANSFERRED"},
             {"transferCount", 1}}}},
          "_M095"),
      reading("events-attended", "ticket", "auth-service",
              path(kUsers, seed::kBob, "/events-attended"),
              {{"userId", seed::kBob},
               {"eventsAttended", 1},
               {"events", {{{"eventId", seed::kEvent}, {"attendedAt", any}}}}},
              "_M020"),
  };
}

std::vector<EndpointCase> auth_endpoints() {
  const Json any;
  const std::string prefix = "/auth";
  return {
      posting("validate-permissions", "auth", "ticket-service", "/internal/validate-permissions",
              Json{{"userId", seed::kAdmin}, {"permissions", {"venue:write"}}}.dump(),
              {{"valid", true},
               {"userId", seed::kAdmin},
               {"role", "admin"},
               {"venueRole", any},
               {"tenantId", seed::kTenant}},
              "", prefix),
      posting("validate-users", "auth", "api-gateway", "/internal/validate-users",
              ids_body("userIds", seed::kAlice),
              {{"users",
                {{{"id", seed::kAlice},
                  {"email", seed::kAliceEmail},
                  {"role", "user"},
                  {"tenant_id", seed::kTenant},
                  {"email_verified", any},
                  {"mfa_enabled", any}}}},
               {"found", 1},
               {"requested", 1}},
              "", prefix),
      reading("user-tenant", "auth", "api-gateway", path("/internal/user-tenant/", seed::kAlice),
              {{"id", seed::kAlice},
               {"tenant_id", seed::kTenant},
               {"tenant_name", any},
               {"tenant_slug", any}},
              "", prefix),
      reading("auth-health", "auth", "api-gateway", "/internal/health",
              {{"status", "healthy"}, {"service", "auth-service"}, {"timestamp", any}}, "", prefix),
      reading("user", "auth", "compliance-service", path(kUsers, seed::kAlice),
              {{"user",
                {{"id", seed::kAlice},
                 {"email", seed::kAliceEmail},
                 {"name", "Alice Archer"},
                 {"firstName", "Alice"},
                 {"tenantId", seed::kTenant},
                 {"role", "user"},
                 {"emailVerified", any},
                 {"billingAddress", any},
                 {"status", "active"}}}},
              "_M096", prefix),
      reading("user-by-email", "auth", "transfer-service",
              path(kUsers, "by-email/", seed::kZoeEmailEncoded),
              {{"user",
                {{"id", seed::kZoe},
                 {"email", seed::kZoeEmail},
                 {"name", any},
                 {"tenantId", seed::kTenant},
                 {"role", "user"},
                 {"status", "active"},
                 {"emailVerified", any}}},
               {"found", true}},
              "", prefix),
      reading("admins", "auth", "compliance-service",
              path(kUsers, "admins?tenantId=", seed::kTenant, "&roles=admin,compliance_admin"),
              {{"users", any},
               {"count", 2},
               {"tenantId", seed::kTenant},
               {"rolesQueried", {"admin", "compliance_admin"}}},
              "", prefix),
  };
}

std::vector<EndpointCase> other_endpoints() {
  const Json any;
  return {
      reading("order", "order", "payment-service", path(kOrders, seed::kOrder),
              {{"order",
                {{"id", seed::kOrder},
                 {"orderNumber", "ORD-1001"},
                 {"userId", seed::kAlice},
                 {"eventId", seed::kEvent},
                 {"tenantId", seed::kTenant},
                 {"status", "CONFIRMED"},
                 {"totalCents", 26400},
                 {"currency", "GBP"},
                 {"paymentIntentId", "pi_1"},
                 {"billingAddress", any},
                 {"metadata", any}}}},
              "_M097"),
      reading("order-items", "order", "blockchain-service", path(kOrders, seed::kOrder, "/items"),
              {{"items", any}, {"count", 2}}, "_M041"),
      reading("event", "event", "minting-service", path("/internal/events/", seed::kEvent),
              {{"event",
                {{"id", seed::kEvent},
                 {"name", "Midsummer Night"},
                 {"venueId", seed::kVenue},
                 {"startsAt", "2026-06-20T19:00:00.000Z"},
                 {"eventPda", "EvPdamidsum1111111111"},
                 {"artistWallet", "Artistmids11111111111111"},
                 {"artistPercentage", 10.5},
                 {"venuePercentage", 5},
                 {"resaleable", any}}}},
              "_M043", "/api/v1"),
      reading("validate-ticket", "venue", "scanning-service",
              path("/internal/venues/", seed::kVenue, "/validate-ticket/", seed::kTicket),
              {{"valid", true}, {"alreadyScanned", false}, {"ticket", {{"id", seed::kTicket}}}}),
      reading("venue", "venue", "blockchain-service", path("/internal/venues/", seed::kVenue),
              {{"venue",
                {{"id", seed::kVenue},
                 {"name", "Harbour Hall"},
                 {"tenantId", seed::kTenant},
                 {"walletAddress", "7Harb0urWa11etAddress11111111111111111111111"},
                 {"ownerEmail", "owner@harbour.example"},
                 {"status", "active"}}}}),
  };
}

}  // namespace

const std::vector<EndpointCase>& catalogue() {
  static const std::vector<EndpointCase> all = [] {
    std::vector<EndpointCase> endpoints = ticket_endpoints();
    for (auto& endpoint : auth_endpoints()) endpoints.push_back(std::move(endpoint));
    for (auto& endpoint : other_endpoints()) endpoints.push_back(std::move(endpoint));
    return endpoints;
  }();
  return all;
}

const EndpointCase& endpoint_case(const std::string& name) {
  for (const EndpointCase& endpoint : catalogue()) {
    if (endpoint.name == name) return endpoint;
  }
  throw std::out_of_range("no endpoint " + name);
}

std::vector<EndpointCase> endpoints_of(const std::string& owner) {
  std::vector<EndpointCase> endpoints;
  std::copy_if(catalogue().begin(), catalogue().end(), std::back_inserter(endpoints),
               [&](const EndpointCase& endpoint) { return endpoint.owner == owner; });
  return endpoints;
}

bool contains(const Json& actual, const Json& expected) {
  if (expected.is_null()) return true;
  if (expected.is_object()) {
    return actual.is_object() &&
           std::all_of(expected.items().begin(), expected.items().end(), [&](const auto& member) {
             return actual.contains(member.key()) &&
                    contains(actual.at(member.key()), member.value());
           });
  }
  if (!expected.is_array()) return actual == expected;
  return actual.is_array() && actual.size() == expected.size() &&
         std::equal(actual.begin(), actual.end(), expected.begin(), contains);
}

std::string test_name(std::string name) {
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

}  // namespace e2e
