#include "proxy/background_calls.h"

#include <algorithm>
#include <string>

namespace usher::proxy {
namespace {

// Takes every answer at once, and drops it.
class NullStream final : public net::Stream {
 public:
  bool write(std::span<const std::string_view> parts) override {
    for (const std::string_view part : parts) written_ += part.size();
    return true;
  }
  std::size_t queued_bytes() const override { return 0; }
  std::uint64_t sent_bytes() const override { return written_; }
  bool is_quiet() const override { return true; }
  void pause() override {}
  void resume() override {}
  void set_events(net::StreamEvents&) override {}
  void close() override {}
  void reset() override {}
  void close_gracefully() override {}

 private:
  std::uint64_t written_ = 0;
};

}  // namespace

// Waits for the end of its first turn, runs, and goes at the end of the turn in which it ended.
class BackgroundCalls::Call final : private Consumer, private net::Task {
 public:
  Call(BackgroundCalls& calls, std::string_view head, const route::Router& router,
       const Refresh& refresh)
      : calls_(&calls),
        exchange_(calls.exchanges_->take()),
        head_(head),
        router_(&router),
        refresh_(refresh) {
    calls.network_->defer(*this);
  }
  ~Call() { calls_->exchanges_->give_back(std::move(exchange_)); }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  void cut() {
    if (state_ == State::Running) exchange_->on_consumer_gone();
  }

 private:
  enum class State : std::uint8_t { Waiting, Running, Finished };

  void run() override {
    if (state_ == State::Waiting) {
      state_ = State::Running;
      exchange_->refresh(*this, *router_, head_, refresh_);
    } else {
      calls_->remove(*this);
    }
  }

  net::Stream& stream() override { return stream_; }
  bool is_paused(PauseReason) const override { return false; }
  void pause(PauseReason) override {}
  void resume(PauseReason) override {}
  void expect_writable() override {}
  bool is_write_stalled() const override { return false; }
  void on_call_finished(CallEnd) override {
    state_ = State::Finished;
    calls_->network_->defer(*this);
  }

  BackgroundCalls* calls_;
  std::unique_ptr<Exchange> exchange_;
  std::string head_;
  const route::Router* router_;
  Refresh refresh_;
  NullStream stream_;
  State state_ = State::Waiting;
};

BackgroundCalls::BackgroundCalls(net::Network& network, ExchangePool& exchanges)
    : network_(&network), exchanges_(&exchanges) {}

BackgroundCalls::~BackgroundCalls() = default;

bool BackgroundCalls::start(std::string_view head, const route::Router& router,
                            const Refresh& refresh) {
  if (is_shut_ || calls_.size() == kMax) return false;
  calls_.push_back(std::make_unique<Call>(*this, head, router, refresh));
  return true;
}

void BackgroundCalls::remove(const Call& call) {
  std::erase_if(calls_, [&](const std::unique_ptr<Call>& other) { return other.get() == &call; });
}

void BackgroundCalls::shut() {
  is_shut_ = true;
  for (const auto& call : calls_) call->cut();
}

}  // namespace usher::proxy
