// The MAC of a sealed entry by the library's one-shot call, for bytes that nobody sealed.
#pragma once

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <string>
#include <string_view>

#include "cache/cache_key.h"

namespace usher::cache {

inline constexpr std::size_t kSealMacSize = 16;

// `bytes` with the MAC that they would have under `seal_key` and `key`.
inline std::string with_mac(std::string bytes, std::string_view seal_key, const CacheKey& key) {
  std::string message(reinterpret_cast<const char*>(key.digest.bytes.data()), 32);
  message.append(reinterpret_cast<const char*>(&key.scope.value), 8).append(bytes);
  std::array<unsigned char, 32> code{};
  HMAC(EVP_sha256(), seal_key.data(), static_cast<int>(seal_key.size()),
       reinterpret_cast<const unsigned char*>(message.data()), message.size(), code.data(),
       nullptr);
  return bytes.append(reinterpret_cast<const char*>(code.data()), kSealMacSize);
}

}  // namespace usher::cache
