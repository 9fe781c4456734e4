// Peers on the simulated network that send and keep bytes, and read nothing into them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "sim/sim_network.h"

namespace usher::fuzz {

class RawPeer final : public net::StreamEvents {
 public:
  // Called when bytes have come, or the other side has ended.
  using Handler = std::function<void(RawPeer&)>;

  explicit RawPeer(net::Stream& stream, Handler handler = {})
      : stream_(static_cast<sim::SimStream*>(&stream)), handler_(std::move(handler)) {}
  RawPeer(sim::SimNetwork& network, const net::SocketAddress& address)
      : stream_(static_cast<sim::SimStream*>(network.connect(address, *this))) {}
  ~RawPeer() { close(); }
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;

  void send(std::string_view bytes) {
    const std::string_view parts[] = {bytes};
    if (stream_ != nullptr && !bytes.empty()) stream_->write(parts);
  }
  void end() {
    if (stream_ != nullptr) stream_->end();
  }
  void close() {
    if (stream_ != nullptr) stream_->close();
    stream_ = nullptr;
  }
  void reset() {
    if (stream_ != nullptr) stream_->reset();
    stream_ = nullptr;
  }

  const std::string& received() const { return received_; }
  bool ended() const { return ended_; }    // by FIN
  bool failed() const { return failed_; }  // by a reset
  bool is_over() const { return ended_ || failed_; }

 private:
  void on_connected() override {}
  void on_read(std::string_view bytes) override {
    received_.append(bytes);
    if (handler_) handler_(*this);
  }
  void on_end() override {
    ended_ = true;
    if (handler_) handler_(*this);
  }
  void on_writable() override {}
  void on_failure() override {
    failed_ = true;
    close();
  }

  sim::SimStream* stream_;
  Handler handler_;
  std::string received_;
  bool ended_ = false;
  bool failed_ = false;
};

// Keeps every connection that came.
class RawListener final : private net::ListenerEvents {
 public:
  RawListener(sim::SimNetwork& network, const net::SocketAddress& address, RawPeer::Handler handler)
      : network_(network), address_(address), handler_(std::move(handler)) {
    network_.listen(address_, *this);
  }
  ~RawListener() { network_.refuse(address_); }
  RawListener(const RawListener&) = delete;
  RawListener& operator=(const RawListener&) = delete;

  const std::vector<std::unique_ptr<RawPeer>>& peers() const { return peers_; }

 private:
  net::StreamEvents* on_accept(net::Stream& stream) override {
    return peers_.emplace_back(std::make_unique<RawPeer>(stream, handler_)).get();
  }
  bool may_accept() override { return true; }

  sim::SimNetwork& network_;
  net::SocketAddress address_;
  RawPeer::Handler handler_;
  std::vector<std::unique_ptr<RawPeer>> peers_;
};

}  // namespace usher::fuzz
