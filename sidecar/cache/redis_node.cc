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
                     RedisCounters& counters, Random& random)
    : transport_(&transport),
      address_(std::move(address)),
      counters_(&counters),
      random_(&random),
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
  breaker_.note_try(transport_->network().now());
  RedisCounters::add(counters_->commands);
  return true;
}

bool RedisNode::send_encoded(RedisCommand& command, std::string_view bytes) {
  Link* const link = begin_command();
  if (link == nullptr || !link->connection.send_encoded(command, bytes)) return false;
  breaker_.note_try(transport_->network().now());
  RedisCounters::add(counters_->commands);
  return true;
}

void RedisNode::on_link_answered(std::string_view refusal) {
  if (refusal.empty()) {
    if (breaker_.note_success()) {
      RedisCounters::subtract(counters_->nodes_left_alone);
      LogLine(LogLevel::Info, "redis answers again");
    }
    return;
  }
  note_failure(RedisFailure::Refused);
  const bool has_moved = refusal.starts_with("READONLY");
  if (has_moved && transport_->options().topology == RedisTopology::Sentinel) move();
}

void RedisNode::note_failure(RedisFailure why) {
  RedisCounters::add(counters_->failed(why));
  if (!breaker_.note_failure(transport_->network().now())) return;
  RedisCounters::add(counters_->nodes_left_alone);
  static constexpr std::string_view kWhy[] = {"unreachable", "timeout", "protocol", "refused"};
  LogLine(LogLevel::Warn, "redis is left alone").field("why", kWhy[static_cast<std::size_t>(why)]);
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
}

void RedisNode::retry_later() {
  if (is_locating_ || retry_timer_.armed()) return;
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

}  // namespace usher::cache
