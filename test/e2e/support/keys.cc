#include "support/keys.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <memory>

namespace e2e {
namespace {

using Digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string hex(const Digest& digest) {
  std::string text;
  for (const unsigned char byte : digest) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

std::string text_of(const Bio& bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

// The text of a file, "" when there is none.
std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Of programs that run at the same time the first to finish wins: a link never replaces a file.
KeyPair kept_keys(const std::string& name) {
  const std::filesystem::path directory = E2E_KEYS_DIRECTORY;
  const std::filesystem::path kept = directory / (name + ".pem");
  if (!std::filesystem::exists(kept)) {
    const KeyPair made = make_rsa_keys(2048);
    const auto draft = directory / (name + "." + std::to_string(::getpid()));
    std::ofstream(draft) << made.private_pem << made.public_pem;
    std::filesystem::permissions(draft, std::filesystem::perms::owner_read);
    std::error_code already_there;
    std::filesystem::create_hard_link(draft, kept, already_there);
    std::filesystem::remove(draft);
  }
  const std::string text = read_file(kept);
  const auto public_at = text.find("-----BEGIN PUBLIC KEY");
  return {text.substr(0, public_at), text.substr(public_at)};
}

}  // namespace

KeyPair make_rsa_keys(int bits) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      EVP_RSA_gen(static_cast<unsigned>(bits)), EVP_PKEY_free);
  const Bio private_pem(BIO_new(BIO_s_mem()), BIO_free);
  const Bio public_pem(BIO_new(BIO_s_mem()), BIO_free);
  PEM_write_bio_PrivateKey(private_pem.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  PEM_write_bio_PUBKEY(public_pem.get(), key.get());
  return {text_of(private_pem), text_of(public_pem)};
}

const KeyPair& service_keys() {
  static const KeyPair keys = kept_keys("service");
  return keys;
}

const KeyPair& stranger_keys() {
  static const KeyPair keys = kept_keys("stranger");
  return keys;
}

std::string base64(std::string_view text) {
  std::string out((text.size() + 2) / 3 * 4, '\0');
  std::string padded(out.size() + 1, '\0');  // EVP_EncodeBlock ends with a NUL
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(padded.data()), bytes_of(text),
                  static_cast<int>(text.size()));
  out.assign(padded, 0, out.size());
  return out;
}

std::string decode_base64url(std::string_view text) {
  std::string padded(text);
  std::replace(padded.begin(), padded.end(), '-', '+');
  std::replace(padded.begin(), padded.end(), '_', '/');
  const std::size_t padding = (4 - padded.size() % 4) % 4;
  padded.append(padding, '=');
  std::string out(padded.size() / 4 * 3, '\0');
  EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes_of(padded),
                  static_cast<int>(padded.size()));
  out.resize(out.size() - padding);
  return out;
}

std::string hmac_sha256_hex(std::string_view key, std::string_view text) {
  Digest digest{};
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(text), text.size(),
       digest.data(), nullptr);
  return hex(digest);
}

std::string sha256_hex(std::string_view text) {
  Digest digest{};
  SHA256(bytes_of(text), text.size(), digest.data());
  return hex(digest);
}

}  // namespace e2e
