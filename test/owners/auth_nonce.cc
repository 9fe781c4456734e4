// The HMAC schemes with a nonce: order-service's own (A7) and the later standard (B).
#include "allowlist.h"
#include "auth.h"
#include "crypto.h"
#include "text.h"

namespace owners {
namespace {

AuthResult refusal(int status, std::string_view error, std::string_view message) {
  return AuthResult::refuse(json_response(status, {{"error", error}, {"message", message}}));
}

AuthResult unauthorized(std::string_view message) {
  return refusal(401, "Unauthorized", message);
}

bool is_hex_nonce(std::string_view nonce) {
  return nonce.size() == 32 && lower(nonce).find_first_not_of("0123456789abcdef") == nonce.npos;
}

}  // namespace

AuthResult check_order_nonce(const AuthInput& input) {
  constexpr std::chrono::minutes kWindow{5};
  const Request& request = input.request;
  if (input.secrets.hmac.empty()) return unauthorized("Internal authentication not configured");
  const auto signature = request.header("x-internal-auth");
  const auto service = request.header("x-service-name");
  const auto timestamp = request.header("x-request-timestamp");
  const auto nonce = request.header("x-request-nonce");
  if (!signature || !service || !timestamp || !nonce) {
    return unauthorized("Missing authentication headers");
  }
  if (!is_consumer(input.owner, *service)) {
    return refusal(403, "Forbidden", "Service not authorized");
  }
  const auto milliseconds = parse_int(*timestamp);
  if (!milliseconds || !within_window(*milliseconds, input.now_ms, kWindow)) {
    return unauthorized("Request expired");
  }
  if (!is_hex_nonce(*nonce)) return unauthorized("Invalid nonce");
  if (!input.nonces.consume("order:" + *nonce, input.now_ms, 2 * kWindow)) {
    return unauthorized("Nonce already used");
  }
  const std::string expected =
      hmac_sha256_hex(input.secrets.hmac, *service + ":" + *timestamp + ":" + *nonce + ":" +
                                              request.method + ":" + request.target);
  // The platform's timingSafeEqual throws on a length difference, which its handler makes a 500.
  if (signature->size() != expected.size()) {
    return refusal(500, "Internal Server Error", "Input buffers must have the same byte length");
  }
  if (!equals_in_constant_time(expected, lower(*signature))) {
    return unauthorized("Invalid signature");
  }
  return AuthResult::accept(*service);
}

AuthResult check_standard(const AuthInput& input) {
  constexpr std::chrono::seconds kWindow{60};
  constexpr std::size_t kNonceLengthMin = 16;
  const Request& request = input.request;
  const std::string& secret = input.secrets.standard_hmac;
  if (secret.size() < 32) {
    return refusal(500, "Internal server error", "Service authentication not configured");
  }
  const auto service = request.header("x-internal-service");
  const auto timestamp = request.header("x-internal-timestamp");
  const auto nonce = request.header("x-internal-nonce");
  const auto signature = request.header("x-internal-signature");
  if (!service || !timestamp || !nonce || !signature) {
    return unauthorized("Missing authentication headers");
  }
  const auto milliseconds = parse_int(*timestamp);
  if (!milliseconds) return unauthorized("Invalid timestamp format");
  if (!within_window(*milliseconds, input.now_ms, kWindow)) {
    return unauthorized(*milliseconds < input.now_ms ? "Request timestamp expired"
                                                     : "Request timestamp is in the future");
  }
  if (nonce->size() < kNonceLengthMin) return unauthorized("Invalid nonce");
  // Consumed before body and signature are looked at: a request refused below has burnt its nonce.
  if (!input.nonces.consume(*service + ":" + *nonce, input.now_ms, 2 * kWindow)) {
    return unauthorized("Nonce already used");
  }
  const bool hashed = input.canonical_body && *input.canonical_body != "null";
  const std::string body_hash = hashed ? sha256_hex(*input.canonical_body) : "";
  const auto claimed = request.header("x-internal-body-hash");
  if (claimed && *claimed != body_hash) return unauthorized("Body hash mismatch");
  const std::string payload = *service + ":" + *timestamp + ":" + *nonce + ":" + request.method +
                              ":" + request.target + ":" + body_hash;
  if (!equals_in_constant_time(hmac_sha256_hex(secret, payload), *signature)) {
    return unauthorized("Invalid signature");
  }
  if (!is_consumer(input.owner, *service)) {
    return refusal(403, "Forbidden", "Service not authorized");
  }
  return AuthResult::accept(*service);
}

}  // namespace owners
