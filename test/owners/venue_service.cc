// venue-service: validate-ticket (E8) and the venue (N11). Both serve without a tenant header, as
// the platform does, and filter by it when it comes.
#include "health.h"
#include "owner.h"

namespace owners {
namespace {

Response get_venue(Call& call) {
  const auto venue = call.database.row(
      "SELECT id, tenant_id AS tenantId, name, slug, description, venue_type AS venueType, status,"
      " email, phone, website, address_line1 AS addressLine1, city,"
      " state_province AS stateProvince, postal_code AS postalCode, country_code AS countryCode,"
      " latitude, longitude, timezone, max_capacity AS maxCapacity,"
      " wallet_address AS walletAddress, collection_address AS collectionAddress,"
      " owner_email AS ownerEmail, owner_name AS ownerName, is_verified AS isVerified,"
      " created_at AS createdAt, updated_at AS updatedAt"
      " FROM venues WHERE id = ?1 AND (?2 IS NULL OR tenant_id = ?2)",
      {call.param("venueId"), call.tenant_or_null()});
  if (!venue) return error_response(404, "Venue not found");
  return json_response(200, {{"venue", *venue}});
}

// Not found is a 200 here: the gate asks a question and gets an answer.
Response validate_ticket(Call& call) {
  const auto ticket = call.database.row(
      "SELECT tickets.*, events.venue_id, events.name AS event_name FROM tickets"
      " JOIN events ON events.id = tickets.event_id AND events.tenant_id = tickets.tenant_id"
      " WHERE tickets.id = ?1 AND (?2 IS NULL OR tickets.tenant_id = ?2)",
      {call.param("ticketId"), call.tenant_or_null()});
  if (!ticket || ticket->at("venue_id") != call.param("venueId")) {
    return json_response(200, {{"valid", false}, {"reason", "Ticket not found for this venue"}});
  }
  const bool scanned = !ticket->at("validated_at").is_null();
  const bool admits = ticket->at("status") == "SOLD" || ticket->at("status") == "TRANSFERRED";
  return json_response(
      200, {{"valid", admits && !scanned}, {"alreadyScanned", scanned}, {"ticket", *ticket}});
}

}  // namespace

Service venue_service() {
  return {"venue",
          10 * 1024 * 1024,
          false,
          false,
          {{"GET", "/internal/venues/:venueId", TenantRule::WhenPresent, get_venue},
           {"GET", "/internal/venues/:venueId/validate-ticket/:ticketId", TenantRule::WhenPresent,
            validate_ticket},
           health_route("venue-service")}};
}

}  // namespace owners
