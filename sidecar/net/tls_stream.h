// TlsStream: TLS as a client over any Stream, as a Stream. TlsConnector makes them.
//
// on_connected comes once the peer is verified; a handshake that fails is on_failure, and the log
// says why now and then. The peer's close_notify is on_end, and so is a FIN without one: whoever
// needs to know whether what came is whole has to know its length. close() and close_gracefully()
// send close_notify. queued_bytes() and sent_bytes() are of what goes over the wire, without the
// handshake.
//
// OpenSSL reads from the bytes that just came in and writes straight into the stream below: nothing
// is kept between, but while reading is paused.
//
// Owner: its TlsConnector, from connect() to the end of the turn in which it is closed.  Thread:
// the loop's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/intrusive_list.h"
#include "net/network.h"
#include "net/stream.h"
#include "net/tls_context.h"

struct ssl_st;

namespace usher::net {

class TlsConnector;

class TlsStream final : public Stream, private StreamEvents, public Task {
 public:
  TlsStream(TlsConnector& connector, const std::string& server_name, StreamEvents& events);
  ~TlsStream();

  // For TlsConnector. False when there is no socket.
  bool start(const SocketAddress& address);

  bool write(std::span<const std::string_view> parts) override;
  std::size_t queued_bytes() const override { return raw_->queued_bytes(); }
  std::uint64_t sent_bytes() const override;
  bool is_quiet() const override;
  void pause() override;
  void resume() override;
  void set_events(StreamEvents& events) override { events_ = &events; }
  void close() override;
  void reset() override;
  void close_gracefully() override;

 private:
  enum class State : std::uint8_t {
    Connecting,
    Handshaking,
    Open,
    Failed,  // on_failure is due, or was delivered
    Closed,
  };
  struct Wire;

  void on_connected() override;
  void on_read(std::string_view bytes) override;
  void on_end() override;
  void on_writable() override;
  void on_failure() override;
  void run() override;  // reads on after resume(), or delivers on_failure of a write()

  void pump();
  bool shake_hands();
  void read_records();
  void keep_rest();
  void end();
  void fail();
  void log_failure() const;
  void say_goodbye();
  void retire();
  bool write_record(std::string_view plain);

  TlsConnector* connector_;
  StreamEvents* events_;
  Stream* raw_ = nullptr;  // null once closed
  ssl_st* ssl_;
  State state_ = State::Connecting;
  std::string_view incoming_;      // of what came in, what OpenSSL has not read yet
  std::string held_;               // where that is kept while reading is paused
  std::uint64_t sent_before_ = 0;  // by the handshake
  bool paused_ = false;
  bool raw_ended_ = false;
  bool has_ended_ = false;   // on_end was delivered
  bool has_failed_ = false;  // on_failure was
  bool above_mark_ = false;  // of the stream below
  bool owes_writable_ = false;
};

class TlsConnector final : private Task {
 public:
  static constexpr Duration kLogInterval = std::chrono::seconds(10);

  TlsConnector(Network& network, const TlsContext& context);
  // REQUIRES: every stream was closed.
  ~TlsConnector();
  TlsConnector(const TlsConnector&) = delete;
  TlsConnector& operator=(const TlsConnector&) = delete;

  // As Network::connect. `server_name`, a name or a literal address, is whom the peer must be; a
  // name is also what it is asked for (SNI).
  Stream* connect(const SocketAddress& address, const std::string& server_name,
                  StreamEvents& events);

 private:
  friend class TlsStream;

  // Of one record.
  static constexpr std::size_t kPlainBytes = 16 * 1024;

  void run() override;

  Network* network_;
  const TlsContext* context_;
  std::unique_ptr<char[]> plain_;  // where records are decrypted to, one after the other
  std::size_t streams_ = 0;
  IntrusiveList<TlsStream, Task> closed_;
  Instant log_at_{};
};

}  // namespace usher::net
