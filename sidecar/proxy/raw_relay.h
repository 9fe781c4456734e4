// RawRelay: carries a consumer's connection to its destination as it is: bytes that are not HTTP,
// what follows an upgrade, a tunnel made by CONNECT.
//
// It can be dialled before it is known what the consumer says: then a server that speaks first
// decides, and dialled() can be taken away for HTTP.
//
// Owner: DownstreamConnection, which it tells when it has ended.  Thread: worker.
#pragma once

#include <string>
#include <string_view>

#include "net/network.h"
#include "proxy/dialler.h"
#include "proxy/worker_resources.h"

namespace usher::proxy {

class RawRelayEvents {
 public:
  // The destination is there. Join, take or wait.
  virtual void on_relay_dialled() = 0;
  // It cannot be reached, or has gone before it was joined (`was_there`).
  virtual void on_relay_failed(bool was_there) = 0;
  // It spoke before the consumer did: join.
  virtual void on_server_first() = 0;
  // The tunnel is over, and both connections with it.
  virtual void on_relay_ended() = 0;

 protected:
  ~RawRelayEvents() = default;
};

class RawRelay final : private DiallerEvents, private net::StreamEvents, private net::TunnelEvents {
 public:
  RawRelay(WorkerResources& resources, RawRelayEvents& events);
  ~RawRelay();
  RawRelay(const RawRelay&) = delete;
  RawRelay& operator=(const RawRelay&) = delete;

  void dial(const Destination& destination) { dialler_.dial(destination); }
  bool is_dialled() const { return stream_ != nullptr; }
  // on_relay_failed() was called.
  bool has_failed() const { return failed_; }
  bool has_spoken() const { return !spoken_.empty(); }
  // The connection is the caller's; null when there is none yet, and none will come.
  net::Stream* take();

  // Carries bytes from now on: `first`, which the consumer has sent, before all others. False:
  // there is no room for it, and both connections are as they were. REQUIRES: is_dialled().
  bool join(net::Stream& consumer, std::string_view first);

 private:
  void on_dialled(net::Stream& stream) override;
  void on_dial_failed() override;
  void on_read(std::string_view bytes) override;
  void on_end() override;
  void on_writable() override {}
  void on_failure() override;
  void on_tunnel_ended(const net::TunnelEnd& end) override;

  WorkerResources* resources_;
  RawRelayEvents* events_;
  Dialler dialler_;
  net::Stream* stream_ = nullptr;  // to the destination, until it is joined
  net::Tunnel* tunnel_ = nullptr;
  bool failed_ = false;
  std::string spoken_;            // of the server, before it was joined
  std::size_t spoken_bytes_ = 0;  // of that, what the consumer was given
};

}  // namespace usher::proxy
