// The seed-time HMAC schemes without a nonce: A1-A6, A8, A9.
#include "allowlist.h"
#include "auth.h"
#include "crypto.h"
#include "text.h"

namespace owners {
namespace {

constexpr std::chrono::milliseconds kFiveMinutes{300000};
constexpr std::chrono::milliseconds kOneMinute{60000};

AuthResult unauthorized(std::string_view text) {
  return AuthResult::refuse(error_response(401, text));
}

// Names the three fields of a scheme and what the owner says when one is missing.
struct Fields {
  std::string_view timestamp;
  std::string_view missing;
};
constexpr Fields kTicketFields{"x-internal-timestamp", "Missing required headers"};
constexpr Fields kVenueFields{"x-internal-timestamp", "Missing authentication headers"};

struct Credentials {
  std::string service;
  std::string timestamp;
  std::string signature;
};

std::optional<Credentials> read_credentials(const AuthInput& input, std::string_view timestamp) {
  Credentials found{input.request.header("x-internal-service").value_or(""),
                    input.request.header(timestamp).value_or(""),
                    input.request.header("x-internal-signature").value_or("")};
  if (found.service.empty() || found.timestamp.empty() || found.signature.empty()) {
    return std::nullopt;
  }
  return found;
}

bool fresh(const AuthInput& input, std::string_view timestamp, std::chrono::milliseconds window) {
  const auto milliseconds = parse_int(timestamp);
  return milliseconds && within_window(*milliseconds, input.now_ms, window);
}

// ticket-service compares the texts; the others decode the hex first, so capitals pass there.
bool signature_matches(const AuthInput& input, const std::string& secret, std::string_view payload,
                       const std::string& signature) {
  const std::string given = input.owner == "ticket" ? signature : lower(signature);
  return equals_in_constant_time(hmac_sha256_hex(secret, payload), given);
}

// The checks all flat-bodied schemes make, in the platform's order. `payload` is what follows
// "service:timestamp:".
AuthResult check_signed(const AuthInput& input, const Fields& fields, std::string_view payload) {
  if (input.secrets.hmac.empty()) return unauthorized("Internal authentication not configured");
  const auto credentials = read_credentials(input, fields.timestamp);
  if (!credentials) return unauthorized(fields.missing);
  if (!fresh(input, credentials->timestamp, kFiveMinutes)) return unauthorized("Request expired");
  const std::string text = credentials->service + ":" + credentials->timestamp + ":";
  if (!signature_matches(input, input.secrets.hmac, text + std::string(payload),
                         credentials->signature)) {
    return unauthorized("Invalid signature");
  }
  return AuthResult::accept(credentials->service);
}

std::string method_and_target(const Request& request) {
  return request.method + ":" + request.target;
}

AuthResult problem(int status, std::string_view title, std::string_view detail) {
  Response response = json_response(
      status, {{"type", "about:blank"}, {"title", title}, {"status", status}, {"detail", detail}});
  response.headers = {{"content-type", "application/problem+json; charset=utf-8"}};
  return AuthResult::refuse(std::move(response));
}

AuthResult minting_refusal(int status, std::string_view error, std::string_view message) {
  return AuthResult::refuse(json_response(status, {{"error", error}, {"message", message}}));
}

bool body_signature_matches(const AuthInput& input, const Credentials& credentials,
                            std::string_view body) {
  return signature_matches(
      input, input.secrets.hmac,
      credentials.service + ":" + credentials.timestamp + ":" + std::string(body),
      credentials.signature);
}

}  // namespace

AuthResult check_ticket(const AuthInput& input) {
  return check_signed(input, kTicketFields, input.request.target);
}

AuthResult check_venue(const AuthInput& input) {
  return check_signed(input, kVenueFields, method_and_target(input.request));
}

AuthResult check_payment(const AuthInput& input) {
  if (input.secrets.hmac.size() < 32) {
    return AuthResult::refuse(error_response(500, "Internal authentication not configured"));
  }
  return check_signed(
      input, kVenueFields,
      method_and_target(input.request) + ":" + input.canonical_body.value_or("undefined"));
}

AuthResult check_gateway(const AuthInput& input) {
  return check_signed(input, kVenueFields,
                      input.request.method + ":" + std::string(input.request.path()) + ":" +
                          input.canonical_body.value_or("{}"));
}

AuthResult check_analytics(const AuthInput& input) {
  return check_signed(input, kTicketFields,
                      method_and_target(input.request) + ":" + input.request.body);
}

AuthResult check_blockchain(const AuthInput& input) {
  if (input.secrets.hmac.empty()) {
    return problem(500, "Internal Server Error", "Internal authentication not configured");
  }
  const auto credentials = read_credentials(input, "x-timestamp");
  if (!credentials) return problem(401, "Unauthorized", "Missing authentication headers");
  if (!is_consumer(input.owner, credentials->service)) {
    return problem(403, "Forbidden", "Service not authorized");
  }
  if (!fresh(input, credentials->timestamp, kOneMinute)) {
    return problem(401, "Unauthorized", "Request expired");
  }
  if (!body_signature_matches(input, *credentials, input.canonical_body.value_or("{}"))) {
    return problem(401, "Unauthorized", "Invalid signature");
  }
  return AuthResult::accept(credentials->service);
}

AuthResult check_minting(const AuthInput& input) {
  if (input.secrets.hmac.empty()) {
    return minting_refusal(500, "CONFIGURATION_ERROR", "Internal authentication not configured");
  }
  const auto credentials = read_credentials(input, "x-timestamp");
  if (!credentials) return minting_refusal(401, "UNAUTHORIZED", "Missing authentication headers");
  const std::string& service = credentials->service;
  if (service != "payment-service" && service != "ticket-service" && service != "order-service" &&
      service != "blockchain-service") {
    return minting_refusal(403, "FORBIDDEN", "Service not authorized");
  }
  if (!fresh(input, credentials->timestamp, kFiveMinutes)) {
    return minting_refusal(401, "UNAUTHORIZED", "Request expired");
  }
  if (!body_signature_matches(input, *credentials, input.canonical_body.value_or("undefined"))) {
    return minting_refusal(401, "UNAUTHORIZED", "Invalid signature");
  }
  return AuthResult::accept(service);
}

AuthResult check_integration(const AuthInput& input) {
  const Request& request = input.request;
  const std::string& secret = input.secrets.service_key;
  if (secret.empty()) return unauthorized("Internal authentication not configured");
  const auto key = request.header("x-internal-service-key");
  const auto service = request.header("x-service-name");
  if (!key || !service) return unauthorized("Missing authentication headers");
  if (!equals_in_constant_time(*key, secret)) return unauthorized("Invalid service key");
  const auto timestamp = request.header("x-request-timestamp");
  const auto signature = request.header("x-request-signature");
  if (timestamp && !fresh(input, *timestamp, kFiveMinutes)) {
    return unauthorized("Request expired");
  }
  // Both are optional in the platform; a signature is checked when it comes.
  if (signature &&
      !signature_matches(input, secret,
                         *service + ":" + timestamp.value_or("") + ":" + method_and_target(request),
                         *signature)) {
    return unauthorized("Invalid signature");
  }
  return AuthResult::accept(*service);
}

}  // namespace owners
