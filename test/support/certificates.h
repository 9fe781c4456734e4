// Certificates for tests: an authority made on the spot, and what it issues, as PEM files.
#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>
#include <vector>

#include "support/temporary_directory.h"

namespace usher::test {

struct CertificateFiles {
  std::string certificate;
  std::string key;
  std::string authority;  // that issued it
};

struct CertificateOptions {
  // Of the subjectAltName: "DNS:localhost", "IP:127.0.0.1".
  std::vector<std::string> names = {"DNS:localhost", "IP:127.0.0.1"};
  bool has_expired = false;
  std::string subject = "Test";  // its CN
};

// Keys are of P-256. Files go with it.
class CertificateAuthority {
 public:
  CertificateAuthority();
  ~CertificateAuthority();

  CertificateFiles issue(const CertificateOptions& options = {});
  // Its own certificate.
  const std::string& file() const { return file_; }

 private:
  struct Free {
    void operator()(X509* certificate) const;
    void operator()(EVP_PKEY* key) const;
  };
  using Certificate = std::unique_ptr<X509, Free>;
  using Key = std::unique_ptr<EVP_PKEY, Free>;

  Certificate make(const Key& key, const CertificateOptions& options);
  std::string write(const std::string& name, X509* certificate) const;
  std::string write(const std::string& name, EVP_PKEY* key) const;

  TemporaryDirectory directory_;
  Key key_;
  Certificate certificate_;
  std::string file_;
  int issued_ = 0;
};

}  // namespace usher::test
