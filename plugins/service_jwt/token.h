// The service token of the platform: a JSON Web Token (RFC 7519) signed with RS256 that says which
// service calls, and nothing else.
#ifndef USHER_PLUGINS_SERVICE_JWT_TOKEN_H
#define USHER_PLUGINS_SERVICE_JWT_TOKEN_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "service_jwt/rsa_key.h"

namespace usher::plugins {

// Claims sub, type "service", iat and exp, in this order, as jsonwebtoken writes them; times in
// whole seconds. Nothing when signing fails. Pure but for `key`.
std::optional<std::string> mint_token(const RsaKey& key, std::string_view service, int64_t issued_s,
                                      int64_t expires_s);

}  // namespace usher::plugins

#endif  // USHER_PLUGINS_SERVICE_JWT_TOKEN_H
