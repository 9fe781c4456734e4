// A TLS server on a simulated network, by OpenSSL alone: it shares nothing with TlsStream.
#pragma once

#include <openssl/bio.h>
#include <openssl/ssl.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "net/network.h"
#include "sim/sim_network.h"
#include "support/certificates.h"

namespace usher::net {

struct TlsPeerOptions {
  test::CertificateFiles files{};
  bool asks_for_certificate = false;
  int version_max = TLS1_3_VERSION;
};

class TlsPeer final : public ListenerEvents, public StreamEvents {
 public:
  explicit TlsPeer(const TlsPeerOptions& options)
      : context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free) {
    SSL_CTX* context = context_.get();
    SSL_CTX_set_security_level(context, 0);  // old versions, too
    SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context, options.version_max);
    SSL_CTX_use_certificate_chain_file(context, options.files.certificate.c_str());
    SSL_CTX_use_PrivateKey_file(context, options.files.key.c_str(), SSL_FILETYPE_PEM);
    if (options.asks_for_certificate) {
      SSL_CTX_load_verify_file(context, options.files.authority.c_str());
      SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    }
  }
  ~TlsPeer() {
    if (stream != nullptr) stream->close();
  }

  void send(std::string_view text) {
    SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size()));
    flush();
  }
  void say_goodbye() {
    SSL_shutdown(ssl_.get());
    flush();
  }
  // Bytes as they are, which are no TLS.
  void send_raw(std::string_view bytes) {
    const std::string_view parts[] = {bytes};
    stream->write(parts);
  }
  void end() { static_cast<sim::SimStream*>(stream)->end(); }
  bool is_connected() const { return ssl_ != nullptr && SSL_is_init_finished(ssl_.get()) != 0; }
  std::string asked_for() const {
    const char* name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name);
    return name == nullptr ? "" : name;
  }

  Stream* stream = nullptr;
  std::string received;
  bool was_told_goodbye = false;
  bool ended = false;
  bool failed = false;
  std::size_t wire_bytes = 0;  // that came

 private:
  StreamEvents* on_accept(Stream& accepted) override {
    stream = &accepted;
    ssl_.reset(SSL_new(context_.get()));
    incoming_ = BIO_new(BIO_s_mem());
    outgoing_ = BIO_new(BIO_s_mem());
    SSL_set_bio(ssl_.get(), incoming_, outgoing_);
    SSL_set_accept_state(ssl_.get());
    return this;
  }
  bool may_accept() override { return true; }
  void on_read(std::string_view bytes) override {
    wire_bytes += bytes.size();
    BIO_write(incoming_, bytes.data(), static_cast<int>(bytes.size()));
    if (!is_connected()) SSL_do_handshake(ssl_.get());
    std::array<char, 4096> plain;
    int count = 0;
    while (is_connected() &&
           (count = SSL_read(ssl_.get(), plain.data(), static_cast<int>(plain.size()))) > 0) {
      received.append(plain.data(), static_cast<std::size_t>(count));
    }
    was_told_goodbye = (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
    flush();
  }
  void on_end() override { ended = true; }
  void on_writable() override {}
  void on_failure() override { failed = true; }

  void flush() {
    std::array<char, 16384> bytes;
    int count = 0;
    while ((count = BIO_read(outgoing_, bytes.data(), static_cast<int>(bytes.size()))) > 0) {
      send_raw({bytes.data(), static_cast<std::size_t>(count)});
    }
  }

  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  std::unique_ptr<SSL, Free> ssl_;
  BIO* incoming_ = nullptr;  // ssl_'s
  BIO* outgoing_ = nullptr;
};

}  // namespace usher::net
