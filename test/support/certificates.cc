#include "support/certificates.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace usher::test {
namespace {

constexpr long kDay = 24 * 60 * 60;

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

void must(bool done) {
  if (!done) throw std::runtime_error("cannot make a certificate");
}

void add_extension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context{};
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const std::unique_ptr<X509_EXTENSION, decltype(&X509_EXTENSION_free)> extension(
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()), X509_EXTENSION_free);
  must(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1);
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ",") + name;
  return text;
}

}  // namespace

void CertificateAuthority::Free::operator()(X509* certificate) const {
  X509_free(certificate);
}
void CertificateAuthority::Free::operator()(EVP_PKEY* key) const {
  EVP_PKEY_free(key);
}

CertificateAuthority::CertificateAuthority() : key_(EVP_EC_gen("P-256")) {
  certificate_ = make(key_, {.names = {}, .subject = "Test authority"});
  file_ = write("authority.pem", certificate_.get());
}

CertificateAuthority::~CertificateAuthority() = default;

CertificateFiles CertificateAuthority::issue(const CertificateOptions& options) {
  const std::string name = std::to_string(++issued_);
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate = make(key, options);
  return {write(name + ".pem", certificate.get()), write(name + ".key", key.get()), file_};
}

// The first one is its own issuer.
CertificateAuthority::Certificate CertificateAuthority::make(const Key& key,
                                                             const CertificateOptions& options) {
  Certificate certificate(X509_new());
  X509* const made = certificate.get();
  X509* const issuer = certificate_ ? certificate_.get() : made;
  must(made != nullptr && key != nullptr);
  X509_set_version(made, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made), 1 + issued_);
  X509_gmtime_adj(X509_getm_notBefore(made), -2 * kDay);
  X509_gmtime_adj(X509_getm_notAfter(made), options.has_expired ? -kDay : kDay);
  X509_set_pubkey(made, key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(options.subject.c_str()), -1,
                             -1, 0);
  X509_set_issuer_name(made, X509_get_subject_name(issuer));
  if (issuer == made) {
    add_extension(made, issuer, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(made, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
  } else {
    add_extension(made, issuer, NID_subject_alt_name, joined(options.names));
  }
  must(X509_sign(made, key_.get(), EVP_sha256()) > 0);
  return certificate;
}

std::string CertificateAuthority::write(const std::string& name, X509* certificate) const {
  std::string path = (directory_.path() / name).string();
  const Bio file(BIO_new_file(path.c_str(), "w"), BIO_free);
  must(PEM_write_bio_X509(file.get(), certificate) == 1);
  return path;
}

std::string CertificateAuthority::write(const std::string& name, EVP_PKEY* key) const {
  std::string path = (directory_.path() / name).string();
  const Bio file(BIO_new_file(path.c_str(), "w"), BIO_free);
  must(PEM_write_bio_PrivateKey(file.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return path;
}

}  // namespace usher::test
