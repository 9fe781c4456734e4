// Events of the stream below enter by on_…, and leave through pump(), which is also what resume()
// comes to at the end of the turn. The owner may close the stream in any event: after each one,
// state_ is looked at again.

#include "net/tls_stream.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "base/log.h"

namespace usher::net {

// --- what OpenSSL reads from and writes to ------------------------------------------------------

struct TlsStream::Wire {
  static TlsStream& of(BIO* bio) { return *static_cast<TlsStream*>(BIO_get_data(bio)); }

  static int write(BIO* bio, const char* bytes, int size) {
    TlsStream& self = of(bio);
    const std::string_view parts[] = {{bytes, static_cast<std::size_t>(size)}};
    if (!self.raw_->write(parts)) self.above_mark_ = true;
    return size;
  }
  static int read(BIO* bio, char* bytes, int size) {
    TlsStream& self = of(bio);
    const std::size_t count = std::min(self.incoming_.size(), static_cast<std::size_t>(size));
    if (count == 0) {
      BIO_set_retry_read(bio);
      return -1;
    }
    BIO_clear_retry_flags(bio);
    std::memcpy(bytes, self.incoming_.data(), count);
    self.incoming_.remove_prefix(count);
    return static_cast<int>(count);
  }
  static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

  static const BIO_METHOD* method() {
    static BIO_METHOD* const kMethod = [] {
      BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stream");
      USHER_CHECK(made != nullptr);
      BIO_meth_set_write(made, write);
      BIO_meth_set_read(made, read);
      BIO_meth_set_ctrl(made, control);
      return made;
    }();
    return kMethod;
  }
  static BIO* make(TlsStream& stream) {
    BIO* bio = BIO_new(method());
    USHER_CHECK(bio != nullptr);
    BIO_set_data(bio, &stream);
    BIO_set_init(bio, 1);
    return bio;
  }
};

namespace {

bool is_address(const std::string& name) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return inet_pton(AF_INET, name.c_str(), bytes.data()) == 1 ||
         inet_pton(AF_INET6, name.c_str(), bytes.data()) == 1;
}

// Without one nobody is the right peer.
void expect(ssl_st* ssl, std::string name) {
  X509_VERIFY_PARAM* const expected = SSL_get0_param(ssl);
  X509_VERIFY_PARAM_set_hostflags(
      expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  if (is_address(name)) {
    X509_VERIFY_PARAM_set1_ip_asc(expected, name.c_str());
    return;
  }
  if (name.ends_with('.')) name.pop_back();
  X509_VERIFY_PARAM_set1_host(expected, name.empty() ? "." : name.c_str(), 0);
  if (!name.empty()) SSL_set_tlsext_host_name(ssl, name.c_str());
}

}  // namespace

TlsStream::TlsStream(TlsConnector& connector, const std::string& server_name, StreamEvents& events)
    : connector_(&connector), events_(&events), ssl_(SSL_new(connector.context_->get())) {
  USHER_CHECK(ssl_ != nullptr);
  BIO* const wire = Wire::make(*this);
  SSL_set_bio(ssl_, wire, wire);
  SSL_set_connect_state(ssl_);
  expect(ssl_, server_name);
}

TlsStream::~TlsStream() {
  SSL_free(ssl_);
}

bool TlsStream::start(const SocketAddress& address) {
  raw_ = connector_->network_->connect(address, *this);
  return raw_ != nullptr;
}

// --- from the stream below ----------------------------------------------------------------------

void TlsStream::on_connected() {
  state_ = State::Handshaking;
  pump();
}

void TlsStream::on_read(std::string_view bytes) {
  if (held_.empty()) {
    incoming_ = bytes;
  } else {
    held_.append(bytes);
    incoming_ = held_;
  }
  pump();
  keep_rest();
}

void TlsStream::on_end() {
  raw_ended_ = true;
  incoming_ = held_;
  pump();
  keep_rest();
}

void TlsStream::on_writable() {
  above_mark_ = false;
  if (std::exchange(owes_writable_, false) && state_ == State::Open) events_->on_writable();
}

void TlsStream::on_failure() {
  fail();
}

void TlsStream::run() {
  if (state_ == State::Failed) {
    fail();
    return;
  }
  incoming_ = held_;
  pump();
  keep_rest();
}

// --- to the owner -------------------------------------------------------------------------------

void TlsStream::pump() {
  if (state_ == State::Handshaking && !shake_hands()) return;
  if (state_ == State::Open) read_records();
}

// Returns whether it is done.
bool TlsStream::shake_hands() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_);
  if (result == 1) {
    state_ = State::Open;
    sent_before_ = raw_->sent_bytes() + raw_->queued_bytes();
    events_->on_connected();
    return true;
  }
  if (SSL_get_error(ssl_, result) != SSL_ERROR_WANT_READ || raw_ended_) {
    log_failure();
    fail();
  }
  return false;
}

void TlsStream::read_records() {
  char* const plain = connector_->plain_.get();
  while (!paused_ && !has_ended_ && state_ == State::Open) {
    ERR_clear_error();
    const int count = SSL_read(ssl_, plain, static_cast<int>(TlsConnector::kPlainBytes));
    if (count > 0) {
      events_->on_read({plain, static_cast<std::size_t>(count)});
      continue;
    }
    const int error = SSL_get_error(ssl_, count);
    if (error == SSL_ERROR_WANT_READ) {
      if (raw_ended_) end();
      return;
    }
    if (error == SSL_ERROR_ZERO_RETURN) {
      end();
    } else {
      log_failure();
      fail();
    }
  }
}

