// What the platform's services share: secrets for the tests, and RSA key pairs made on this
// machine.
#pragma once

#include <string>
#include <string_view>

namespace e2e {

inline constexpr std::string_view kServiceSecret = "e2e-shared-9b1d0f6c4a7e4c52b8d3f1a09c77e0d4";
inline constexpr std::string_view kApiKey = "e2e-apikey-51c0a7de93f84b6ab2e4d8f60b9e1c37";
// Of the right length, and nobody's.
inline constexpr std::string_view kWrongSecret = "e2e-wrong--0000111122223333444455556666777788";

struct KeyPair {
  std::string private_pem;
  std::string public_pem;
};

KeyPair make_rsa_keys(int bits);
// Made once and kept in the build directory, since making one takes longer than most tests.
const KeyPair& service_keys();
// Another service's, which the owners do not know.
const KeyPair& stranger_keys();

std::string base64(std::string_view text);
std::string decode_base64url(std::string_view text);
std::string hmac_sha256_hex(std::string_view key, std::string_view text);
std::string sha256_hex(std::string_view text);

}  // namespace e2e
