#include "support/raw_owner.h"

#include <sys/socket.h>

#include <stdexcept>

#include "support/process.h"

namespace e2e {

std::string ok_with(std::string_view json, std::string_view more_fields) {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + std::string(more_fields) +
         "Content-Length: " + std::to_string(json.size()) + "\r\n\r\n" + std::string(json);
}

std::optional<Message> Peer::read_head() {
  const auto head = reader_.read_head();
  if (!head) return std::nullopt;
  Message request = reader_.parse_head(*head);
  record_(request);
  return request;
}

std::optional<Message> Peer::read() {
  const auto head = reader_.read_head();
  if (!head) return std::nullopt;
  Message request = reader_.parse_head(*head);
  reader_.read_body(request, false, true);
  record_(request);
  if (!request.complete) return std::nullopt;
  return request;
}

std::string Peer::read_some() {
  if (reader_.buffer().empty()) reader_.fill();
  return reader_.take(reader_.buffer().size());
}

bool Peer::answer(std::string_view json) const {
  return send(ok_with(json));
}

void Peer::reset() {
  const std::lock_guard lock(closing_);
  socket_.reset();
}

void Peer::close() {
  const std::lock_guard lock(closing_);
  socket_.close();
}

void Peer::shut() {
  const std::lock_guard lock(closing_);
  socket_.shut();
}

RawOwner::RawOwner(Script script)
    : listener_(Socket::listen_loopback()), script_(std::move(script)) {
  if (!script_) {
    script_ = [](Peer& peer) {
      while (peer.read()) peer.answer();
    };
  }
  acceptor_ = std::thread([this] { accept_all(); });
}

RawOwner::~RawOwner() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (Peer& peer : peers_) peer.shut();
  }
  listener_.shut();
  acceptor_.join();
  for (std::thread& thread : threads_) thread.join();
}

void RawOwner::accept_all() {
  for (;;) {
    const int fd = ::accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const std::lock_guard lock(mutex_);
    Peer& peer = peers_.emplace_back(Socket(fd), static_cast<int>(peers_.size()));
    if (stopping_) return;
    threads_.emplace_back([this, &peer] { serve(peer); });
  }
}

void RawOwner::serve(Peer& peer) {
  peer.record_ = [this](const Message& request) {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    changed_.notify_all();
  };
  try {
    script_(peer);
  } catch (const std::exception&) {  // the sidecar hung up, or the test is over
  }
  peer.close();
}

std::vector<Message> RawOwner::requests(std::size_t at_least) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, kHangGuard, [&] { return requests_.size() >= at_least; })) {
    throw std::runtime_error("the owner got too few requests");
  }
  return requests_;
}

int RawOwner::connections() {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(peers_.size());
}

}  // namespace e2e
