// ticket-service: reading tickets and changing them (E1-E3, N1-N4).
#include <algorithm>

#include "health.h"
#include "owner.h"
#include "ticket_transfer.h"

namespace owners {
namespace {

Response get_status(Call& call) {
  const auto ticket = call.database.row(
      "SELECT id, status, user_id, transfer_count, nft_minted, nft_transferred, validated_at"
      " FROM tickets WHERE id = ?1 AND tenant_id = ?2",
      {call.param("ticketId"), call.tenant});
  if (!ticket) return error_response(404, "Ticket not found");
  const Json& status = ticket->at("status");
  const bool used = status == "USED" || !ticket->at("validated_at").is_null();
  const bool transferred = status == "TRANSFERRED" || ticket->at("transfer_count") > 0;
  const bool nft_transferred = ticket->at("nft_transferred");
  return json_response(
      200, {{"ticketId", ticket->at("id")},
            {"status", status},
            {"userId", ticket->at("user_id")},
            {"hasBeenTransferred", transferred},
            {"nftMinted", ticket->at("nft_minted")},
            {"nftTransferred", nft_transferred},
            {"isUsed", used},
            {"validatedAt", ticket->at("validated_at")},
            {"canRefund", status == "SOLD" && !used && !transferred && !nft_transferred}});
}

// The body's ticketIds; nullopt unless they are a list with something in it.
std::optional<Json> ticket_ids(const Json& body) {
  const auto ids = body.find("ticketIds");
  if (ids == body.end() || !ids->is_array() || ids->empty()) return std::nullopt;
  return *ids;
}

Json cancel_one(Call& call, const Json& id) {
  if (!id.is_string() ||
      !call.database.row("SELECT id FROM tickets WHERE id = ?1 AND tenant_id = ?2",
                         {id, call.tenant})) {
    return {{"ticketId", id}, {"status", "failed"}, {"error", "Ticket not found"}};
  }
  const Json metadata = {{"cancelReason", call.body.value("reason", Json())},
                         {"refundId", call.body.value("refundId", Json())},
                         {"cancelledAt", iso_now()}};
  // A transferred or used ticket is left alone and still reported: the platform's behaviour.
  call.database.change(
      "UPDATE tickets SET status = 'CANCELLED', metadata = ?3"
      " WHERE id = ?1 AND tenant_id = ?2 AND status NOT IN ('TRANSFERRED', 'USED')",
      {id, call.tenant, metadata.dump()});
  return {{"ticketId", id}, {"status", "cancelled"}};
}

Response cancel_batch(Call& call) {
  const auto ids = ticket_ids(call.body);
  if (!ids) return error_response(400, "Ticket IDs required");
  Json results = Json::array();
  for (const Json& id : *ids) results.push_back(cancel_one(call, id));
  return json_response(200, {{"success", true}, {"results", results}});
}

Response calculate_price(Call& call) {
  const auto ids = ticket_ids(call.body);
  if (!ids) return error_response(400, "Ticket IDs required");
  const auto rows = call.database.rows(
      "SELECT tickets.id AS ticketId, ticket_types.name AS ticketType,"
      " ticket_types.price_cents AS priceCents FROM tickets JOIN ticket_types"
      " ON ticket_types.id = tickets.ticket_type_id AND ticket_types.tenant_id = tickets.tenant_id"
      " WHERE tickets.tenant_id = ?1 AND tickets.id IN (SELECT value FROM json_each(?2))"
      " ORDER BY tickets.id",
      {call.tenant, ids->dump()});
  // Compared by number, so that an id given twice is "not found" with nothing missing.
  if (rows.size() != ids->size()) {
    Json missing = Json::array();
    for (const Json& id : *ids) {
      const bool found = std::any_of(rows.begin(), rows.end(),
                                     [&](const Json& row) { return row.at("ticketId") == id; });
      if (!found) missing.push_back(id);
    }
    return json_response(404, {{"error", "Some tickets not found"}, {"missingIds", missing}});
  }
  std::int64_t total = 0;
  for (const Json& row : rows) total += row.at("priceCents").get<std::int64_t>();
  return json_response(
      200, {{"totalCents", total}, {"priceBreakdown", rows}, {"ticketCount", rows.size()}});
}

Response get_by_token(Call& call) {
  const auto ticket = call.database.row(
      "SELECT id, tenant_id AS tenantId, event_id AS eventId, user_id AS userId, status,"
      " token_id AS tokenId, nft_minted AS isMinted, mint_transaction_id AS mintTransactionId,"
      " minted_at AS mintedAt, ticket_number AS ticketNumber"
      " FROM tickets WHERE token_id = ?1 AND (?2 IS NULL OR tenant_id = ?2)",
      {call.param("tokenId"), call.tenant_or_null()});
  if (!ticket) return error_response(404, "Ticket not found for token");
  return json_response(200, {{"ticket", *ticket}});
}

Response get_order_tickets(Call& call) {
  const std::string& order = call.param("orderId");
  if (!call.database.row("SELECT id FROM orders WHERE id = ?1 AND tenant_id = ?2",
                         {order, call.tenant})) {
    return error_response(404, "Order not found");
  }
  const auto tickets = call.database.rows(
      "SELECT tickets.id, ticket_type_id AS ticketTypeId, ticket_types.name AS ticketTypeName,"
      " status, user_id AS userId, tickets.event_id AS eventId, price_cents AS priceCents"
      " FROM tickets JOIN ticket_types"
      " ON ticket_types.id = tickets.ticket_type_id AND ticket_types.tenant_id = tickets.tenant_id"
      " WHERE tickets.order_id = ?1 AND tickets.tenant_id = ?2 ORDER BY tickets.id",
      {order, call.tenant});
  return json_response(200, {{"orderId", order}, {"tickets", tickets}, {"count", tickets.size()}});
}

Response get_events_attended(Call& call) {
  const std::string& user = call.param("userId");
  if (!call.database.row("SELECT id FROM users WHERE id = ?1 AND tenant_id = ?2",
                         {user, call.tenant})) {
    return error_response(404, "User not found");
  }
  const auto events = call.database.rows(
      "SELECT event_id AS eventId, MIN(attended_at) AS attendedAt FROM attendance"
      " WHERE user_id = ?1 AND tenant_id = ?2 GROUP BY event_id ORDER BY attendedAt",
      {user, call.tenant});
  return json_response(200,
                       {{"userId", user}, {"eventsAttended", events.size()}, {"events", events}});
}

}  // namespace

Service ticket_service() {
  constexpr TenantRule kRequired = TenantRule::Required;
  return {"ticket",
          10 * 1024 * 1024,
          false,
          false,
          {{"GET", "/internal/tickets/:ticketId/status", kRequired, get_status},
           {"POST", "/internal/tickets/cancel-batch", kRequired, cancel_batch},
           {"POST", "/internal/tickets/calculate-price", kRequired, calculate_price},
           {"GET", "/internal/tickets/by-token/:tokenId", TenantRule::WhenPresent, get_by_token},
           {"GET", "/internal/orders/:orderId/tickets", kRequired, get_order_tickets},
           {"POST", "/internal/tickets/:ticketId/transfer", kRequired, transfer_ticket},
           {"GET", "/internal/users/:userId/events-attended", kRequired, get_events_attended},
           health_route("ticket-service")}};
}

}  // namespace owners
