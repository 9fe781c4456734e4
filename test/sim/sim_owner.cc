#include "sim/sim_owner.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "base/check.h"
#include "http/head_scanner.h"
#include "http/head_writer.h"
#include "http/parser.h"
#include "sim/text.h"

namespace usher::sim {

std::string OwnerRequest::field(std::string_view name) const {
  return field_of(head, name);
}

std::string whole_answer(std::string_view body, std::string_view fields) {
  std::string answer = "HTTP/1.1 200 OK\r\n";
  answer.append(fields).append("Content-Length: ").append(std::to_string(body.size()));
  return answer.append("\r\n\r\n").append(body);
}

std::string chunk(std::string_view bytes) {
  std::array<char, 24> header{};
  const std::size_t size = http::write_chunk_header(bytes.size(), header.data());
  return std::string(header.data(), size).append(bytes).append("\r\n");
}

OwnerConnection::~OwnerConnection() {
  close();
}

void OwnerConnection::send(std::string_view bytes) {
  if (stream_ == nullptr) return;
  const std::string_view parts[] = {bytes};
  stream_->write(parts);
}

void OwnerConnection::answer(std::string_view body) {
  send(whole_answer(body));
}

void OwnerConnection::pause() {
  if (stream_ != nullptr) stream_->pause();
}

void OwnerConnection::resume() {
  if (stream_ != nullptr) stream_->resume();
}

void OwnerConnection::end() {
  if (stream_ != nullptr) stream_->end();
}

void OwnerConnection::close() {
  if (stream_ != nullptr) stream_->close();
  stream_ = nullptr;
}

void OwnerConnection::reset() {
  if (stream_ != nullptr) stream_->reset();
  stream_ = nullptr;
}

void OwnerConnection::on_read(std::string_view bytes) {
  if (owner_->on_bytes_) owner_->on_bytes_(bytes);
  bytes_read_ += bytes.size();
  input_.append(bytes);
  while (is_open() && read_request()) {
  }
}

// False when more bytes are needed.
bool OwnerConnection::read_request() {
  if (!have_head_) {
    std::size_t scanned = 0;
    const Result<std::size_t> size = http::find_head_end(input_, scanned);
    USHER_CHECK(size.has_value());  // what the proxy sends is always well-formed
    if (*size == 0) return false;
    request_ = {};
    request_.head = input_.substr(0, *size);
    input_.erase(0, *size);
    http::RequestHead head;
    USHER_CHECK(http::parse_request_head(request_.head, {}, head).has_value());
    request_.target = head.target;
    request_.method = head.method;
    decoder_.start(head.framing, head.content_length);
    have_head_ = true;
    ++owner_->heads_;
    if (owner_->on_head_) owner_->on_head_(*this);
  }
  std::string_view rest = input_;
  while (!rest.empty() && !decoder_.complete()) {
    const Result<std::string_view> run = decoder_.next(rest);
    USHER_CHECK(run.has_value());
    request_.body.append(*run);
  }
  input_.erase(0, input_.size() - rest.size());
  if (!decoder_.complete()) return false;
  have_head_ = false;
  request_.complete = true;
  owner_->requests_.push_back(request_);
  if (owner_->on_request_) {
    owner_->on_request_(*this);
  } else if (!owner_->on_head_) {
    answer(request_.target);
  }
  return !input_.empty();
}

void OwnerConnection::on_end() {
  ended_ = true;
  if (owner_->on_end_) {
    owner_->on_end_(*this);
  } else {
    close();
  }
}

void OwnerConnection::on_failure() {
  failed_ = true;
  close();
}

SimOwner::SimOwner(SimNetwork& network, const net::SocketAddress& address)
    : network_(&network), address_(address) {
  network.listen(address, *this);
}

SimOwner::~SimOwner() {
  network_->refuse(address_);
}

net::StreamEvents* SimOwner::on_accept(net::Stream& stream) {
  connections_.push_back(std::make_unique<OwnerConnection>(*this, stream, connections_.size()));
  return connections_.back().get();
}

std::size_t SimOwner::open_connections() const {
  return static_cast<std::size_t>(
      std::count_if(connections_.begin(), connections_.end(),
                    [](const auto& connection) { return connection->is_open(); }));
}

}  // namespace usher::sim
