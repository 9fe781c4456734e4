#include "hmac/hmac_sha256.h"

#include <openssl/crypto.h>

#include <algorithm>

namespace usher::plugins {
namespace {

constexpr size_t kBlock = 64;

}  // namespace

std::unique_ptr<HmacKey> HmacKey::make(std::string_view secret) {
  std::unique_ptr<HmacKey> key(new HmacKey);
  key->sha256_.reset(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  key->inner_.reset(EVP_MD_CTX_new());
  key->outer_.reset(EVP_MD_CTX_new());
  if (!key->sha256_ || !key->inner_ || !key->outer_) return nullptr;

  Sha256Digest digest;
  std::string_view text = secret;
  bool ok = true;
  if (secret.size() > kBlock) {
    ok = EVP_Digest(secret.data(), secret.size(), digest.data(), nullptr, key->sha256_.get(),
                    nullptr) == 1;
    text = {reinterpret_cast<const char*>(digest.data()), digest.size()};
  }
  ok = ok && key->set_pad(key->inner_.get(), text, 0x36) &&
       key->set_pad(key->outer_.get(), text, 0x5c);
  OPENSSL_cleanse(digest.data(), digest.size());
  return ok ? std::move(key) : nullptr;
}

bool HmacKey::set_pad(EVP_MD_CTX* context, std::string_view key, uint8_t pad) {
  std::array<uint8_t, kBlock> block;
  block.fill(pad);
  for (size_t i = 0; i < key.size(); ++i) block[i] ^= static_cast<uint8_t>(key[i]);
  const bool ok = EVP_DigestInit_ex2(context, sha256_.get(), nullptr) == 1 &&
                  EVP_DigestUpdate(context, block.data(), block.size()) == 1;
  OPENSSL_cleanse(block.data(), block.size());
  return ok;
}

std::unique_ptr<Hmac> Hmac::make(const HmacKey& key) {
  std::unique_ptr<Hmac> hmac(new Hmac(key));
  return hmac->code_ && hmac->hash_ ? std::move(hmac) : nullptr;
}

Hmac::Hmac(const HmacKey& key) : key_(key), code_(EVP_MD_CTX_new()), hash_(EVP_MD_CTX_new()) {}

void Hmac::begin() {
  used_ = 0;
  ok_ = EVP_MD_CTX_copy_ex(code_.get(), key_.inner_.get()) == 1;
}

void Hmac::update(std::string_view bytes) {
  if (bytes.size() > buffer_.size() - used_) flush();
  if (bytes.size() > buffer_.size()) {
    ok_ = ok_ && EVP_DigestUpdate(code_.get(), bytes.data(), bytes.size()) == 1;
    return;
  }
  std::copy(bytes.begin(), bytes.end(), buffer_.data() + used_);
  used_ += bytes.size();
}

void Hmac::flush() {
  ok_ = ok_ && EVP_DigestUpdate(code_.get(), buffer_.data(), used_) == 1;
  used_ = 0;
}

bool Hmac::finish(Sha256Digest& code) {
  flush();
  Sha256Digest inner;
  return ok_ && EVP_DigestFinal_ex(code_.get(), inner.data(), nullptr) == 1 &&
         EVP_MD_CTX_copy_ex(code_.get(), key_.outer_.get()) == 1 &&
         EVP_DigestUpdate(code_.get(), inner.data(), inner.size()) == 1 &&
         EVP_DigestFinal_ex(code_.get(), code.data(), nullptr) == 1;
}

bool Hmac::sha256(std::string_view bytes, Sha256Digest& digest) {
  return EVP_DigestInit_ex2(hash_.get(), key_.sha256_.get(), nullptr) == 1 &&
         EVP_DigestUpdate(hash_.get(), bytes.data(), bytes.size()) == 1 &&
         EVP_DigestFinal_ex(hash_.get(), digest.data(), nullptr) == 1;
}

}  // namespace usher::plugins
