// SimOwner: an owning service on the simulated network, scripted with raw bytes.
//
// Every request is recorded; what is answered is the handler's to say, at once or later. The
// request's body is read to its end first, but for on_head().
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/body_decoder.h"
#include "http/message.h"
#include "sim/sim_network.h"

namespace usher::sim {

struct OwnerRequest {
  std::string head;
  std::string target;
  http::Method method = http::Method::Other;
  std::string body;
  bool complete = false;

  // The value of a field, or "" without it.
  std::string field(std::string_view name) const;
};

class SimOwner;

class OwnerConnection final : public net::StreamEvents {
 public:
  OwnerConnection(SimOwner& owner, net::Stream& stream, std::size_t number)
      : owner_(&owner), stream_(static_cast<SimStream*>(&stream)), number_(number) {}
  ~OwnerConnection();

  std::size_t number() const { return number_; }
  bool is_open() const { return stream_ != nullptr; }
  bool ended() const { return ended_; }
  bool failed() const { return failed_; }
  // Of those that arrived here.
  OwnerRequest& request() { return request_; }
  std::size_t bytes_read() const { return bytes_read_; }

  void send(std::string_view bytes);
  // What was sent and has no room in the window yet.
  std::size_t queued_bytes() const { return stream_ == nullptr ? 0 : stream_->queued_bytes(); }
  // A 200 answer with that body and a Content-Length.
  void answer(std::string_view body);
  void pause();
  void resume();
  void end();
  void close();
  void reset();

 private:
  void on_read(std::string_view bytes) override;
  void on_end() override;
  void on_writable() override {}
  void on_failure() override;
  bool read_request();

  SimOwner* owner_;
  SimStream* stream_;
  std::size_t number_;
  bool ended_ = false;
  bool failed_ = false;
  bool have_head_ = false;
  std::size_t bytes_read_ = 0;
  std::string input_;
  OwnerRequest request_;
  http::BodyDecoder decoder_;
};

class SimOwner final : private net::ListenerEvents {
 public:
  using Handler = std::function<void(OwnerConnection&)>;

  SimOwner(SimNetwork& network, const net::SocketAddress& address);
  ~SimOwner();

  // Called with each whole request; without one, requests are answered with their target.
  void on_request(Handler handler) { on_request_ = std::move(handler); }
  // Called with each head, before the body.
  void on_head(Handler handler) { on_head_ = std::move(handler); }
  // Called with all that arrives, as it arrives.
  void on_bytes(std::function<void(std::string_view)> handler) { on_bytes_ = std::move(handler); }
  // Called when a connection's other side ends; without one the connection is closed.
  void on_end(Handler handler) { on_end_ = std::move(handler); }

  // Those that arrived whole, in order.
  const std::vector<OwnerRequest>& requests() const { return requests_; }
  std::size_t heads() const { return heads_; }
  std::size_t connections() const { return connections_.size(); }
  std::size_t open_connections() const;
  OwnerConnection& connection(std::size_t index) { return *connections_[index]; }
  OwnerConnection& last() { return *connections_.back(); }

 private:
  friend class OwnerConnection;

  net::StreamEvents* on_accept(net::Stream& stream) override;
  bool may_accept() override { return true; }

  SimNetwork* network_;
  net::SocketAddress address_;
  Handler on_request_;
  Handler on_head_;
  Handler on_end_;
  std::function<void(std::string_view)> on_bytes_;
  std::vector<OwnerRequest> requests_;
  std::size_t heads_ = 0;
  std::vector<std::unique_ptr<OwnerConnection>> connections_;
};

// "HTTP/1.1 200 OK" with Content-Length and `fields` (each "Name: value\r\n").
std::string whole_answer(std::string_view body, std::string_view fields = {});
// "5\r\nhello\r\n"
std::string chunk(std::string_view bytes);
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";
inline constexpr std::string_view kChunkedHead =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

}  // namespace usher::sim
