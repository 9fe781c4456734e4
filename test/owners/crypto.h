// Digests and comparisons, straight on OpenSSL.
//
// The owners check what the sidecar signs, so they share no line of code with it: a mistake made in
// one of the two cannot hide in the other.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <openssl/evp.h>

namespace owners {

std::string to_hex(std::string_view bytes);
std::string hmac_sha256_hex(std::string_view key, std::string_view text);
std::string sha256_hex(std::string_view bytes);

// Standard and URL-safe alphabets, padding optional; nullopt on any other byte.
std::optional<std::string> decode_base64(std::string_view text);

bool equals_in_constant_time(std::string_view left, std::string_view right);

std::string random_hex(std::size_t bytes);
std::string random_uuid();

// RS256 over `text`; false as well when the key is unreadable or an RSA key below 2048 bits.
bool rs256_verifies(std::string_view public_key_pem, std::string_view text,
                    std::string_view signature);

// A SHA-256 fed piece by piece, for bodies that are never held whole.
class Sha256 {
 public:
  Sha256();
  void update(std::string_view bytes);
  std::string finish_hex();

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace owners
