#include "cache/redis_node.h"

#include <algorithm>

#include "base/log.h"

namespace usher::cache {

class RedisNode::Link final : public RedisConnectionEvents {
 public:
  explicit Link(RedisNode& node)
      : connection(*node.transport_, RedisLogin::to_data(node.transport_->options()),
                   RedisUse::Commands, *this),
        node_(&node) {}
  ~Link() { note_gone(); }

  void on_ready() override {
    if (has_stood_) RedisCounters::add(node_->counters_->reconnects);
    has_stood_ = is_ready_ = true;
    node_->on_link_ready();
  }
  void on_closed(RedisFailure why) override {
    const bool was_ready = is_ready_;
    note_gone();
    node_->on_link_closed(why, was_ready);
  }
  void on_answered(std::string_view refusal) override { node_->on_link_answered(refusal); }
  void close() {
    note_gone();
    connection.close();
  }

  RedisConnection connection;

 private:
  void note_gone() {
    if (is_ready_) RedisCounters::subtract(node_->counters_->connections);
    is_ready_ = false;
  }

  RedisNode* node_;
  bool is_ready_ = false;
  bool has_stood_ = false;  // once
};

RedisNode::RedisNode(RedisTransport& transport, std::optional<RedisAddress> address,
                     RedisCounters& counters, Random& random, RedisNodeEvents* events)
    : transport_(&transport),
      address_(std::move(address)),
      counters_(&counters),
      random_(&random),
      events_(events),
      locator_(transport, *this),
      breaker_(transport.options().failures, transport.options().pause) {
  for (unsigned i = 0; i < std::max(1u, transport.options().connections); ++i) {
    links_.push_back(std::make_unique<Link>(*this));
  }
  RedisCounters::add(counters_->nodes);
  find();
}

RedisNode::~RedisNode() {
  RedisCounters::subtract(counters_->nodes);
  if (breaker_.is_open()) RedisCounters::subtract(counters_->nodes_left_alone);
}

// --- commands -----------------------------------------------------------------------------------

// A connection that is still being made is good enough for a server of which nothing bad is known.
RedisNode::Link* RedisNode::choose() const {
  if (!breaker_.allows(transport_->network().now())) return nullptr;
  Link* waiting = nullptr;
  for (std::size_t i = 0; i < links_.size(); ++i) {
    // The last one first while it gathers, else last.
    const std::size_t skipped = links_[last_]->connection.is_gathering() ? 0 : 1;
    Link* link = links_[(last_ + skipped + i) % links_.size()].get();
    if (link->connection.is_ready()) return link;
    if (link->connection.state() != RedisConnection::State::Closed) waiting = link;
  }
  return breaker_.is_open() ? nullptr : waiting;
}

bool RedisNode::is_available() const {
  return choose() != nullptr;
}

RedisNode::Link* RedisNode::begin_command() {
  Link* const link = choose();
  if (link == nullptr) return nullptr;
  while (links_[last_].get() != link) last_ = (last_ + 1) % links_.size();
  return link;
}

bool RedisNode::send(RedisCommand& command, std::span<const std::string_view> args) {
  Link* const link = begin_command();
  if (link == nullptr || !link->connection.send(command, args)) return false;
  note_sent();
  return true;
}

bool RedisNode::send_encoded(RedisCommand& command, std::string_view bytes, bool asking) {
  Link* const link = begin_command();
  if (link == nullptr || !link->connection.send_encoded(command, bytes, asking)) return false;
  note_sent();
  return true;
}

void RedisNode::note_sent() {
  breaker_.note_try(transport_->network().now());
  RedisCounters::add(counters_->commands);
}

void RedisNode::on_link_answered(std::string_view refusal) {
  if (refusal.empty()) {
    if (breaker_.note_success()) {
      RedisCounters::subtract(counters_->nodes_left_alone);
      LogLine(LogLevel::Info, "redis answers again").field("server", name());
    }
    return;
  }
  log_refusal(refusal);
  note_failure(RedisFailure::Refused);
  const bool has_moved = refusal.starts_with("READONLY");
  if (has_moved && transport_->options().topology == RedisTopology::Sentinel) move();
}

void RedisNode::note_failure(RedisFailure why) {
  RedisCounters::add(counters_->failed(why));
  if (!breaker_.note_failure(transport_->network().now())) return;
  RedisCounters::add(counters_->nodes_left_alone);
  static constexpr std::string_view kWhy[] = {"unreachable", "timeout", "protocol", "refused"};
  LogLine(LogLevel::Warn, "redis is left alone")
      .field("server", name())
      .field("why", kWhy[static_cast<std::size_t>(why)]);
}

// Also of one that answers well in between, whom the breaker does not notice.
void RedisNode::log_refusal(std::string_view refusal) {
  constexpr std::size_t kTextMax = 100;
  const Instant now = transport_->network().now();
  if (now < log_at_) return;
  log_at_ = now + kLogInterval;
  LogLine(LogLevel::Warn, "redis refuses a command")
      .field("server", name())
      .field("error", refusal.substr(0, kTextMax));
}

// Of the log.
std::string RedisNode::name() const {
  if (!address_) return transport_->options().sentinel_master;
  if (!address_->path.empty()) return address_->path;
  return address_->host + ":" + std::to_string(address_->port);
}

// --- connections --------------------------------------------------------------------------------

void RedisNode::find() {
  if (address_) {
    open_links(*address_);
  } else {
    is_locating_ = true;
    locator_.locate();
  }
}

void RedisNode::on_located(const std::optional<RedisAddress>& address) {
  is_locating_ = false;
  if (address) {
    open_links(*address);
  } else {
    note_failure(RedisFailure::Unreachable);
    retry_later();
  }
}

void RedisNode::open_links(const RedisAddress& address) {
  for (const auto& link : links_) {
    if (link->connection.state() == RedisConnection::State::Closed) link->connection.open(address);
  }
}

void RedisNode::on_link_ready() {
  ready_at_ = transport_->network().now();
  RedisCounters::add(counters_->connections);
}

void RedisNode::on_link_closed(RedisFailure why, bool was_ready) {
  if (was_ready && transport_->network().now() - ready_at_ >= kSettled) attempts_ = 0;
  note_failure(why);
  retry_later();
  if (events_ != nullptr) events_->on_node_trouble();
}

void RedisNode::retry_later() {
  if (is_shut_ || is_locating_ || retry_timer_.armed()) return;
  attempts_ = std::min(attempts_ + 1, 16);
  net::Network& network = transport_->network();
  network.arm(retry_timer_, network.now() + policy::backoff_delay(kBackoff, attempts_, *random_));
}

void RedisNode::on_timer(Timer&) {
  find();
}

// The master is another one now: all connections are to the wrong server.
void RedisNode::move() {
  for (const auto& link : links_) link->close();
  retry_later();
}

void RedisNode::shut() {
  is_shut_ = true;
  is_locating_ = false;
  retry_timer_.cancel();
  locator_.cancel();
  for (const auto& link : links_) link->close();
}

bool RedisNode::is_settled() const {
  return std::all_of(links_.begin(), links_.end(),
                     [](const auto& link) { return link->connection.outstanding() == 0; });
}

}  // namespace usher::cache
