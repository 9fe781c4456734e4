// A turn of the loop: timers, then prepare (deferred tasks of the timers, the timer wheel's next
// expiry), then poll and its callbacks, then check (deferred tasks of those callbacks), then close
// callbacks. `now_` is read at most once in each half.

#include "net/uv_network.h"

#include <netdb.h>

#include <chrono>
#include <utility>

#include "base/check.h"
#include "base/wall_clock.h"

namespace usher::net {
namespace {

// Tasks may defer tasks (a pipelined call answered at once); past this many rounds the loop polls
// in between.
constexpr int kDeferredRounds = 16;
constexpr std::size_t kFreeChunks = 64;

Instant monotonic_now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

std::string library_version() {
  return uv_version_string();
}

struct UvNetwork::Lookup {
  UvNetwork* network;
  ResolveEvents* events;  // null when cancelled
  std::uint16_t port;
  uv_getaddrinfo_t request{};
};

struct UvNetwork::SignalHandler {
  uv_signal_t handle{};
  std::function<void()> handler;
};

UvNetwork::UvNetwork(std::size_t streams_max, const StreamBuffers& buffers)
    : wheel_(monotonic_now()),
      buffers_(buffers),
      chunks_(kFreeChunks, buffers.budget),
      read_buffer_(std::make_unique<char[]>(kReadBufferBytes)),
      streams_(streams_max) {
  USHER_CHECK(uv_loop_init(&loop_) == 0);
  loop_.data = this;
  uv_timer_init(&loop_, &timer_);
  uv_prepare_init(&loop_, &prepare_);
  uv_check_init(&loop_, &check_);
  uv_idle_init(&loop_, &idle_);
  USHER_CHECK(uv_async_init(&loop_, &async_, [](uv_async_t* handle) {
                static_cast<UvNetwork*>(handle->loop->data)->run_posted();
              }) == 0);
  uv_prepare_start(&prepare_, [](uv_prepare_t* handle) {
    static_cast<UvNetwork*>(handle->loop->data)->before_poll();
  });
  uv_check_start(&check_, [](uv_check_t* handle) {
    auto* self = static_cast<UvNetwork*>(handle->loop->data);
    self->run_deferred();
    self->now_is_stale_ = true;
  });
}

UvNetwork::~UvNetwork() {
  close_listeners();
  tunnels_.close();
  for (const auto& signal : signals_)
    uv_close(reinterpret_cast<uv_handle_t*>(&signal->handle), nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&timer_), nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&prepare_), nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&check_), nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&idle_), nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&async_), nullptr);
  // Streams whose owners closed them gracefully are cut now; those are the only ones that may be
  // left.
  uv_walk(
      &loop_,
      [](uv_handle_t* handle, void*) {
        if (uv_is_closing(handle) == 0) static_cast<UvStream*>(handle->data)->close();
      },
      nullptr);
  while (uv_run(&loop_, UV_RUN_DEFAULT) != 0) {  // the first may only take back a stop()
  }
  USHER_CHECK(uv_loop_close(&loop_) == 0);
}

Instant UvNetwork::now() const {
  if (now_is_stale_) {
    now_ = monotonic_now();
    now_is_stale_ = false;
  }
  return now_;
}

std::int64_t UvNetwork::wall_ms() const {
  return wall_clock_ms();
}

void UvNetwork::defer(Task& task) {
  if (!task.linked()) tasks_.push_back(task);
}

void UvNetwork::run_deferred() {
  for (int round = 0; round < kDeferredRounds && !tasks_.empty(); ++round) {
    IntrusiveList<Task> batch;
    batch.take_all(tasks_);
    while (Task* task = batch.pop_front()) task->run();
  }
}

void UvNetwork::before_poll() {
  run_deferred();
  if (tasks_.empty()) {
    uv_idle_stop(&idle_);
  } else {
    uv_idle_start(&idle_, [](uv_idle_t*) {});
  }
  arm_uv_timer();
  now_is_stale_ = true;
}

// The uv timer may fire too early (the wheel's timers are mostly cancelled, its slots are not) but
// never too late.
void UvNetwork::arm_uv_timer() {
  const Instant next = wheel_.next_expiry();
  if (next >= uv_timer_expiry_) return;
  uv_timer_expiry_ = next;
  const Instant present = monotonic_now();
  const std::int64_t delay = next > present ? to_milliseconds(next - present) : 0;
  uv_update_time(&loop_);
  uv_timer_start(
      &timer_,
      [](uv_timer_t* handle) {
        auto* self = static_cast<UvNetwork*>(handle->loop->data);
        self->uv_timer_expiry_ = kNever;
        self->now_is_stale_ = true;
        self->wheel_.advance(self->now());
      },
      static_cast<std::uint64_t>(delay), 0);
}

