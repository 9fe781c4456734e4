// RedisNode: one server as one client sees it: its connections, and whether it is worth asking.
//
// Connections are made at once and made again without end, with backoff and jitter. What is sent in
// one turn of the loop goes by one connection, in the next by the next one: so it leaves in one
// write. Commands of two turns may overtake each other.
//
// A lost or failed connection and a refused command are a failure each (RedisBreaker).
//
// Owner: RedisClient or RedisCluster; it may be destroyed by no call of a command's.  Thread: the
// loop's.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/timer_wheel.h"
#include "cache/redis_breaker.h"
#include "cache/redis_connection.h"
#include "cache/redis_counters.h"
#include "cache/redis_locator.h"
#include "policy/backoff.h"

namespace usher::cache {

class RedisNodeEvents {
 public:
  // A connection was lost, or could not be made.
  virtual void on_node_trouble() = 0;

 protected:
  ~RedisNodeEvents() = default;
};

class RedisNode final : private RedisLocateEvents, private TimerEvents {
 public:
  static constexpr policy::BackoffOptions kBackoff{std::chrono::milliseconds(20),
                                                   std::chrono::seconds(1)};
  // A connection that stood so long was a good one: the next loss begins a new count.
  static constexpr Duration kSettled = std::chrono::seconds(1);
  // Refusals are logged so often at most.
  static constexpr Duration kLogInterval = std::chrono::seconds(10);

  // `address`: nothing: where RedisLocator says.
  RedisNode(RedisTransport& transport, std::optional<RedisAddress> address, RedisCounters& counters,
            Random& random, RedisNodeEvents* events = nullptr);
  ~RedisNode();
  RedisNode(const RedisNode&) = delete;
  RedisNode& operator=(const RedisNode&) = delete;

  // Would a command be sent now?
  bool is_available() const;
  // False: not now; nothing follows.
  bool send(RedisCommand& command, std::span<const std::string_view> args);
  // The same with bytes that append_command made; `asking`: of a slot that is on its way here.
  bool send_encoded(RedisCommand& command, std::string_view bytes, bool asking);

  // For ever. Commands that wait hear at the end of the turn that it is unreachable.
  void shut();
  // Does nobody wait for a reply?
  bool is_settled() const;

 private:
  class Link;

  void on_located(const std::optional<RedisAddress>& address) override;
  void on_timer(Timer& timer) override;

  void on_link_ready();
  void on_link_closed(RedisFailure why, bool was_ready);
  void on_link_answered(std::string_view refusal);

  Link* choose() const;
  Link* begin_command();
  void note_sent();
  void find();
  void open_links(const RedisAddress& address);
  void retry_later();
  void move();
  void note_failure(RedisFailure why);
  void log_refusal(std::string_view refusal);
  std::string name() const;

  RedisTransport* transport_;
  std::optional<RedisAddress> address_;
  bool is_shut_ = false;
  RedisCounters* counters_;
  Random* random_;
  RedisNodeEvents* events_;  // may be null
  RedisLocator locator_;
  RedisBreaker breaker_;
  bool is_locating_ = false;
  int attempts_ = 0;  // in a row, that did not lead to a good connection
  Instant ready_at_{};
  Instant log_at_{};  // then the next refusal may be logged
  Timer retry_timer_{*this};
  std::size_t last_ = 0;  // of links_: who got the last command
  std::vector<std::unique_ptr<Link>> links_;
};

}  // namespace usher::cache
