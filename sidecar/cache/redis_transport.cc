#include "cache/redis_transport.h"

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace usher::cache {
namespace {

constexpr std::size_t kNameMax = 253;  // RFC 1035 §2.3.4, as text

// Names may come from a server: what is none is not given to the system.
bool is_name(const std::string& text) {
  const auto is_good = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  };
  return !text.empty() && text.size() <= kNameMax && std::all_of(text.begin(), text.end(), is_good);
}

}  // namespace

RedisTransport::RedisTransport(net::Network& network, const RedisOptions& options)
    : network_(&network), options_(&options) {
  const RedisTls& tls = options.tls;
  if (!tls.enabled) return;
  auto context =
      net::TlsContext::for_clients({tls.ca_file, tls.certificate_file, tls.key_file, tls.verify});
  if (context) {
    tls_context_.emplace(std::move(*context));
    tls_.emplace(network, *tls_context_);
  } else {
    LogLine(LogLevel::Error, "redis cannot be reached").field("why", context.error());
  }
}

RedisTransport::~RedisTransport() = default;

net::Stream* RedisTransport::connect(const net::SocketAddress& address, const std::string& host,
                                     net::StreamEvents& events) {
  if (!options_->tls.enabled || address.family() == AF_UNIX) {
    return network_->connect(address, events);
  }
  if (!tls_) return nullptr;
  const std::string& name = options_->tls.server_name;
  return tls_->connect(address, name.empty() ? host : name, events);
}

void RedisTransport::log_refusal(std::string_view error) {
  const Instant now = network_->now();
  if (now < log_at_) return;
  log_at_ = now + kLogInterval;
  LogLine(LogLevel::Warn, "redis refuses the connection").field("error", error);
}

void RedisDial::dial(const RedisAddress& address) {
  host_ = address.host;
  addresses_.clear();
  next_ = 0;
  net::Network& network = transport_->network();
  const auto literal = address.path.empty() ? net::SocketAddress::from_ip(host_, address.port)
                                            : net::SocketAddress::from_unix_path(address.path);
  if (literal) addresses_.push_back(*literal);
  if (literal || !address.path.empty() || !is_name(host_)) {
    network.defer(*this);
    return;
  }
  resolving_ = true;
  network.arm(timer_, network.now() + kLookupTimeout);
  network.resolve(host_, address.port, *this);
}

void RedisDial::cancel() {
  net::Task::unlink();
  timer_.cancel();
  if (resolving_) transport_->network().cancel_resolve(*this);
  resolving_ = false;
  drop_stream();
}

void RedisDial::on_resolved(const std::vector<net::SocketAddress>& addresses) {
  resolving_ = false;
  addresses_ = addresses;
  try_next();
}

void RedisDial::run() {
  try_next();
}

void RedisDial::on_timer(Timer&) {
  if (resolving_) transport_->network().cancel_resolve(*this);
  resolving_ = false;
  try_next();
}

void RedisDial::try_next() {
  drop_stream();
  timer_.cancel();
  net::Network& network = transport_->network();
  while (stream_ == nullptr && next_ < addresses_.size()) {
    stream_ = transport_->connect(addresses_[next_++], host_, *this);
  }
  if (stream_ == nullptr) {
    events_->on_dial_failed();
  } else {
    network.arm(timer_, network.now() + transport_->options().connect_timeout);
  }
}

void RedisDial::on_connected() {
  timer_.cancel();
  events_->on_dialed(*std::exchange(stream_, nullptr));
}

void RedisDial::drop_stream() {
  if (stream_ != nullptr) stream_->close();
  stream_ = nullptr;
}

}  // namespace usher::cache