// What came behind the end is nobody's.
void TlsStream::keep_rest() {
  if (has_ended_ || state_ == State::Closed || state_ == State::Failed) incoming_ = {};
  if (incoming_.empty()) {
    held_.clear();
  } else {
    held_ = std::string(incoming_);
  }
  incoming_ = {};
}

void TlsStream::end() {
  has_ended_ = true;
  events_->on_end();
}

void TlsStream::fail() {
  state_ = State::Failed;
  Task::unlink();
  if (!std::exchange(has_failed_, true)) events_->on_failure();
}

void TlsStream::log_failure() const {
  const Instant now = connector_->network_->now();
  if (now < connector_->log_at_) return;
  connector_->log_at_ = now + TlsConnector::kLogInterval;
  const long verified = SSL_get_verify_result(ssl_);
  const char* reason = verified != X509_V_OK ? X509_verify_cert_error_string(verified)
                                             : ERR_reason_error_string(ERR_peek_last_error());
  const char* server = SSL_get_servername(ssl_, TLSEXT_NAMETYPE_host_name);
  LogLine(LogLevel::Warn, "TLS failed")
      .field("server", server == nullptr ? "" : server)
      .field("why", reason == nullptr ? "the peer left" : reason);
}

// --- from the owner -----------------------------------------------------------------------------

// Parts share records: each one costs some 30 bytes and a call of the cipher.
bool TlsStream::write(std::span<const std::string_view> parts) {
  if (state_ != State::Open) return true;              // on_failure is on its way
  std::array<char, TlsConnector::kPlainBytes> record;  // NOLINT: written as far as it is used
  std::size_t used = 0;
  bool is_good = true;
  for (std::string_view part : parts) {
    while (is_good && !part.empty()) {
      if (used == 0 && part.size() >= record.size()) {
        is_good = write_record(part.substr(0, record.size()));
        part.remove_prefix(record.size());
        continue;
      }
      const std::size_t count = std::min(part.size(), record.size() - used);
      std::memcpy(record.data() + used, part.data(), count);
      part.remove_prefix(count);
      used += count;
      if (used < record.size()) continue;
      is_good = write_record({record.data(), used});
      used = 0;
    }
  }
  if (is_good && used > 0) is_good = write_record({record.data(), used});
  if (!is_good) {
    state_ = State::Failed;
    connector_->network_->defer(*this);
    return true;
  }
  owes_writable_ = owes_writable_ || above_mark_;
  return !above_mark_;
}

// The stream below takes all, so that a record is written whole or never.
bool TlsStream::write_record(std::string_view plain) {
  ERR_clear_error();
  return SSL_write(ssl_, plain.data(), static_cast<int>(plain.size())) > 0;
}

std::uint64_t TlsStream::sent_bytes() const {
  const std::uint64_t sent = raw_->sent_bytes();
  return state_ == State::Connecting || state_ == State::Handshaking || sent < sent_before_
             ? 0
             : sent - sent_before_;
}

bool TlsStream::is_quiet() const {
  return state_ == State::Open && !raw_ended_ && held_.empty() && SSL_has_pending(ssl_) == 0 &&
         raw_->is_quiet();
}

void TlsStream::pause() {
  paused_ = true;
  raw_->pause();
}

void TlsStream::resume() {
  if (!paused_) return;
  paused_ = false;
  raw_->resume();
  if (state_ == State::Open) connector_->network_->defer(*this);
}

void TlsStream::close() {
  say_goodbye();
  std::exchange(raw_, nullptr)->close();
  retire();
}

void TlsStream::reset() {
  std::exchange(raw_, nullptr)->reset();
  retire();
}

void TlsStream::close_gracefully() {
  say_goodbye();
  std::exchange(raw_, nullptr)->close_gracefully();
  retire();
}

// close_notify; after an error OpenSSL must not be asked for it.
void TlsStream::say_goodbye() {
  if (state_ != State::Open) return;
  ERR_clear_error();
  SSL_shutdown(ssl_);
}

void TlsStream::retire() {
  state_ = State::Closed;
  Task::unlink();
  connector_->closed_.push_back(*this);
  connector_->network_->defer(*connector_);
}

// --- the connector ------------------------------------------------------------------------------

TlsConnector::TlsConnector(Network& network, const TlsContext& context)
    : network_(&network), context_(&context) {}

TlsConnector::~TlsConnector() {
  run();
  USHER_CHECK(streams_ == 0);
}

Stream* TlsConnector::connect(const SocketAddress& address, const std::string& server_name,
                              StreamEvents& events) {
  if (!plain_) plain_.reset(new char[kPlainBytes]);
  auto stream = std::make_unique<TlsStream>(*this, server_name, events);
  if (!stream->start(address)) return nullptr;
  ++streams_;
  return stream.release();
}

void TlsConnector::run() {
  while (TlsStream* stream = closed_.pop_front()) {
    delete stream;
    --streams_;
  }
}

}  // namespace usher::net
