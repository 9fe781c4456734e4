// event-service: the event (N10), below /api/v1.
#include "health.h"
#include "owner.h"

namespace owners {
namespace {

Response get_event(Call& call) {
  const auto event = call.database.row(
      "SELECT id, tenant_id AS tenantId, venue_id AS venueId, name, slug, description,"
      " event_type AS eventType, status, visibility, starts_at AS startsAt, ends_at AS endsAt,"
      " doors_open_at AS doorsOpenAt, timezone, capacity, age_restriction AS ageRestriction,"
      " currency, is_featured AS isFeatured, banner_image_url AS bannerImageUrl,"
      " event_pda AS eventPda, artist_wallet AS artistWallet,"
      " artist_percentage AS artistPercentage, venue_percentage AS venuePercentage, resaleable,"
      " blockchain_status AS blockchainStatus, blockchain_signature AS blockchainSignature,"
      " created_by AS createdBy, created_at AS createdAt, updated_at AS updatedAt"
      " FROM events WHERE id = ?1 AND tenant_id = ?2",
      {call.param("eventId"), call.tenant});
  if (!event) return error_response(404, "Event not found");
  return json_response(200, {{"event", *event}});
}

}  // namespace

Service event_service() {
  return {"event",
          1024 * 1024,
          false,
          false,
          {{"GET", "/api/v1/internal/events/:eventId", TenantRule::Required, get_event},
           health_route("event-service")}};
}

}  // namespace owners
