// TlsContext: what TLS connections of one kind share: whom they trust and who they are.
//
// TLS 1.2 and later, no renegotiation, no compression. A peer is verified by its certificate's
// subjectAltName alone (RFC 9525 §2: the subject's CN is no name of a host).
//
// Owner: whoever has the options; it outlives its connections.  Thread: any, once made. Making one
// reads files.
#pragma once

#include <memory>
#include <string>

#include <tl/expected.hpp>

struct ssl_ctx_st;

namespace usher::net {

struct TlsOptions {
  std::string ca_file;           // PEM; empty: the system's
  std::string certificate_file;  // PEM, with its chain; empty: none
  std::string key_file;          // PEM
  bool verify = true;
};

class TlsContext {
 public:
  // For clients. Errors: a sentence.
  static tl::expected<TlsContext, std::string> for_clients(const TlsOptions& options);

  ssl_ctx_st* get() const { return context_.get(); }
  bool verifies() const { return verifies_; }

 private:
  struct Free {
    void operator()(ssl_ctx_st* context) const;
  };

  TlsContext(ssl_ctx_st* context, bool verifies) : context_(context), verifies_(verifies) {}

  std::unique_ptr<ssl_ctx_st, Free> context_;
  bool verifies_;
};

}  // namespace usher::net