Stream* UvNetwork::connect(const SocketAddress& address, StreamEvents& events) {
  Stream* stream = try_connect(address, events);
  if (stream != nullptr || !close_a_spare()) return stream;
  return try_connect(address, events);
}

Stream* UvNetwork::try_connect(const SocketAddress& address, StreamEvents& events) {
  UvStream* stream = has_room() ? streams_.create(*this) : nullptr;
  if (stream == nullptr || !stream->start_connect(address, events)) return nullptr;
  return stream;
}

Tunnel* UvNetwork::join(Stream& a, Stream& b, std::string_view to_b, TunnelEvents& events) {
  auto& first = static_cast<UvStream&>(a);
  auto& second = static_cast<UvStream&>(b);
  if (!first.is_open() || !second.is_open()) return nullptr;
  Tunnel* tunnel = tunnels_.join(first, second, to_b, events);
  if (tunnel != nullptr || !close_a_spare()) return tunnel;
  return tunnels_.join(first, second, to_b, events);
}

void UvNetwork::destroy(UvStream& stream) {
  if (stream.lingers()) --lingering_;
  streams_.destroy(&stream);
  resume_accepting();  // an acceptor may have waited for the place, or the descriptor
}

void UvNetwork::listen(ListenSocket socket, ListenerEvents& events) {
  acceptors_.push_back(new Acceptor(*this, std::move(socket), events));
  reserve_.hold();
}

Stream* UvNetwork::adopt(int fd, bool is_local) {
  UvStream* stream = streams_.create(*this);
  return stream->start_accepted(fd, is_local) ? stream : nullptr;
}

void UvNetwork::resume_accepting() {
  for (Acceptor* acceptor : acceptors_) acceptor->resume();
}

void UvNetwork::close_listeners() {
  for (Acceptor* acceptor : acceptors_) acceptor->close();
  acceptors_.clear();
  reserve_.give_up();
}

void UvNetwork::close_listeners(const ListenerEvents& events) {
  std::erase_if(acceptors_, [&](Acceptor* acceptor) {
    if (!acceptor->is_for(events)) return false;
    acceptor->close();
    return true;
  });
}

void UvNetwork::resolve(const std::string& name, std::uint16_t port, ResolveEvents& events) {
  lookups_.push_back(std::make_unique<Lookup>(Lookup{this, &events, port}));
  Lookup& lookup = *lookups_.back();
  lookup.request.data = &lookup;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  const auto done = [](uv_getaddrinfo_t* request, int status, addrinfo* found) {
    auto* self = static_cast<Lookup*>(request->data);
    std::vector<SocketAddress> addresses;
    for (const addrinfo* entry = status == 0 ? found : nullptr; entry != nullptr;
         entry = entry->ai_next) {
      addresses.push_back(
          SocketAddress::from_system(entry->ai_addr, entry->ai_addrlen).with_port(self->port));
    }
    uv_freeaddrinfo(found);
    ResolveEvents* receiver = self->events;
    self->network->lookups_.remove_if([self](const auto& other) { return other.get() == self; });
    if (receiver != nullptr) receiver->on_resolved(addresses);
  };
  USHER_CHECK(uv_getaddrinfo(&loop_, &lookup.request, done, name.c_str(), nullptr, &hints) == 0);
}

void UvNetwork::cancel_resolve(ResolveEvents& events) {
  for (const auto& lookup : lookups_) {
    if (lookup->events != &events) continue;
    lookup->events = nullptr;
    uv_cancel(reinterpret_cast<uv_req_t*>(&lookup->request));
  }
}

void UvNetwork::on_signal(int number, std::function<void()> handler) {
  signals_.push_back(std::make_unique<SignalHandler>());
  SignalHandler& signal = *signals_.back();
  signal.handler = std::move(handler);
  USHER_CHECK(uv_signal_init(&loop_, &signal.handle) == 0);
  signal.handle.data = &signal;
  USHER_CHECK(
      uv_signal_start(
          &signal.handle,
          [](uv_signal_t* handle, int) { static_cast<SignalHandler*>(handle->data)->handler(); },
          number) == 0);
}

void UvNetwork::post(std::function<void()> action) {
  {
    const std::lock_guard lock(posted_mutex_);
    posted_.push_back(std::move(action));
  }
  uv_async_send(&async_);
}

void UvNetwork::run_posted() {
  std::vector<std::function<void()>> actions;
  {
    const std::lock_guard lock(posted_mutex_);
    actions.swap(posted_);
  }
  for (const auto& action : actions) action();
}

void UvNetwork::run() {
  if (!stopping_) uv_run(&loop_, UV_RUN_DEFAULT);
}

void UvNetwork::stop() {
  stopping_ = true;
  uv_stop(&loop_);
}

}  // namespace usher::net
