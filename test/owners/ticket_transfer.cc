#include "ticket_transfer.h"

#include "crypto.h"
#include "health.h"

namespace owners {
namespace {

constexpr std::int64_t kCooldownSeconds = 30 * 60;
constexpr std::int64_t kDaySeconds = 24 * 60 * 60;
constexpr std::int64_t kTransfersPerDay = 10;

// Why the ticket may not go, in the order in which the platform asks.
std::optional<Response> obstacle(Call& call, const Json& ticket, const std::string& to_user) {
  const Json& status = ticket.at("status");
  if (status != "SOLD" && status != "TRANSFERRED") {
    return error_response(
        400, "Ticket cannot be transferred (status: " + status.get<std::string>() + ")");
  }
  if (ticket.at("user_id") == to_user) return error_response(400, "Cannot transfer to yourself");
  if (!ticket.at("allow_transfers").get<bool>()) {
    return error_response(403, "Transfers are not allowed for this event");
  }
  if (!call.database.row("SELECT id FROM users WHERE id = ?1 AND tenant_id = ?2",
                         {to_user, call.tenant})) {
    return error_response(404, "Recipient not found");
  }
  return std::nullopt;
}

std::optional<Response> limit_reached(Call& call, const Json& ticket, std::int64_t now) {
  const auto last = call.database.row(
      "SELECT MAX(transferred_at) AS at FROM ticket_transfers"
      " WHERE ticket_id = ?1 AND tenant_id = ?2",
      {ticket.at("id"), call.tenant});
  if (!last->at("at").is_null() && now - last->at("at").get<std::int64_t>() < kCooldownSeconds) {
    return error_response(400, "Transfer cooldown: wait 30 minutes between transfers");
  }
  const auto today = call.database.row(
      "SELECT COUNT(*) AS number FROM ticket_transfers"
      " WHERE from_user_id = ?1 AND tenant_id = ?2 AND transferred_at > ?3",
      {ticket.at("user_id"), call.tenant, now - kDaySeconds});
  if (today->at("number").get<std::int64_t>() >= kTransfersPerDay) {
    return error_response(400, "Daily transfer limit of 10 reached");
  }
  return std::nullopt;
}

// Changes the owner and notes the transfer; the body's fromUserId is not looked at.
Json record_transfer(Call& call, const Json& ticket, const std::string& to_user, std::int64_t now) {
  const Json reason = call.body.value("reason", Json());
  const std::string id = random_uuid();
  call.database.change(
      "UPDATE tickets SET user_id = ?3, status = 'TRANSFERRED',"
      " transfer_count = transfer_count + 1 WHERE id = ?1 AND tenant_id = ?2",
      {ticket.at("id"), call.tenant, to_user});
  call.database.change(
      "INSERT INTO ticket_transfers VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'completed', ?7)",
      {id, call.tenant, ticket.at("id"), ticket.at("user_id"), to_user,
       reason.is_string() ? reason : Json(), now});
  return {{"id", id},
          {"ticketId", ticket.at("id")},
          {"fromUserId", ticket.at("user_id")},
          {"toUserId", to_user},
          {"status", "completed"},
          {"reason", reason},
          {"transferredAt", iso_now()}};
}

}  // namespace

Response transfer_ticket(Call& call) {
  const Json to_user = call.body.value("toUserId", Json());
  if (!to_user.is_string() || to_user.get_ref<const std::string&>().empty()) {
    return error_response(400, "toUserId is required");
  }
  const auto ticket = call.database.row(
      "SELECT tickets.id, user_id, tickets.status, transfer_count, allow_transfers FROM tickets"
      " JOIN events ON events.id = tickets.event_id AND events.tenant_id = tickets.tenant_id"
      " WHERE tickets.id = ?1 AND tickets.tenant_id = ?2",
      {call.param("ticketId"), call.tenant});
  if (!ticket) return error_response(404, "Ticket not found");
  if (auto refusal = obstacle(call, *ticket, to_user)) return *refusal;
  const std::int64_t now = std::time(nullptr);
  if (call.transfer_cooldown) {
    if (auto refusal = limit_reached(call, *ticket, now)) return *refusal;
  }
  const Json transfer = record_transfer(call, *ticket, to_user, now);
  return json_response(
      200, {{"success", true},
            {"transfer", transfer},
            {"ticket",
             {{"id", ticket->at("id")},
              {"userId", to_user},
              {"status", "TRANSFERRED"},
              {"transferCount", ticket->at("transfer_count").get<std::int64_t>() + 1}}}});
}

}  // namespace owners
