// SimConsumer: a consuming service on the simulated network, scripted with raw bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "sim/sim_network.h"

namespace usher::sim {

struct Answer {
  int status = 0;
  std::string head;
  std::string body;
  bool complete = false;

  std::string field(std::string_view name) const;
  // The code of an answer of Usher's own ("UPSTREAM_TIMEOUT"), or "".
  std::string code() const;
};

class SimConsumer final : public net::StreamEvents {
 public:
  SimConsumer(SimNetwork& network, const net::SocketAddress& proxy);
  ~SimConsumer();
  SimConsumer(const SimConsumer&) = delete;
  SimConsumer& operator=(const SimConsumer&) = delete;

  // Before the connection is there, bytes wait.
  void send(std::string_view bytes);
  // What was sent and has no room in the window yet.
  std::size_t queued_bytes() const { return stream_ == nullptr ? 0 : stream_->queued_bytes(); }
  void pause();
  void resume();
  void end();  // FIN; it reads on
  void close();
  void reset();

  const std::string& received() const { return received_; }
  bool connected() const { return connected_; }
  bool ended() const { return ended_; }    // the proxy sent FIN
  bool failed() const { return failed_; }  // the proxy reset the connection
  bool is_over() const { return ended_ || failed_; }

  // What was received, taken apart; the last one may be incomplete. `methods` are those of the
  // calls, GET for those behind them. Interim answers are skipped; malformed bytes end the test.
  std::vector<Answer> answers(const std::vector<http::Method>& methods = {}) const;
  // The only answer. A test failure when there is not exactly one, whole.
  Answer answer(http::Method method = http::Method::Get) const;
  // The same, of what was received since the last time.
  Answer take_answer();

 private:
  void on_connected() override;
  void on_read(std::string_view bytes) override { received_.append(bytes); }
  void on_end() override { ended_ = true; }
  void on_writable() override {}
  void on_failure() override;

  SimStream* stream_;
  std::string unsent_;
  std::string received_;
  bool connected_ = false;
  bool wants_end_ = false;
  bool ended_ = false;
  bool failed_ = false;
};

}  // namespace usher::sim
