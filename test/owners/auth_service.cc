// auth-service: permissions, users and tenants (E4-E7, N5-N7), below /auth.
#include <algorithm>

#include "health.h"
#include "owner.h"
#include "text.h"

namespace owners {
namespace {

// A body member when it is a text, "" otherwise.
std::string text_member(const Json& body, const char* name) {
  const auto member = body.find(name);
  return member != body.end() && member->is_string() ? member->get<std::string>() : "";
}

Json list_member(const Json& body, const char* name) {
  const auto member = body.find(name);
  return member != body.end() && member->is_array() ? *member : Json::array();
}

// A small stand-in for the platform's role table: enough for both answers to come up.
bool role_grants(std::string_view role, std::string_view permission) {
  if (role == "admin" || role == "superadmin") return true;
  if (role == "venue_admin" || role == "manager") {
    return permission.starts_with("venue:") || permission.starts_with("event") ||
           permission.starts_with("ticket");
  }
  if (role == "compliance_admin") return permission.ends_with(":read");
  return permission == "tickets:read" || permission == "tickets:transfer" ||
         permission == "profile:read" || permission == "profile:write";
}

Response validate_permissions(Call& call) {
  const auto user =
      call.database.row("SELECT id, role, tenant_id FROM users WHERE id = ?1 AND tenant_id = ?2",
                        {text_member(call.body, "userId"), call.tenant});
  if (!user) return json_response(200, {{"valid", false}, {"reason", "User not found"}});
  const auto staff = call.database.row(
      "SELECT role FROM venue_staff WHERE user_id = ?1 AND venue_id = ?2 AND tenant_id = ?3",
      {user->at("id"), text_member(call.body, "venueId"), call.tenant});
  const std::string role = user->at("role");
  const std::string venue_role = staff ? staff->at("role").get<std::string>() : "";
  const Json permissions = list_member(call.body, "permissions");
  const bool valid = std::all_of(permissions.begin(), permissions.end(), [&](const Json& wanted) {
    return wanted.is_string() && (role_grants(role, wanted.get_ref<const std::string&>()) ||
                                  role_grants(venue_role, wanted.get_ref<const std::string&>()));
  });
  return json_response(200, {{"valid", valid},
                             {"userId", user->at("id")},
                             {"role", role},
                             {"venueRole", staff ? Json(venue_role) : Json()},
                             {"tenantId", user->at("tenant_id")}});
}

Response validate_users(Call& call) {
  const Json ids = list_member(call.body, "userIds");
  if (ids.empty()) return json_response(200, {{"users", Json::array()}});
  if (ids.size() > 100) return error_response(400, "Maximum 100 users per request");
  const auto users = call.database.rows(
      "SELECT id, email, role, tenant_id, email_verified, mfa_enabled FROM users"
      " WHERE tenant_id = ?1 AND id IN (SELECT value FROM json_each(?2)) ORDER BY email",
      {call.tenant, ids.dump()});
  return json_response(200, {{"users", users}, {"found", users.size()}, {"requested", ids.size()}});
}

Response get_user_tenant(Call& call) {
  const auto row = call.database.row(
      "SELECT users.id, users.tenant_id, tenants.name AS tenant_name, tenants.slug AS tenant_slug"
      " FROM users JOIN tenants ON tenants.id = users.tenant_id"
      " WHERE users.id = ?1 AND users.tenant_id = ?2",
      {call.param("userId"), call.tenant});
  return row ? json_response(200, *row) : error_response(404, "User not found");
}

Response get_user(Call& call) {
  const auto user = call.database.row(
      "SELECT id, email, first_name || ' ' || last_name AS name, first_name AS firstName,"
      " last_name AS lastName, tenant_id AS tenantId, role, status,"
      " email_verified AS emailVerified, mfa_enabled AS mfaEnabled, phone,"
      " avatar_url AS avatarUrl, billing_address AS billingAddress, created_at AS createdAt,"
      " last_login_at AS lastLoginAt FROM users WHERE id = ?1 AND tenant_id = ?2",
      {call.param("userId"), call.tenant});
  if (!user) return error_response(404, "User not found");
  return json_response(200, {{"user", *user}});
}

// An address needs something, an '@', and a dot after it.
bool looks_like_email(std::string_view text) {
  const auto at = text.find('@');
  if (at == text.npos || at == 0 || text.find('@', at + 1) != text.npos) return false;
  const auto dot = text.find('.', at + 2);
  return dot != text.npos && dot + 1 < text.size() && text.find(' ') == text.npos;
}

Response get_user_by_email(Call& call) {
  // The router has decoded the segment; the platform's handler decodes it once more, so that an
  // address with a '%' fails.
  const auto email = decode_uri_component(call.param("email"));
  if (!email) {
    Response response = json_response(500, {{"type", "about:blank"},
                                            {"title", "Internal Server Error"},
                                            {"status", 500},
                                            {"detail", "URI malformed"},
                                            {"instance", "/auth/internal/users/by-email"}});
    response.headers = {{"content-type", "application/problem+json; charset=utf-8"}};
    return response;
  }
  if (!looks_like_email(*email)) return error_response(400, "Invalid email format");
  const auto user = call.database.row(
      "SELECT id, email, first_name || ' ' || last_name AS name, tenant_id AS tenantId, role,"
      " status, email_verified AS emailVerified FROM users WHERE email = ?1 AND tenant_id = ?2",
      {lower(*email), call.tenant});
  return json_response(200, {{"user", user ? *user : Json()}, {"found", user.has_value()}});
}

Response get_admins(Call& call) {
  static constexpr std::string_view kRoles[] = {"admin",       "superadmin", "compliance_admin",
                                                "venue_admin", "support",    "manager"};
  const std::string asked =
      lower(query_value(call.request.query(), "tenantId").value_or(call.tenant));
  if (asked.empty()) {
    return error_response(400, "tenantId required (query param or X-Tenant-ID header)");
  }
  const std::string listed =
      query_value(call.request.query(), "roles").value_or("admin,superadmin");
  Json roles = Json::array();
  for (const std::string_view role : split(listed, ',')) {
    if (std::find(std::begin(kRoles), std::end(kRoles), trim(role)) != std::end(kRoles)) {
      roles.push_back(trim(role));
    }
  }
  if (roles.empty()) return error_response(400, "No valid roles specified");
  // Both the query's tenant and the header's must hold: neither widens the other.
  const auto users = call.database.rows(
      "SELECT id, email, first_name || ' ' || last_name AS name, role, status,"
      " email_verified AS emailVerified, last_login_at AS lastLoginAt FROM users"
      " WHERE tenant_id = ?1 AND (?2 IS NULL OR tenant_id = ?2) AND status = 'active'"
      " AND role IN (SELECT value FROM json_each(?3)) ORDER BY email LIMIT 100",
      {asked, call.tenant_or_null(), roles.dump()});
  return json_response(
      200,
      {{"users", users}, {"count", users.size()}, {"tenantId", asked}, {"rolesQueried", roles}});
}

// by-email without an address is a path of its own; the framework gives the handler an empty text.
Response email_missing(Call&) {
  return error_response(400, "Email required");
}

Response get_health(Call&) {
  return healthy("auth-service");
}

}  // namespace

Service auth_service() {
  constexpr TenantRule kRequired = TenantRule::Required;
  return {"auth",
          1024 * 1024,
          true,
          true,
          {{"POST", "/auth/internal/validate-permissions", kRequired, validate_permissions},
           {"POST", "/auth/internal/validate-users", kRequired, validate_users},
           {"GET", "/auth/internal/user-tenant/:userId", kRequired, get_user_tenant},
           {"GET", "/auth/internal/health", TenantRule::Unused, get_health},
           {"GET", "/auth/internal/users/:userId", kRequired, get_user},
           {"GET", "/auth/internal/users/by-email/", kRequired, email_missing},
           {"GET", "/auth/internal/users/by-email/:email", kRequired, get_user_by_email},
           {"GET", "/auth/internal/users/admins", TenantRule::WhenPresent, get_admins},
           health_route("auth-service")}};
}

}  // namespace owners
