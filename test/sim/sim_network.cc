// A turn: timers, their deferred tasks, what is due, its deferred tasks. As in net/uv_network.cc.

#include "sim/sim_network.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "net/uv_stream.h"

namespace usher::sim {
namespace {

constexpr std::int64_t kWallStartMs = 1'768'210'800'000;

}  // namespace

SimNetwork::SimNetwork(std::uint64_t seed, const SimOptions& options)
    : options_(options),
      random_(seed),
      start_(std::chrono::hours(1)),
      now_(start_),
      wheel_(start_) {}

SimNetwork::~SimNetwork() = default;

std::int64_t SimNetwork::wall_ms() const {
  return kWallStartMs + (now_ - start_) / std::chrono::milliseconds(1);
}

void SimNetwork::defer(net::Task& task) {
  if (!task.linked()) tasks_.push_back(task);
}

void SimNetwork::run_deferred() {
  for (const auto& action : std::exchange(posted_, {})) action();
  while (net::Task* task = tasks_.pop_front()) task->run();
}

std::size_t SimNetwork::open_streams() const {
  return static_cast<std::size_t>(
      std::count_if(streams_.begin(), streams_.end(), [](const auto& stream) {
        return stream->state_ != SimStream::State::Free &&
               stream->state_ != SimStream::State::Closed;
      }));
}

std::size_t SimNetwork::lingering() const {
  return static_cast<std::size_t>(std::count_if(
      streams_.begin(), streams_.end(),
      [](const auto& stream) { return stream->state_ == SimStream::State::Flushing; }));
}

// --- places and names ---------------------------------------------------------------------------

void SimNetwork::listen(const net::SocketAddress& address, net::ListenerEvents& events) {
  places_[address.to_string()].listener = &events;
}

void SimNetwork::refuse(const net::SocketAddress& address) {
  places_.erase(address.to_string());
}

void SimNetwork::never_answer(const net::SocketAddress& address) {
  places_[address.to_string()].listener = nullptr;
}

void SimNetwork::set_name(const std::string& name, std::vector<net::SocketAddress> addresses) {
  names_[name] = std::move(addresses);
}

void SimNetwork::resolve(const std::string& name, std::uint16_t port, net::ResolveEvents& events) {
  ++lookups_;
  if (name == hanging_name_) return;
  resolving_.push_back({name, port, &events, now_ + options_.delay_max});
  events_.push_back({resolving_.back().at, ++order_, Kind::Resolve, nullptr, 0});
  std::push_heap(events_.begin(), events_.end());
}

void SimNetwork::cancel_resolve(net::ResolveEvents& events) {
  for (Lookup& lookup : resolving_) {
    if (lookup.events == &events) lookup.events = nullptr;
  }
}

void SimNetwork::resolve_now() {
  const Lookup lookup = resolving_.front();
  resolving_.pop_front();
  std::vector<net::SocketAddress> addresses;
  for (const net::SocketAddress& address : names_[lookup.name]) {
    addresses.push_back(address.with_port(lookup.port));
  }
  if (lookup.events != nullptr) lookup.events->on_resolved(addresses);
}

// --- streams ------------------------------------------------------------------------------------

SimStream& SimNetwork::make_stream() {
  if (free_.empty()) {
    streams_.push_back(std::make_unique<SimStream>(*this));
    free_.reserve(streams_.size());
    return *streams_.back();
  }
  SimStream& stream = *free_.back();
  free_.pop_back();
  return stream;
}

void SimNetwork::free_stream(SimStream& stream) {
  stream.close_as(SimStream::State::Free);
  ++stream.generation_;
  stream.peer_ = nullptr;
  stream.drop_outgoing();
  stream.written_ = 0;
  stream.fin_ = stream.above_mark_ = stream.paused_ = stream.arrival_due_ = false;
  stream.linger_until_ = {};
  stream.peer_ended_ = stream.broken_ = stream.write_failed_ = false;
  free_.push_back(&stream);
}

void SimNetwork::free_if_both_closed(SimStream& stream) {
  SimStream& peer = *stream.peer_;
  if (stream.state_ != SimStream::State::Closed || peer.state_ != SimStream::State::Closed) return;
  free_stream(peer);
  free_stream(stream);
}

net::Stream* SimNetwork::connect(const net::SocketAddress& address, net::StreamEvents& events) {
  ++connects_;
  // As with descriptors: a spare one that is closed makes room at once.
  if (streams_.size() - free_.size() >= streams_max_ && !close_a_spare()) return nullptr;
  SimStream& stream = make_stream();
  stream.state_ = SimStream::State::Connecting;
  stream.events_ = &events;
  stream.address_ = address;
  schedule(Kind::Connect, &stream);
  return &stream;
}

void SimNetwork::connect_now(SimStream& stream) {
  const auto found = places_.find(stream.address_.to_string());
  if (found == places_.end()) {
    stream.state_ = SimStream::State::Failed;
    stream.events_->on_failure();
    return;
  }
  if (found->second.listener == nullptr) return;
  SimStream& accepted = make_stream();
  accepted.peer_ = &stream;
  stream.peer_ = &accepted;
  stream.state_ = accepted.state_ = SimStream::State::Open;
  accepted.address_ = stream.address_;
  accepted.paused_ = true;  // in the backlog
  schedule(Kind::Accept, &accepted, true);
  stream.events_->on_connected();
}

void SimNetwork::accept_now(SimStream& stream) {
  const auto found = places_.find(stream.address_.to_string());
  if (found == places_.end() || found->second.listener == nullptr) {
    stream.reset();
    return;
  }
  Place& place = found->second;
  if (!place.listener->may_accept()) {
    place.backlog.push_back(&stream);
    return;
  }
  // A listener that accepts goes on until nobody waits.
  if (!place.backlog.empty()) {
    schedule(Kind::Accept, place.backlog.front(), true);
    place.backlog.pop_front();
  }
  net::StreamEvents* events = place.listener->on_accept(stream);
  if (events == nullptr) {
    stream.close();
    return;
  }
  stream.events_ = events;
  stream.resume();
}

void SimNetwork::resume_accepting() {
  for (auto& [address, place] : places_) {
    if (place.backlog.empty()) continue;
    schedule(Kind::Accept, place.backlog.front(), true);
    place.backlog.pop_front();
  }
}

void SimNetwork::schedule_arrival(SimStream& receiver) {
  if (receiver.arrival_due_ || !receiver.is_reading() || !receiver.has_arrivals()) return;
  receiver.arrival_due_ = true;
  schedule(Kind::Arrive, &receiver);
}

void SimNetwork::arrive(SimStream& receiver) {
  receiver.arrival_due_ = false;
  if (!receiver.is_reading() || receiver.broken_ || !receiver.has_arrivals()) return;
  if (receiver.peer_->on_wire_ > 0) {
    deliver(receiver);
    return;
  }
  receiver.peer_ended_ = true;
  SimStream& sender = *receiver.peer_;
  if (sender.state_ == SimStream::State::Flushing) {
    if (sender.peer_ended_) {
      sender.close();
    } else {
      sender.linger_until_ = now_ + net::UvStream::kLingerMax;
      arm(sender.timer_, now_ + net::UvStream::kLinger);
    }
  }
  if (receiver.state_ == SimStream::State::Open) {
    receiver.events_->on_end();
  } else if (sender.peer_ended_ || sender.state_ == SimStream::State::Closed) {
    receiver.close();
  }
}

void SimNetwork::deliver(SimStream& receiver) {
  SimStream& sender = *receiver.peer_;
  std::size_t count = std::min(sender.on_wire_, options_.piece);
  if (options_.split) count = 1 + random_.next() % count;
  const std::string_view bytes = sender.outgoing_.view().substr(0, count);
  arriving_.assign(bytes.begin(), bytes.end());
  sender.outgoing_.drop_front(count);
  sender.on_wire_ -= count;
  sender.put_on_wire();
  schedule_arrival(receiver);
  if (sender.above_mark_ && sender.queued_bytes() <= options_.mark / 2) {
    sender.above_mark_ = false;
    schedule(Kind::Writable, &sender, true);
  }
  if (receiver.state_ == SimStream::State::Flushing && receiver.linger_until_ > now_) {
    arm(receiver.timer_, std::min(now_ + net::UvStream::kLinger, receiver.linger_until_));
  }
  if (receiver.state_ == SimStream::State::Open) {
    receiver.events_->on_read({arriving_.data(), arriving_.size()});
  }
}

// A paused stream hears of it when it goes on, or when it writes.
void SimNetwork::break_now(SimStream& stream) {
  if (stream.state_ == SimStream::State::Flushing) {
    stream.close();
  } else if (stream.state_ == SimStream::State::Open && stream.events_ != nullptr &&
             (!stream.paused_ || stream.write_failed_)) {
    stream.state_ = SimStream::State::Failed;
    stream.events_->on_failure();
  }
}

// --- time ---------------------------------------------------------------------------------------

Duration SimNetwork::delay() {
  const auto steps =
      static_cast<std::uint64_t>((options_.delay_max - options_.delay_min) / kQuantum);
  return options_.delay_min + kQuantum * static_cast<std::int64_t>(random_.next() % (steps + 1));
}

void SimNetwork::schedule(Kind kind, SimStream* stream, bool at_once) {
  const Instant at = at_once ? now_ : now_ + delay();
  events_.push_back({at, ++order_, kind, stream, stream->generation_});
  std::push_heap(events_.begin(), events_.end());
}

void SimNetwork::happen(const Event& event) {
  if (event.kind == Kind::Resolve) {
    resolve_now();
    return;
  }
  SimStream& stream = *event.stream;
  if (event.generation != stream.generation_) return;
  switch (event.kind) {
    case Kind::Connect:
      if (stream.state_ == SimStream::State::Connecting) connect_now(stream);
      break;
    case Kind::Accept:
      accept_now(stream);
      break;
    case Kind::Arrive:
      arrive(stream);
      break;
    case Kind::Writable:
      if (stream.state_ == SimStream::State::Open) stream.events_->on_writable();
      break;
    case Kind::Break:
      break_now(stream);
      break;
    case Kind::Resolve:
      break;
  }
}

void SimNetwork::turn(Instant when) {
  now_ = std::max(now_, when);
  wheel_.advance(now_);
  run_deferred();
  while (!events_.empty() && events_.front().at <= now_) {
    std::pop_heap(events_.begin(), events_.end());
    const Event event = events_.back();
    events_.pop_back();
    happen(event);
  }
  run_deferred();
}

bool SimNetwork::step() {
  if (!tasks_.empty() || !posted_.empty()) {
    turn(now_);
    return true;
  }
  if (events_.empty()) return false;
  turn(std::min(events_.front().at, wheel_.next_expiry()));
  return true;
}

void SimNetwork::run_until_idle() {
  while (step()) {
  }
}

void SimNetwork::advance(Duration duration) {
  const Instant until = now_ + duration;
  if (!tasks_.empty()) turn(now_);
  for (;;) {
    const Instant event = events_.empty() ? kNever : events_.front().at;
    const Instant next = std::min(event, wheel_.next_expiry());
    if (next > until) break;
    turn(next);
  }
  now_ = until;
}

}  // namespace usher::sim
