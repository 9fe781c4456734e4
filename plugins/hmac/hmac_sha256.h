// HMAC-SHA256 (RFC 2104, FIPS 180-4) for many short messages under one key.
//
// The key is hashed once: HmacKey keeps the states of SHA-256 after the inner and the outer pad,
// and each message begins with a copy of them. That saves two of the four or five compressions of a
// short message, and the fetched EVP_MD saves OpenSSL's look-up (and its locks) on each one.
#ifndef USHER_PLUGINS_HMAC_HMAC_SHA256_H
#define USHER_PLUGINS_HMAC_HMAC_SHA256_H

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

namespace usher::plugins {

using Sha256Digest = std::array<uint8_t, 32>;

struct EvpFree {
  void operator()(EVP_MD* md) const { EVP_MD_free(md); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }  // wipes the state
};
using EvpMd = std::unique_ptr<EVP_MD, EvpFree>;
using EvpMdContext = std::unique_ptr<EVP_MD_CTX, EvpFree>;

// Immutable once made; any number of threads may copy its states.
class HmacKey {
 public:
  // Null when OpenSSL fails (no SHA-256, no memory). The secret is not kept.
  static std::unique_ptr<HmacKey> make(std::string_view secret);

 private:
  friend class Hmac;
  bool set_pad(EVP_MD_CTX* context, std::string_view key, uint8_t pad);

  EvpMd sha256_;
  EvpMdContext inner_;
  EvpMdContext outer_;
};

// Computes one code after the other. For one thread; `key` must outlive it.
class Hmac {
 public:
  // Null when OpenSSL fails.
  static std::unique_ptr<Hmac> make(const HmacKey& key);

  void begin();
  void update(std::string_view bytes);
  // False when any step since begin failed; `code` is then not set.
  bool finish(Sha256Digest& code);

  // Plain SHA-256; may be used between a finish and the next begin.
  bool sha256(std::string_view bytes, Sha256Digest& digest);

 private:
  explicit Hmac(const HmacKey& key);
  void flush();

  const HmacKey& key_;
  EvpMdContext code_;
  EvpMdContext hash_;
  // Pieces are gathered here: a call into OpenSSL costs more than copying a few bytes.
  std::array<char, 1024> buffer_;
  size_t used_ = 0;
  bool ok_ = true;
};

}  // namespace usher::plugins

#endif  // USHER_PLUGINS_HMAC_HMAC_SHA256_H
