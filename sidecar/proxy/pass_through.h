// PassThrough: a consumer's calls that are no endpoint's, on their way to where they were going.
//
// Nothing is decided for them and nothing is added: heads go on as they were, but for an absolute
// target and the fields that speak to a proxy; bodies byte by byte. It only follows where a call
// and its answer end, since the next one on the connection may be an endpoint's.
//
// Owner: DownstreamConnection, whose connection to the destination it keeps for the next call.
// Thread: worker.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "http/body_decoder.h"
#include "http/message.h"
#include "proxy/consumer.h"
#include "proxy/dialler.h"
#include "proxy/worker_resources.h"

namespace usher::proxy {

// The head of such a call as its destination gets it; empty when it does not fit.
std::string_view write_passed_head(const http::RequestHead& head, bool is_proxied,
                                   std::span<char> buffer);

class PassThrough final : private DiallerEvents, private net::StreamEvents {
 public:
  PassThrough(WorkerResources& resources, Consumer& consumer);
  ~PassThrough();
  PassThrough(const PassThrough&) = delete;
  PassThrough& operator=(const PassThrough&) = delete;

  // Begins a call; the body's bytes are taken off the front of `rest`. `is_proxied`: it was
  // addressed to a forward proxy. on_call_finished() of the consumer follows. False: the head
  // cannot be written again within limits.request_head, and nothing has happened.
  bool start(const http::RequestHead& head, bool is_proxied, const Destination& destination,
             std::string_view& rest);
  // A connection to `destination` that is there already, for the first call.
  void adopt(net::Stream& stream, const Destination& destination);

  bool awaits_body() const { return active_ && !request_.complete(); }
  void on_consumer_bytes(std::string_view& bytes);
  void on_consumer_writable();
  // The consumer is gone: the destination's connection is closed with it. No event follows.
  void on_consumer_gone();

 private:
  bool send(std::string_view bytes);
  void take_body(std::string_view& bytes);
  void on_dialled(net::Stream& stream) override;
  void on_dial_failed() override;
  void on_read(std::string_view bytes) override;
  void on_end() override;
  void on_writable() override;
  void on_failure() override;
  void take_answer(std::string_view bytes);
  bool take_answer_head(std::string_view& bytes);
  void pass_answer(std::string_view bytes);
  void answer_error(const Error& error);
  void finish(CallEnd end);
  void drop_upstream();

  WorkerResources* resources_;
  Consumer* consumer_;
  Dialler dialler_;
  Destination destination_;
  net::Stream* upstream_ = nullptr;
  bool active_ = false;  // a call is on its way
  bool was_used_ = false;
  bool answer_begun_ = false;  // some byte of it was passed on
  bool head_done_ = false;     // the answer's last head was passed on
  bool close_after_ = false;
  http::Method method_ = http::Method::Get;
  http::BodyDecoder request_;
  http::BodyDecoder answer_;
  std::string waiting_;  // for the connection: the head, and what came with it
  std::string answer_head_;
  std::size_t scanned_ = 0;
};

}  // namespace usher::proxy
