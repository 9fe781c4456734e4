#include "net/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace usher::net {
namespace {

std::string last_reason() {
  const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason == nullptr ? "unknown" : reason;
}

tl::unexpected<std::string> cannot_read(const std::string& what, const std::string& file) {
  return tl::unexpected("cannot use " + what + " " + file + ": " + last_reason());
}

}  // namespace

void TlsContext::Free::operator()(ssl_ctx_st* context) const {
  SSL_CTX_free(context);
}

tl::expected<TlsContext, std::string> TlsContext::for_clients(const TlsOptions& options) {
  ERR_clear_error();
  SSL_CTX* const made = SSL_CTX_new(TLS_client_method());
  if (made == nullptr) return tl::unexpected("TLS cannot start: " + last_reason());
  TlsContext context(made, options.verify);
  SSL_CTX_set_min_proto_version(made, TLS1_2_VERSION);
  SSL_CTX_set_options(made, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // An idle connection owns no buffers.
  SSL_CTX_set_mode(made, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_verify(made, options.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (!options.verify) {
    // Nobody is trusted, so that nothing needs to be read.
  } else if (options.ca_file.empty()) {
    SSL_CTX_set_default_verify_paths(made);
  } else if (SSL_CTX_load_verify_file(made, options.ca_file.c_str()) != 1) {
    return cannot_read("the authority in", options.ca_file);
  }
  if (!options.certificate_file.empty()) {
    if (SSL_CTX_use_certificate_chain_file(made, options.certificate_file.c_str()) != 1) {
      return cannot_read("the certificate in", options.certificate_file);
    }
    if (SSL_CTX_use_PrivateKey_file(made, options.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
      return cannot_read("the key in", options.key_file);
    }
  }
  return context;
}

}  // namespace usher::net
