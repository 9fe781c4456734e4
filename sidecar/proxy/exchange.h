// Exchange: one call of a consumer and its answer. THE FLOW: step() in exchange.cc is the life of a
// call, top to bottom.
//
// The outside enters through the on_… functions only: each records what happened and lets run() go
// on. One variable, phase_, says where the call is; what may follow what stands in
// exchange_phase.h.
//
// Owner: its DownstreamConnection, one at a time, from the worker's ExchangePool.  Thread: worker.
// Memory: about 11 KiB, most of it the two heads' fields; the head's own bytes in head_bytes_, kept
// for the next call.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/timer_wheel.h"
#include "http/hop_by_hop.h"
#include "http/message.h"
#include "policy/request_context.h"
#include "proxy/attempt.h"
#include "proxy/exchange_phase.h"
#include "proxy/local_reply.h"
#include "proxy/request_body.h"
#include "proxy/response_writer.h"
#include "proxy/worker_resources.h"
#include "route/router.h"

namespace usher::proxy {

class DownstreamConnection;

class Exchange final : private AttemptEvents, private TimerEvents {
 public:
  explicit Exchange(WorkerResources& resources);
  ~Exchange();

  // Begins a call with its whole head, which is copied. `rest` are the bytes behind it: the body's
  // are taken off its front.
  void start(DownstreamConnection& consumer, const route::Router& router, std::string_view head,
             std::string_view& rest);
  // Answers a head that is not acceptable.
  void reject(DownstreamConnection& consumer, const Error& error);

  // The consumer sent more: the body's bytes are taken off the front of `bytes`.
  void on_consumer_bytes(std::string_view& bytes);
  void on_consumer_writable();
  // The consumer's connection is gone, or has taken nothing for too long.
  void on_consumer_gone();
  // The consumer sent nothing for too long while its body was awaited.
  void on_consumer_stalled();

  Phase phase() const { return phase_; }
  bool awaits_body() const { return phase_ != Phase::Idle && !body_.complete(); }

 private:
  void begin(DownstreamConnection& consumer, const route::Router& router);
  void refuse_head(const Error& error);

  void run();
  Phase step();
  void move_to(Phase next);

  Phase route();
  Phase context();
  Phase hold_body();
  Phase admit();
  Phase attempt();
  Phase finish();

  void on_attempt_connected() override;
  void on_attempt_interim(const http::ResponseHead& head) override;
  void on_attempt_answer(const AnswerPart& part) override;
  void on_attempt_writable() override;
  void on_attempt_failed(const Error& error) override;
  void on_timer(Timer& timer) override;

  bool send_request();
  bool forward_answer(const AnswerPart& part);
  void pass_body_on(std::string_view& bytes);
  bool may_repeat(const Error& error) const;
  void restart_try();
  void expect_answer();
  void on_relay_timer();

  void end_with(const Error& error);
  void fail(const Error& error);
  void answer_error(const Error& error);
  Phase answer_options();
  void drop_trailers();
  ReplyFacts reply_facts(std::string_view allow);
  void send_reply(int status, std::string_view answer);
  void count_shed();
  void account();
  bool is_repeatable() const { return policy::may_repeat(match_.endpoint->repeatability(false)); }
  const policy::EndpointPolicy& endpoint_policy() const { return match_.endpoint->policy; }

  WorkerResources* resources_;
  DownstreamConnection* consumer_ = nullptr;
  const route::Router* router_ = nullptr;
  Phase phase_ = Phase::Idle;

  std::vector<char> head_bytes_;
  http::RequestHead head_;
  http::ConnectionOptions connection_options_;
  route::RouteMatch match_;
  policy::RequestContext context_;
  RequestBody body_;
  MemoryCharge charge_;  // of this object while it has a call
  ResponseWriter answer_;
  Attempt attempt_{*this};
  upstream::ConnectionPool* pool_ = nullptr;  // of the attempt

  Instant started_{};
  Instant deadline_ = kNever;      // of the whole call
  Instant try_deadline_ = kNever;  // of the attempt
  Instant progress_at_{};          // the last byte of the answer, in Relay
  Timer timer_{*this};
  int attempts_ = 0;
  int stale_retries_ = 0;
  bool sent_ = false;             // some byte of it may have reached the owner, in any attempt
  bool request_written_ = false;  // this attempt has its head
  bool answer_begun_ = false;     // some byte of the answer went to the consumer
  bool close_after_ = false;      // the consumer's connection ends with this call
  bool reset_consumer_ = false;   // … and not as if the answer were whole
  int status_ = 0;                // of the answer, for the log
  Outcome outcome_ = Outcome::consumer_gone();
  std::string_view error_name_;  // for the log; empty when the owner answered
};

}  // namespace usher::proxy
