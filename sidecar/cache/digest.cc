#include "cache/digest.h"

#include <openssl/evp.h>

#include "base/check.h"

namespace usher::cache {
namespace {

// Looked up once: the library's own look-up for each message costs more than a short message.
const EVP_MD* sha256() {
  static const EVP_MD* const kSha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return kSha256;
}

}  // namespace

Hasher::Hasher() : context_(EVP_MD_CTX_new()) {
  USHER_CHECK(context_ != nullptr && sha256() != nullptr);
}

Hasher::~Hasher() {
  EVP_MD_CTX_free(context_);
}

void Hasher::begin() {
  buffered_ = 0;
  USHER_CHECK(EVP_DigestInit_ex2(context_, sha256(), nullptr) == 1);
}

void Hasher::add(std::string_view part) {
  if (buffer_.size() - buffered_ < kLengthMax) flush();
  // Seven bits a byte, the last without the highest bit: no length is the beginning of another.
  std::size_t length = part.size();
  for (; length >= 0x80; length >>= 7) {
    buffer_[buffered_++] = static_cast<char>(0x80 | (length & 0x7f));
  }
  buffer_[buffered_++] = static_cast<char>(length);
  append(part);
}

void Hasher::add(std::uint64_t number) {
  std::array<char, sizeof(number)> bytes{};
  std::memcpy(bytes.data(), &number, sizeof(number));
  add(std::string_view(bytes.data(), bytes.size()));
}

Digest Hasher::end() {
  flush();
  Digest digest;
  USHER_CHECK(EVP_DigestFinal_ex(context_, digest.bytes.data(), nullptr) == 1);
  return digest;
}

void Hasher::append(std::string_view bytes) {
  if (bytes.size() > buffer_.size() - buffered_) flush();
  if (bytes.size() > buffer_.size()) {
    USHER_CHECK(EVP_DigestUpdate(context_, bytes.data(), bytes.size()) == 1);
    return;
  }
  bytes.copy(buffer_.data() + buffered_, bytes.size());
  buffered_ += bytes.size();
}

void Hasher::flush() {
  USHER_CHECK(EVP_DigestUpdate(context_, buffer_.data(), buffered_) == 1);
  buffered_ = 0;
}

std::string to_hex(const Digest& digest, std::size_t count) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * count);
  for (std::size_t i = 0; i < count; ++i) {
    text += kDigits[digest.bytes[i] >> 4];
    text += kDigits[digest.bytes[i] & 0xf];
  }
  return text;
}

}  // namespace usher::cache
