// Who may call: the platform's authentication schemes, one check each.
//
// Written from the platform's verifiers, not from the sidecar's signers, and sharing nothing with
// those, so that a signature both sides get wrong the same way is not possible by construction.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http_message.h"

namespace owners {

// What the owners check against. Empty means not configured.
struct Secrets {
  std::string hmac;            // INTERNAL_SERVICE_SECRET
  std::string standard_hmac;   // INTERNAL_HMAC_SECRET, else INTERNAL_SERVICE_SECRET
  std::string service_key;     // INTERNAL_SERVICE_KEY, else INTERNAL_SERVICE_SECRET
  std::string api_key;         // INTERNAL_API_KEY
  std::string s2s_public_key;  // PEM
  // The three HMAC secrets were this before and are still accepted:
  // INTERNAL_SERVICE_SECRET_PREVIOUS
  std::string previous = {};

  // Throws std::runtime_error when S2S_PUBLIC_KEY_PATH names a file that cannot be read.
  static Secrets from_environment();
};

// NonceStore remembers which nonces were used, each until its time is over.   Thread: any.
class NonceStore {
 public:
  // True the first time within `lifetime`.
  bool consume(const std::string& nonce, std::int64_t now_ms, std::chrono::seconds lifetime);
  void clear();

 private:
  std::mutex mutex_;
  std::map<std::string, std::int64_t> expiries_;
};

struct AuthInput {
  std::string_view owner;
  const Request& request;
  // JSON.stringify of the parsed body; nullopt where JavaScript has undefined.
  const std::optional<std::string>& canonical_body;
  const Secrets& secrets;
  std::int64_t now_ms;
  NonceStore& nonces;
};

struct AuthResult {
  std::optional<Response> refusal;
  std::string caller;                    // the service's name, where the scheme has one
  std::vector<Header> response_headers;  // to be added to the owner's answer

  static AuthResult accept(std::string caller) { return {std::nullopt, std::move(caller), {}}; }
  static AuthResult refuse(Response response) { return {std::move(response), {}, {}}; }
};

using AuthCheck = AuthResult (*)(const AuthInput&);

// nullptr for a name that is no scheme.
AuthCheck find_auth_check(std::string_view scheme);
// `check`, with the previous secret where the call was signed with it.
AuthResult check_with_overlap(AuthCheck check, const AuthInput& input);

// One function per scheme; the letters are the platform document's.
AuthResult check_none(const AuthInput& input);
AuthResult check_ticket(const AuthInput& input);       // A1
AuthResult check_venue(const AuthInput& input);        // A2
AuthResult check_payment(const AuthInput& input);      // A3
AuthResult check_gateway(const AuthInput& input);      // A4
AuthResult check_blockchain(const AuthInput& input);   // A5
AuthResult check_minting(const AuthInput& input);      // A6
AuthResult check_order_nonce(const AuthInput& input);  // A7
AuthResult check_analytics(const AuthInput& input);    // A8
AuthResult check_integration(const AuthInput& input);  // A9
AuthResult check_standard(const AuthInput& input);     // B
AuthResult check_s2s(const AuthInput& input);          // C
AuthResult check_api_key(const AuthInput& input);      // D

// parseInt(text, 10): leading white space, a sign and digits; trailing text is ignored.
std::optional<std::int64_t> parse_int(std::string_view text);
bool within_window(std::int64_t timestamp_ms, std::int64_t now_ms,
                   std::chrono::milliseconds window);

}  // namespace owners
