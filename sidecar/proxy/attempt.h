// Attempt: one try of a call at one host: a leased connection, what is written to it, and the
// answer read from it.
//
// Owner: Exchange, one at a time.  Thread: worker.
// Errors, by on_attempt_failed: UpstreamReset (as long as no byte of an answer came: Yes when none
// of the request was sent either, else IfConnectionWasReused), UpstreamProtocol, and those of
// Cluster.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/body_decoder.h"
#include "http/message.h"
#include "http/parser.h"
#include "upstream/cluster.h"

namespace usher::proxy {

// A part of an answer. Views are valid until the event returns.
struct AnswerPart {
  const http::ResponseHead* head;  // with the first one, null after that
  std::span<const std::string_view> body;
  bool complete;                // the answer is whole; call finish()
  std::string_view trailers{};  // with the last one: the lines that pass, each with its CRLF
};

class Attempt;

// Each event names its attempt: a hedged call has two.
class AttemptEvents {
 public:
  // The connection that start() had to wait for is there.
  virtual void on_attempt_connected(Attempt& attempt) = 0;
  // An interim answer (1xx), before the answer itself.
  virtual void on_attempt_interim(Attempt& attempt, const http::ResponseHead& head) = 0;
  virtual void on_attempt_answer(Attempt& attempt, const AnswerPart& part) = 0;
  // write() may go on.
  virtual void on_attempt_writable(Attempt& attempt) = 0;
  // Nothing more comes of it; the connection is gone.
  virtual void on_attempt_failed(Attempt& attempt, const Error& error) = 0;

 protected:
  ~AttemptEvents() = default;
};

class Attempt final : private upstream::PoolWaiter, private net::StreamEvents {
 public:
  explicit Attempt(AttemptEvents& events) : events_(&events) {}
  ~Attempt() override { abort(); }
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  // Begins a new attempt: true when connected at once, false when on_attempt_connected follows.
  // REQUIRES: !active().
  Result<bool> start(upstream::Cluster& cluster, http::Method method,
                     const http::HeadLimits& limits, const upstream::LeaseOptions& options);

  bool active() const { return state_ != State::Done; }
  bool connected() const { return connection_ != nullptr; }
  // Did it go out on a connection that had carried a call before?
  bool reused() const { return reused_; }
  // May the owner have got some byte of this attempt? Also when it is over.
  bool sent_any() const;

  // The host it went to, or would have; nothing when there was none to choose. Also when it is
  // over.
  using PoolWaiter::host;
  // Says what it tells of the host, where that is not what an answer (a success) or
  // on_attempt_failed (a failure, but for a stale connection) says. Before finish() or abort().
  using PoolWaiter::record;
  // For the Host field. REQUIRES: connected().
  using PoolWaiter::authority;

  // As net::Stream::write. REQUIRES: connected().
  bool write(std::span<const std::string_view> parts) { return connection_->stream().write(parts); }
  void pause_reading();
  void resume_reading();

  // Ends it after a complete answer. The connection is used again if the owner allows it and
  // `request_sent` whole.
  void finish(bool request_sent);
  // Ends it in any other case. No event follows.
  void abort();

 private:
  static constexpr int kMaxInterimHeads = 16;

  enum class State : std::uint8_t { Done, Connecting, Head, Body };

  void on_connection(upstream::UpstreamConnection& connection) override;
  void on_no_connection(const Error& error) override;

  void on_read(std::string_view bytes) override;
  void on_end() override;
  void on_writable() override { events_->on_attempt_writable(*this); }
  void on_failure() override;

  void begin(upstream::UpstreamConnection& connection);
  Result<bool> read_head(std::string_view& input);
  void drop_nominated_trailers();
  void read_body(const http::ResponseHead* head, std::string_view input);
  void lost();
  void leave();
  void fail(const Error& error);

  AttemptEvents* events_;
  upstream::Cluster* cluster_ = nullptr;
  upstream::UpstreamConnection* connection_ = nullptr;
  State state_ = State::Done;
  bool reused_ = false;
  bool sent_any_ = false;       // of an attempt that is over
  bool answer_begun_ = false;   // some byte of an answer has come
  bool surplus_bytes_ = false;  // the owner sent more than its answer
  int interim_heads_ = 0;
  std::uint64_t sent_before_ = 0;  // by earlier calls on this connection
  http::Method method_ = http::Method::Get;
  http::HeadLimits limits_;
  Duration keep_alive_ = Duration::zero();
  std::string head_bytes_;  // of a head that came in pieces
  std::size_t scanned_ = 0;
  http::ResponseHead head_;
  http::BodyDecoder decoder_;
};

}  // namespace usher::proxy
