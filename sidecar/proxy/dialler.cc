#include "proxy/dialler.h"

#include "http/authority.h"

namespace usher::proxy {

Dialler::~Dialler() {
  cancel();
}

void Dialler::dial(const Destination& destination) {
  network_->arm(timer_, network_->now() + kTimeout);
  addresses_.clear();
  next_ = 0;
  const http::Authority& at = destination.dialled;
  if (const auto address = net::SocketAddress::from_ip(at.host, at.port)) {
    addresses_.push_back(*address);
    try_next();
    return;
  }
  // Longer than names are (RFC 1035 §2.3.4), and than the resolver takes.
  constexpr std::size_t kNameMax = 253;
  if (at.host.empty() || at.host.size() > kNameMax) {
    network_->defer(*this);
    return;
  }
  resolving_ = true;
  network_->resolve(at.host, at.port, *this);
}

void Dialler::on_resolved(const std::vector<net::SocketAddress>& addresses) {
  resolving_ = false;
  addresses_ = addresses;
  std::erase_if(addresses_, [this](const auto& address) { return is_forbidden(address); });
  try_next();
}

bool Dialler::is_forbidden(const net::SocketAddress& address) const {
  const auto authority = http::parse_authority(address.to_string());
  if (!authority) return true;
  const route::ServiceDirectory* directory = resources_->options().intercept.directory;
  return http::is_link_local(authority->host) ||
         (directory != nullptr && directory->is_listener(*authority));
}

void Dialler::try_next() {
  while (next_ < addresses_.size()) {
    stream_ = network_->connect(addresses_[next_++], *this);
    if (stream_ != nullptr) return;
  }
  network_->defer(*this);  // never inline
}

void Dialler::on_connected() {
  net::Stream& stream = *stream_;
  stream_ = nullptr;
  cancel();
  events_->on_dialled(stream);
}

void Dialler::on_failure() {
  stream_->close();
  stream_ = nullptr;
  try_next();
}

void Dialler::fail() {
  cancel();
  events_->on_dial_failed();
}

void Dialler::cancel() {
  timer_.cancel();
  Task::unlink();
  if (resolving_) network_->cancel_resolve(*this);
  resolving_ = false;
  if (stream_ != nullptr) stream_->close();
  stream_ = nullptr;
}

}  // namespace usher::proxy
