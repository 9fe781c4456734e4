// A network whose events the test makes: what was asked for is recorded, nothing happens by itself.
//
// Thread: the test's, but for post().
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/timer_wheel.h"
#include "net/network.h"

namespace usher::net {

struct FakeStream final : Stream {
  explicit FakeStream(StreamEvents& receiver) : events(&receiver) {}

  bool write(std::span<const std::string_view>) override { return true; }
  std::size_t queued_bytes() const override { return 0; }
  std::uint64_t sent_bytes() const override { return 0; }
  bool is_quiet() const override { return quiet; }
  void pause() override {}
  void resume() override {}
  void set_events(StreamEvents& receiver) override { events = &receiver; }
  void close() override { events = nullptr; }
  void reset() override { close(); }
  void close_gracefully() override { close(); }

  bool open() const { return events != nullptr; }

  StreamEvents* events;
  std::string address;
  bool quiet = true;
};

class FakeNetwork final : public Network {
 public:
  Instant now() const override { return now_; }
  std::int64_t wall_ms() const override { return 0; }
  void arm(Timer& timer, Instant when) override { wheel_.arm(timer, when); }
  void defer(Task& task) override {
    if (!task.linked()) tasks_.push_back(task);
  }
  void post(std::function<void()> action) override {
    const std::lock_guard lock(posted_mutex_);
    posted_.push_back(std::move(action));
  }
  Stream* connect(const SocketAddress& address, StreamEvents& events) override {
    if (no_sockets && !close_a_spare()) return nullptr;
    streams.emplace_back(events);
    streams.back().address = address.to_string();
    return &streams.back();
  }
  void resolve(const std::string& name, std::uint16_t, ResolveEvents& events) override {
    lookups.push_back(name);
    resolving[name] = &events;
  }
  void cancel_resolve(ResolveEvents& events) override {
    std::erase_if(resolving, [&](const auto& entry) { return entry.second == &events; });
  }
  void resume_accepting() override {}
  std::size_t lingering() const override { return 0; }

  void end_turn() {
    for (const auto& action : take_posted()) action();
    while (Task* task = tasks_.pop_front()) task->run();
  }
  void connected(std::size_t index) {
    streams[index].events->on_connected();
    end_turn();
  }
  void failed(std::size_t index) {
    streams[index].events->on_failure();
    end_turn();
  }
  void resolved(const std::string& name, const std::vector<std::string>& ips) {
    std::vector<SocketAddress> addresses;
    for (const std::string& ip : ips) addresses.push_back(*SocketAddress::from_ip(ip, 80));
    resolving.extract(name).mapped()->on_resolved(addresses);
    end_turn();
  }
  void pass(Duration duration) {
    now_ += duration;
    wheel_.advance(now_);
    end_turn();
  }
  std::size_t open_streams() const {
    return static_cast<std::size_t>(std::count_if(streams.begin(), streams.end(),
                                                  [](const FakeStream& s) { return s.open(); }));
  }

  std::deque<FakeStream> streams;  // all that were ever asked for
  std::vector<std::string> lookups;
  std::map<std::string, ResolveEvents*> resolving;  // by name
  bool no_sockets = false;

 private:
  std::vector<std::function<void()>> take_posted() {
    const std::lock_guard lock(posted_mutex_);
    return std::exchange(posted_, {});
  }

  Instant now_{std::chrono::hours(1)};
  TimerWheel wheel_{now_};
  IntrusiveList<Task> tasks_;
  std::mutex posted_mutex_;
  std::vector<std::function<void()>> posted_;
};

}  // namespace usher::net
