// order-service: the order (N8, without its items, as the code has it) and its items (N9).
#include "health.h"
#include "owner.h"

namespace owners {
namespace {

Response get_order(Call& call) {
  const auto order = call.database.row(
      "SELECT id, tenant_id AS tenantId, user_id AS userId, event_id AS eventId,"
      " order_number AS orderNumber, status, currency, subtotal_cents AS subtotalCents,"
      " platform_fee_cents AS platformFeeCents, processing_fee_cents AS processingFeeCents,"
      " tax_cents AS taxCents, discount_cents AS discountCents, total_cents AS totalCents,"
      " payment_intent_id AS paymentIntentId, billing_address AS billingAddress,"
      " shipping_address AS shippingAddress, metadata, expires_at AS expiresAt,"
      " confirmed_at AS confirmedAt, cancelled_at AS cancelledAt, created_at AS createdAt,"
      " updated_at AS updatedAt FROM orders WHERE id = ?1 AND tenant_id = ?2",
      {call.param("orderId"), call.tenant});
  if (!order) return error_response(404, "Order not found");
  return json_response(200, {{"order", *order}});
}

Response get_items(Call& call) {
  const std::string& order = call.param("orderId");
  if (!call.database.row("SELECT id FROM orders WHERE id = ?1 AND tenant_id = ?2",
                         {order, call.tenant})) {
    return error_response(404, "Order not found");
  }
  const auto items = call.database.rows(
      "SELECT id, order_id AS orderId, tenant_id AS tenantId, ticket_type_id AS ticketTypeId,"
      " ticket_type_name AS ticketTypeName, ticket_id AS ticketId, quantity,"
      " unit_price_cents AS unitPriceCents, total_price_cents AS totalPriceCents,"
      " created_at AS createdAt, updated_at AS updatedAt"
      " FROM order_items WHERE order_id = ?1 AND tenant_id = ?2 ORDER BY id",
      {order, call.tenant});
  return json_response(200, {{"items", items}, {"count", items.size()}});
}

}  // namespace

Service order_service() {
  return {"order",
          10 * 1024 * 1024,
          true,
          false,
          {{"GET", "/internal/orders/:orderId", TenantRule::Required, get_order},
           {"GET", "/internal/orders/:orderId/items", TenantRule::Required, get_items},
           health_route("order-service")}};
}

}  // namespace owners
