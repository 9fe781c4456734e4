// The schemes with a ready-made credential: the service token (C) and the API key (D).
#include "allowlist.h"
#include "auth.h"
#include "crypto.h"
#include "text.h"

namespace owners {
namespace {

AuthResult refuse_token(int status, std::string_view error, std::string_view code) {
  return AuthResult::refuse(json_response(status, {{"error", error}, {"code", code}}));
}

AuthResult invalid_token() {
  return refuse_token(401, "Invalid service token", "INVALID_SERVICE_TOKEN");
}

std::optional<Json> decode_part(std::string_view part) {
  const auto text = decode_base64(part);
  if (!text) return std::nullopt;
  Json object = Json::parse(*text, nullptr, false);
  if (!object.is_object()) return std::nullopt;
  return object;
}

// The payload of a token that is RS256 and verifies; its times are not looked at.
std::optional<Json> verified_payload(std::string_view token, std::string_view public_key) {
  const auto parts = split(token, '.');
  if (parts.size() != 3) return std::nullopt;
  const auto head = decode_part(parts[0]);
  const auto signature = decode_base64(parts[2]);
  if (!head || !signature || head->value("alg", Json()) != "RS256") return std::nullopt;
  const std::string_view covered = token.substr(0, parts[0].size() + 1 + parts[1].size());
  if (!rs256_verifies(public_key, covered, *signature)) return std::nullopt;
  return decode_part(parts[1]);
}

AuthResult refuse_key(int status, std::string_view error, std::string_view message) {
  return AuthResult::refuse(json_response(status, {{"error", error}, {"message", message}}));
}

std::string base36(std::int64_t number) {
  std::string out;
  for (; number > 0; number /= 36) {
    out.insert(out.begin(), "0123456789abcdefghijklmnopqrstuvwxyz"[number % 36]);
  }
  return out;
}

}  // namespace

AuthResult check_s2s(const AuthInput& input) {
  const auto token = input.request.header("x-service-token");
  if (!token || token->empty()) {
    return refuse_token(401, "Service authentication required", "MISSING_SERVICE_TOKEN");
  }
  const auto payload = verified_payload(*token, input.secrets.s2s_public_key);
  if (!payload) return invalid_token();
  // As jsonwebtoken: no tolerance, and a token without exp never expires.
  const double now = static_cast<double>(input.now_ms / 1000);
  if (payload->contains("nbf") && (!payload->at("nbf").is_number() || payload->at("nbf") > now)) {
    return invalid_token();
  }
  if (payload->contains("exp")) {
    if (!payload->at("exp").is_number()) return invalid_token();
    if (now >= payload->at("exp").get<double>()) {
      return refuse_token(401, "Service token expired", "SERVICE_TOKEN_EXPIRED");
    }
  }
  if (payload->value("type", Json()) != "service" || !payload->value("sub", Json()).is_string()) {
    return invalid_token();
  }
  const std::string service = payload->at("sub");
  if (!service_token_allows(service, input.request.path())) {
    return refuse_token(403, "Service not authorized for this endpoint", "SERVICE_NOT_ALLOWED");
  }
  return AuthResult::accept(service);
}

AuthResult check_api_key(const AuthInput& input) {
  const Request& request = input.request;
  if (request.header("x-internal-service") != "true") {
    return refuse_key(403, "Forbidden", "This endpoint is for internal services only");
  }
  const std::string& key = input.secrets.api_key;
  // An unset key means no check: the platform's behaviour, kept so that tests can show it.
  if (!key.empty() &&
      !equals_in_constant_time(request.header("x-internal-api-key").value_or(""), key)) {
    return refuse_key(401, "Unauthorized", "Invalid internal API key");
  }
  const auto tenant = request.header("x-tenant-id");
  if (!tenant) return refuse_key(400, "Bad Request", "X-Tenant-ID header is required");
  if (!is_strict_uuid(*tenant)) {
    return refuse_key(400, "Bad Request", "X-Tenant-ID must be a valid UUID");
  }
  const auto user = request.header("x-user-id");
  if (user && !is_strict_uuid(*user)) {
    return refuse_key(400, "Bad Request", "X-User-ID must be a valid UUID");
  }
  AuthResult result = AuthResult::accept(request.header("x-calling-service").value_or(""));
  const std::string trace =
      request.header("x-trace-id").value_or(base36(input.now_ms) + "-" + random_hex(8));
  result.response_headers.push_back({"X-Trace-ID", trace});
  return result;
}

}  // namespace owners
