#include "proxy/refused_connection.h"

#include "proxy/local_reply.h"
#include "proxy/outbound_listener.h"

namespace usher::proxy {

RefusedConnection::RefusedConnection(OutboundListener& listener, net::Stream& stream)
    : listener_(&listener), stream_(&stream) {
  net::Network& network = listener.resources().network;
  network.arm(timer_, network.now() + kPatience);
}

void RefusedConnection::answer(bool head_only) {
  if (stream_ == nullptr) return;
  const WorkerResources& resources = listener_->resources();
  const Error error{ErrorCode::Overloaded, Retry::Yes, "no more connections are accepted now"};
  ReplyFacts facts;
  facts.close = true;
  facts.head_only = head_only;
  facts.annotate = resources.options().annotate;
  const std::string text = render_error(error, facts, resources.network.wall_ms());
  const std::string_view parts[] = {text};
  stream_->write(parts);
  stream_->close_gracefully();
  leave();
}

void RefusedConnection::shut() {
  if (stream_ == nullptr) return;
  stream_->close();
  leave();
}

void RefusedConnection::leave() {
  stream_ = nullptr;
  timer_.cancel();
  listener_->resources().network.defer(*this);
}

void RefusedConnection::run() {
  listener_->destroy(*this);
}

}  // namespace usher::proxy
