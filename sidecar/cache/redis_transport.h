// RedisTransport: what all connections of one client to Redis share; and RedisDial, the way from an
// address of the configuration to a connected stream: its name is looked up, its addresses are
// tried one after the other, TLS is spoken.
//
// Owner: whoever has connections (RedisClient, InvalidationChannel); a RedisDial is its
// connection's.  Thread: the loop's.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/timer_wheel.h"
#include "cache/redis_options.h"
#include "net/network.h"
#include "net/tls_context.h"
#include "net/tls_stream.h"

namespace usher::cache {

class RedisTransport {
 public:
  // `options` outlive it. Reads the files of RedisOptions::tls; when they cannot be used, the log
  // says so and no connection is made.
  RedisTransport(net::Network& network, const RedisOptions& options);
  // REQUIRES: its connections are gone.
  ~RedisTransport();
  RedisTransport(const RedisTransport&) = delete;
  RedisTransport& operator=(const RedisTransport&) = delete;

  net::Network& network() const { return *network_; }
  const RedisOptions& options() const { return *options_; }

  // As net::Network::connect, with TLS where it is configured and `address` is no Unix socket.
  // `host` is whom the server must be unless RedisTls says another name.
  net::Stream* connect(const net::SocketAddress& address, const std::string& host,
                       net::StreamEvents& events);

  // That a server does not want this client, and why; a line now and then.
  void log_refusal(std::string_view error);

 private:
  static constexpr Duration kLogInterval = std::chrono::seconds(10);

  net::Network* network_;
  const RedisOptions* options_;
  std::optional<net::TlsContext> tls_context_;
  std::optional<net::TlsConnector> tls_;
  Instant log_at_{};
};

class RedisDialEvents {
 public:
  // The stream is connected and the receiver's, who gives it events.
  virtual void on_dialed(net::Stream& stream) = 0;
  virtual void on_dial_failed() = 0;

 protected:
  ~RedisDialEvents() = default;
};

class RedisDial final : private net::ResolveEvents,
                        private net::StreamEvents,
                        private net::Task,
                        private TimerEvents {
 public:
  // A lookup is given up after that; connecting to one address after
  // RedisOptions::connect_timeout.
  static constexpr Duration kLookupTimeout = std::chrono::seconds(5);

  RedisDial(RedisTransport& transport, RedisDialEvents& events)
      : transport_(&transport), events_(&events) {}
  ~RedisDial() { cancel(); }

  // One event follows, never inline, unless cancel() comes first. REQUIRES: none is under way.
  void dial(const RedisAddress& address);
  void cancel();

 private:
  void run() override;
  void on_timer(Timer& timer) override;
  void on_resolved(const std::vector<net::SocketAddress>& addresses) override;
  void on_connected() override;
  void on_read(std::string_view) override {}
  void on_end() override { try_next(); }
  void on_writable() override {}
  void on_failure() override { try_next(); }

  void try_next();
  void drop_stream();

  RedisTransport* transport_;
  RedisDialEvents* events_;
  std::string host_;
  std::vector<net::SocketAddress> addresses_;
  std::size_t next_ = 0;  // of addresses_
  bool resolving_ = false;
  net::Stream* stream_ = nullptr;
  Timer timer_{*this};
};

}  // namespace usher::cache
