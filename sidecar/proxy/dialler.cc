#include "proxy/dialler.h"

namespace usher::proxy {

Dialler::~Dialler() {
  end();
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
  resolving_ = true;
  network_->resolve(at.host, at.port, *this);
}

void Dialler::on_resolved(const std::vector<net::SocketAddress>& addresses) {
  resolving_ = false;
  addresses_ = addresses;
  try_next();
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
  end();
  events_->on_dialled(stream);
}

void Dialler::on_failure() {
  stream_->close();
  stream_ = nullptr;
  try_next();
}

void Dialler::fail() {
  end();
  events_->on_dial_failed();
}

void Dialler::end() {
  timer_.cancel();
  Task::unlink();
  if (resolving_) network_->cancel_resolve(*this);
  resolving_ = false;
  if (stream_ != nullptr) stream_->close();
  stream_ = nullptr;
}

}  // namespace usher::proxy
