#include "service_jwt/rsa_key.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "common/encoding.h"

namespace usher::plugins {
namespace {

constexpr int kLeastBits = 2048;

// Without this OpenSSL would ask for the passphrase of an encrypted key on the terminal.
int no_passphrase(char*, int, int, void*) {
  return -1;
}

EVP_PKEY* read_pem(std::string_view pem) {
  BIO* const bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  EVP_PKEY* const key =
      bio == nullptr ? nullptr : PEM_read_bio_PrivateKey(bio, nullptr, no_passphrase, nullptr);
  BIO_free(bio);
  ERR_clear_error();
  return key;
}

}  // namespace

std::unique_ptr<RsaKey> RsaKey::read(std::string_view text, std::string& wrong) {
  std::unique_ptr<RsaKey> key;
  if (text.find("-----BEGIN") != std::string_view::npos) {
    key.reset(new RsaKey(read_pem(text)));
  } else if (std::optional<std::string> pem = base64_decode(text)) {
    std::string& decoded = *pem;
    key.reset(new RsaKey(read_pem(decoded)));
    OPENSSL_cleanse(decoded.data(), decoded.size());
  }
  if (!key || !key->key_) {
    wrong = "not a private key; give an unencrypted PEM, or base64 of one";
    return nullptr;
  }
  const int bits = EVP_PKEY_get_bits(key->key_.get());
  if (EVP_PKEY_is_a(key->key_.get(), "RSA") != 1) {
    wrong = "not an RSA key; RS256 needs one of at least 2048 bits";
    return nullptr;
  }
  if (bits < kLeastBits) {
    wrong = "an RSA key of " + std::to_string(bits) + " bits; give one of at least 2048";
    return nullptr;
  }
  return key;
}

std::optional<std::string> RsaKey::sign(std::string_view text) const {
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
  std::string signature(static_cast<size_t>(EVP_PKEY_get_size(key_.get())), '\0');
  size_t size = signature.size();
  const bool ok = context != nullptr &&
                  EVP_DigestSignInit_ex(context, nullptr, "SHA256", nullptr, nullptr, key_.get(),
                                        nullptr) == 1 &&
                  EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                                 bytes, text.size()) == 1;
  EVP_MD_CTX_free(context);
  ERR_clear_error();
  if (!ok) return std::nullopt;
  signature.resize(size);
  return signature;
}

}  // namespace usher::plugins
