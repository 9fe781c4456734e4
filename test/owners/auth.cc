#include "auth.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "crypto.h"

namespace owners {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string first_of(std::string preferred, const std::string& fallback) {
  return preferred.empty() ? fallback : preferred;
}

// The platform's rule: a text without a PEM head is the base64 of one.
std::string pem_of(const std::string& text) {
  if (text.find("-----BEGIN") != text.npos) return text;
  return decode_base64(text).value_or("");
}

std::string s2s_public_key_from_environment() {
  if (const std::string key = environment("S2S_PUBLIC_KEY"); !key.empty()) return pem_of(key);
  const std::string path = environment("S2S_PUBLIC_KEY_PATH");
  if (path.empty()) return "";
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read S2S_PUBLIC_KEY_PATH " + path);
  return pem_of(std::string(std::istreambuf_iterator<char>(file), {}));
}

struct NamedCheck {
  std::string_view scheme;
  AuthCheck check;
};

constexpr NamedCheck kChecks[] = {
    {"none", check_none},           {"ticket", check_ticket},
    {"venue", check_venue},         {"payment", check_payment},
    {"gateway", check_gateway},     {"blockchain", check_blockchain},
    {"minting", check_minting},     {"order-nonce", check_order_nonce},
    {"analytics", check_analytics}, {"integration", check_integration},
    {"standard", check_standard},   {"s2s", check_s2s},
    {"api-key", check_api_key},
};

}  // namespace

Secrets Secrets::from_environment() {
  Secrets secrets;
  secrets.hmac = environment("INTERNAL_SERVICE_SECRET");
  secrets.standard_hmac = first_of(environment("INTERNAL_HMAC_SECRET"), secrets.hmac);
  secrets.service_key = first_of(environment("INTERNAL_SERVICE_KEY"), secrets.hmac);
  secrets.api_key = environment("INTERNAL_API_KEY");
  secrets.s2s_public_key = s2s_public_key_from_environment();
  secrets.previous = environment("INTERNAL_SERVICE_SECRET_PREVIOUS");
  return secrets;
}

// Which secret it was is found out with nonces of its own: the real ones are used up once.
AuthResult check_with_overlap(AuthCheck check, const AuthInput& input) {
  if (input.secrets.previous.empty()) return check(input);
  Secrets previous = input.secrets;
  previous.hmac = previous.standard_hmac = previous.service_key = previous.previous;
  const auto checked_with = [&](const Secrets& secrets, NonceStore& nonces) {
    return check({input.owner, input.request, input.canonical_body, secrets, input.now_ms, nonces});
  };
  NonceStore scratch;
  const bool is_previous = !checked_with(previous, scratch).refusal;
  return checked_with(is_previous ? previous : input.secrets, input.nonces);
}

bool NonceStore::consume(const std::string& nonce, std::int64_t now_ms,
                         std::chrono::seconds lifetime) {
  const std::lock_guard lock(mutex_);
  std::erase_if(expiries_, [now_ms](const auto& entry) { return entry.second <= now_ms; });
  return expiries_.emplace(nonce, now_ms + std::chrono::milliseconds(lifetime).count()).second;
}

void NonceStore::clear() {
  const std::lock_guard lock(mutex_);
  expiries_.clear();
}

AuthCheck find_auth_check(std::string_view scheme) {
  for (const NamedCheck& entry : kChecks) {
    if (entry.scheme == scheme) return entry.check;
  }
  return nullptr;
}

AuthResult check_none(const AuthInput&) {
  return AuthResult::accept("");
}

std::optional<std::int64_t> parse_int(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  return number;
}

bool within_window(std::int64_t timestamp_ms, std::int64_t now_ms,
                   std::chrono::milliseconds window) {
  // Compared without a subtraction that a hostile timestamp could overflow.
  return timestamp_ms >= now_ms - window.count() && timestamp_ms <= now_ms + window.count();
}

}  // namespace owners
