#include "cache/redis_connection.h"

#include <bit>
#include <initializer_list>
#include <utility>

#include "base/check.h"

namespace usher::cache {
namespace {

// hiredis moves what is left of its buffer after each reply of a kilobyte: little may be there.
constexpr std::size_t kPieceBytes = 8 * 1024;
// What an idle connection keeps to write into.
constexpr std::size_t kKeptBytes = 64 * 1024;

constexpr std::string_view kClientName = "usher";

}  // namespace

RedisLogin RedisLogin::to_data(const RedisOptions& options) {
  return {options.username, options.password,
          options.topology == RedisTopology::Cluster ? 0 : options.database,
          options.topology == RedisTopology::Sentinel};
}

RedisLogin RedisLogin::to_sentinel(const RedisOptions& options) {
  return {"", options.sentinel_password, 0, false};
}

RedisConnection::RedisConnection(RedisTransport& transport, RedisLogin login, RedisUse use,
                                 RedisConnectionEvents& events)
    : transport_(&transport),
      login_(std::move(login)),
      use_(use),
      events_(&events),
      dial_(transport, *this) {}

RedisConnection::~RedisConnection() {
  shut();
  commands_.for_each([](CommandQueue::Place& place) {
    if (place.command != nullptr) place.command->place.connection = nullptr;
  });
}

// --- its life -----------------------------------------------------------------------------------

void RedisConnection::open(const RedisAddress& address) {
  USHER_CHECK(state_ == State::Closed);
  net::Task::unlink();
  tell_all(RedisFailure::Unreachable);  // whoever was not told yet that it was closed
  state_ = State::Dialing;
  reader_.reset();
  dial_.dial(address);
}

void RedisConnection::on_dialed(net::Stream& stream) {
  stream_ = &stream;
  stream_->set_events(*this);
  state_ = State::Greeting;
  net::Network& network = transport_->network();
  network.arm(greeting_timer_, network.now() + transport_->options().connect_timeout);
  greet();
}

void RedisConnection::on_dial_failed() {
  fail(RedisFailure::Unreachable);
}

void RedisConnection::close() {
  shut();
  bool is_awaited = false;
  commands_.for_each(
      [&](const CommandQueue::Place& place) { is_awaited |= place.command != nullptr; });
  if (is_awaited) {
    transport_->network().defer(*this);
  } else {
    tell_all(RedisFailure::Unreachable);  // which is nobody
  }
}

void RedisConnection::fail(RedisFailure why) {
  shut();
  events_->on_closed(why);
  tell_all(why);
}

void RedisConnection::shut() {
  state_ = State::Closed;
  net::Task::unlink();
  dial_.cancel();
  greeting_timer_.cancel();
  command_timer_.cancel();
  if (stream_ != nullptr) stream_->close();
  stream_ = nullptr;
  outgoing_.clear();
}

// Those that had time left are not the ones that took too long.
void RedisConnection::tell_all(RedisFailure why) {
  const Instant now = transport_->network().now();
  while (!commands_.empty()) {
    const CommandQueue::Place place = commands_.pop();
    if (place.command == nullptr) continue;
    place.command->place.connection = nullptr;
    const bool had_time = why == RedisFailure::Timeout && place.deadline > now;
    place.command->on_redis_failure(had_time ? RedisFailure::Unreachable : why);
  }
}

void RedisConnection::on_end() {
  fail(RedisFailure::Unreachable);
}

void RedisConnection::on_failure() {
  fail(RedisFailure::Unreachable);
}

// --- the greeting -------------------------------------------------------------------------------

// All at once; that the name is answered says that the server is there.
void RedisConnection::greet() {
  std::string text;
  greetings_ = 0;
  const auto add = [&](Greeting step, std::initializer_list<std::string_view> args) {
    append_command(text, args);
    greetings_ = static_cast<std::uint8_t>(greetings_ | 1u << static_cast<unsigned>(step));
  };
  if (!login_.username.empty()) {
    add(Greeting::Auth, {"AUTH", login_.username, login_.password});
  } else if (!login_.password.empty()) {
    add(Greeting::Auth, {"AUTH", login_.password});
  }
  if (login_.database != 0) add(Greeting::Select, {"SELECT", std::to_string(login_.database)});
  add(Greeting::Name, {"CLIENT", "SETNAME", kClientName});
  if (login_.must_be_master) add(Greeting::Role, {"ROLE"});
  const std::string_view parts[] = {text};
  stream_->write(parts);
}

// A user who may not name its connection or ask for the role (NOPERM) may still do its work.
void RedisConnection::on_greeted(const RedisReply& reply) {
  const auto step = static_cast<Greeting>(std::countr_zero(greetings_));
  greetings_ &= static_cast<std::uint8_t>(greetings_ - 1);
  bool is_good = reply.type() == RedisReply::Type::Status;
  if (reply.type() == RedisReply::Type::Error) {
    const bool may_be = step == Greeting::Name || step == Greeting::Role;
    is_good = may_be && (!is_refusal(reply.text()) || reply.text().starts_with("NOPERM"));
  } else if (step == Greeting::Role) {
    is_good = reply.size() > 0 && reply[0].text() == "master";
  }
  if (!is_good) {
    // What is said of AUTH may repeat the password.
    const std::string_view text = reply.text();
    transport_->log_refusal(step == Greeting::Auth ? text.substr(0, text.find(' ')) : text);
    fail(RedisFailure::Refused);
  } else if (greetings_ == 0) {
    become_ready();
  }
}

// What waited begins to count anew: its answers come in order.
void RedisConnection::become_ready() {
  state_ = State::Ready;
  greeting_timer_.cancel();
  net::Network& network = transport_->network();
  const Instant deadline = network.now() + transport_->options().timeout;
  commands_.for_each([&](CommandQueue::Place& place) { place.deadline = deadline; });
  if (!commands_.empty()) {
    network.arm(command_timer_, deadline);
    network.defer(*this);
  }
  events_->on_ready();
}

// --- commands -----------------------------------------------------------------------------------

bool RedisConnection::has_room() const {
  const std::size_t queued = stream_ == nullptr ? 0 : stream_->queued_bytes();
  return commands_.size() < kOutstandingMax && outgoing_.size() + queued < kOutgoingMax;
}

bool RedisConnection::send(RedisCommand& command, std::span<const std::string_view> args) {
  if (!take(command)) return false;
  append_command(outgoing_, args);
  return true;
}

bool RedisConnection::send_encoded(RedisCommand& command, std::string_view bytes, bool asking) {
  if (asking) {
    if (state_ == State::Closed || !has_room()) return false;
    static constexpr std::string_view kAsking[] = {"ASKING"};
    append_command(outgoing_, kAsking);
    commands_.push({nullptr, transport_->network().now() + transport_->options().timeout});
  }
  if (!take(command)) return false;
  outgoing_.append(bytes);
  return true;
}

bool RedisConnection::take(RedisCommand& command) {
  USHER_CHECK(command.place.connection == nullptr && use_ == RedisUse::Commands);
  if (state_ == State::Closed || !has_room()) return false;
  net::Network& network = transport_->network();
  const Instant deadline = network.now() + transport_->options().timeout;
  command.place.connection = this;
  command.place.sequence = commands_.push({&command, deadline});
  if (!command_timer_.armed()) network.arm(command_timer_, deadline);
  if (is_ready()) network.defer(*this);
  return true;
}

void RedisConnection::cancel(RedisCommand& command) {
  USHER_CHECK(command.place.connection != nullptr);
  std::exchange(command.place.connection, nullptr)->commands_[command.place.sequence].command =
      nullptr;
}

bool RedisConnection::write(std::span<const std::string_view> args) {
  USHER_CHECK(use_ == RedisUse::Subscriber);
  if (!is_ready() || !has_room()) return false;
  append_command(outgoing_, args);
  transport_->network().defer(*this);
  return true;
}

void RedisConnection::run() {
  if (state_ == State::Closed) {
    tell_all(RedisFailure::Unreachable);
  } else if (!outgoing_.empty()) {
    const std::string_view parts[] = {outgoing_};
    stream_->write(parts);
    outgoing_.clear();
    unwritten_ = commands_.first() + commands_.size();
    if (outgoing_.capacity() > kKeptBytes) outgoing_.shrink_to_fit();
  }
}

void RedisConnection::on_read(std::string_view bytes) {
  while (!bytes.empty() && state_ != State::Closed) {
    const std::string_view piece = bytes.substr(0, kPieceBytes);
    bytes.remove_prefix(piece.size());
    reader_.feed(piece);
    read_replies();
  }
}

void RedisConnection::read_replies() {
  while (state_ != State::Closed) {
    const ReplyReader::Status status = reader_.next();
    if (status == ReplyReader::Status::Incomplete) return;
    if (status == ReplyReader::Status::Broken) {
      fail(RedisFailure::Protocol);
    } else if (state_ == State::Greeting) {
      on_greeted(reader_.reply());
    } else if (use_ == RedisUse::Subscriber) {
      events_->on_push(reader_.reply());
    } else {
      answer(reader_.reply());
    }
  }
}

void RedisConnection::answer(const RedisReply& reply) {
  if (commands_.first() >= unwritten_) {  // nobody asked
    fail(RedisFailure::Protocol);
    return;
  }
  RedisCommand* const command = commands_.pop().command;
  const bool is_refused = reply.type() == RedisReply::Type::Error && is_refusal(reply.text());
  if (command != nullptr) command->place.connection = nullptr;
  events_->on_answered(is_refused ? reply.text() : std::string_view());
  if (command == nullptr) return;
  if (is_refused) {
    command->on_redis_failure(RedisFailure::Refused);
  } else {
    command->on_reply(reply);
  }
}

// --- time ---------------------------------------------------------------------------------------

void RedisConnection::on_timer(Timer& timer) {
  if (&timer == &greeting_timer_) {
    fail(RedisFailure::Timeout);
  } else if (is_ready()) {
    expire();
  } else {
    expire_waiting();
  }
}

// A loop that was held up finds late timers and, behind them, replies that came in time: those are
// read first.
void RedisConnection::expire() {
  if (commands_.empty()) return;
  net::Network& network = transport_->network();
  const Instant now = network.now();
  const Instant deadline = commands_.front().deadline;
  if (now < deadline) {
    network.arm(command_timer_, deadline);
  } else if (now < deadline + transport_->options().timeout && !stream_->is_quiet()) {
    network.arm(command_timer_, now + TimerWheel::kTick);
  } else {
    fail(RedisFailure::Timeout);
  }
}

// None of them has been sent, so that no reply can be late: they keep their places.
void RedisConnection::expire_waiting() {
  net::Network& network = transport_->network();
  const Instant now = network.now();
  for (std::uint64_t number = commands_.first(); commands_.holds(number); ++number) {
    if (commands_[number].command == nullptr) continue;
    if (commands_[number].deadline > now) {
      network.arm(command_timer_, commands_[number].deadline);
      return;
    }
    RedisCommand* const command = std::exchange(commands_[number].command, nullptr);
    command->place.connection = nullptr;
    command->on_redis_failure(RedisFailure::Timeout);
  }
}

}  // namespace usher::cache
