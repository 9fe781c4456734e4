#include "service_jwt/token.h"

#include <span>

#include "common/encoding.h"
#include "common/js_string.h"

namespace usher::plugins {
namespace {

std::string encode(std::string_view text) {
  return base64url({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

}  // namespace

std::optional<std::string> mint_token(const RsaKey& key, std::string_view service, int64_t issued_s,
                                      int64_t expires_s) {
  std::string claims = "{\"sub\":";
  append_js_string(service, claims);
  claims += ",\"type\":\"service\",\"iat\":" + std::to_string(issued_s) +
            ",\"exp\":" + std::to_string(expires_s) + "}";
  std::string token = encode("{\"alg\":\"RS256\",\"typ\":\"JWT\"}") + "." + encode(claims);
  const std::optional<std::string> signature = key.sign(token);
  if (!signature) return std::nullopt;
  return token + "." + encode(*signature);
}

}  // namespace usher::plugins
