// An RSA key made for one test, as PEM.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>

#include <string>

namespace usher::config::test {

inline std::string make_private_key() {
  EVP_PKEY* key = EVP_RSA_gen(2048);
  BIO* memory = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(memory, key, nullptr, nullptr, 0, nullptr, nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  std::string pem(data, static_cast<std::size_t>(size));
  BIO_free(memory);
  EVP_PKEY_free(key);
  return pem;
}

}  // namespace usher::config::test
