#include "proxy/raw_relay.h"

namespace usher::proxy {

RawRelay::RawRelay(WorkerResources& resources, RawRelayEvents& events)
    : resources_(&resources), events_(&events), dialler_(resources, *this) {}

RawRelay::~RawRelay() {
  if (stream_ != nullptr) stream_->close();
  if (tunnel_ == nullptr) return;
  resources_->metrics.tunnels.subtract();
  tunnel_->close();
}

net::Stream* RawRelay::take() {
  net::Stream* stream = stream_;
  stream_ = nullptr;
  return stream;
}

bool RawRelay::join(net::Stream& consumer, std::string_view first) {
  if (!spoken_.empty()) {
    const std::string_view parts[] = {spoken_};
    consumer.write(parts);
    spoken_bytes_ = spoken_.size();
    spoken_ = {};
  }
  tunnel_ = resources_->network.join(consumer, *stream_, first, *this);
  if (tunnel_ == nullptr) return false;
  stream_ = nullptr;
  resources_->metrics.tunnel_bytes_in.add(spoken_bytes_);
  resources_->metrics.tunnels.add();
  resources_->metrics.tunnels_total.add();
  return true;
}

void RawRelay::on_dialled(net::Stream& stream) {
  stream_ = &stream;
  stream.set_events(*this);
  events_->on_relay_dialled();
}

void RawRelay::on_dial_failed() {
  failed_ = true;
  events_->on_relay_failed(false);
}

// Reading goes on in the tunnel, which the receiver is to begin.
void RawRelay::on_read(std::string_view bytes) {
  stream_->pause();
  spoken_ = bytes;
  events_->on_server_first();
}

void RawRelay::on_end() {
  stream_->close();
  stream_ = nullptr;
  failed_ = true;
  events_->on_relay_failed(true);
}

void RawRelay::on_failure() {
  on_end();
}

void RawRelay::on_tunnel_ended(const net::TunnelEnd& end) {
  tunnel_ = nullptr;
  ProxyMetrics& metrics = resources_->metrics;
  metrics.tunnels.subtract();
  metrics.tunnel_bytes_out.add(end.bytes_to_b);
  metrics.tunnel_bytes_in.add(end.bytes_to_a);
  events_->on_relay_ended();
}

}  // namespace usher::proxy
