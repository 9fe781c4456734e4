// RedisCluster: the servers of a cluster as one: a command goes to the node that has its key's
// slot, and follows where it is sent from there (MOVED, ASK).
//
// Until the map of slots is known everything goes to the first seed, which sends it on. The map is
// read anew, now and then, while there is trouble: a node sent a command elsewhere, is down, or
// says that the cluster is. Nodes that have no slots any more are left.
//
// Owner: RedisClient.  Thread: the loop's.  Bounds: kNodesMax; commands by RedisConnection.
// Source: Redis cluster specification, "Redirection and resharding".
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/intrusive_list.h"
#include "base/random.h"
#include "cache/redis_map_reader.h"
#include "cache/redis_node.h"
#include "cache/redis_slots.h"

namespace usher::cache {

class RedisCluster;

// A command on its way through the cluster, with its bytes, so that it can be sent again.
class RedisErrand final : public RedisCommand {
 public:
  explicit RedisErrand(RedisCluster& cluster) : cluster_(&cluster) {}

 private:
  friend class RedisCluster;

  void on_reply(const RedisReply& reply) override;
  void on_redis_failure(RedisFailure failure) override;

  RedisCluster* cluster_;
  RedisCommand* command_ = nullptr;  // null: nobody waits any more
  std::string bytes_;
  RedisAddress asked_;
  int hops_ = 0;
};

class RedisCluster final : private RedisMapEvents,
                           private RedisNodeEvents,
                           private TimerEvents,
                           private net::Task {
 public:
  static constexpr std::size_t kNodesMax = 256;  // masters
  // So often a command is sent on.
  static constexpr int kHopsMax = 4;
  // The map is read at most so often; so often while nobody knows it, or it has holes.
  static constexpr Duration kReadInterval = std::chrono::milliseconds(100);
  static constexpr Duration kRetryInterval = std::chrono::seconds(1);

  RedisCluster(RedisTransport& transport, RedisCounters& counters, Random& random);
  ~RedisCluster();
  RedisCluster(const RedisCluster&) = delete;
  RedisCluster& operator=(const RedisCluster&) = delete;

  // Is there a node to send something to?
  bool is_available() const;
  // False: the key's node is not available; nothing follows.
  bool send(RedisCommand& command, std::string_view key, std::span<const std::string_view> args);
  // REQUIRES: it waits here.
  static void cancel(RedisCommand& command);

 private:
  friend class RedisErrand;
  struct Member {
    RedisAddress address;
    std::unique_ptr<RedisNode> node;
  };
  static constexpr std::uint16_t kNobody = UINT16_MAX;
  static constexpr std::size_t kKeptErrands = 64;
  static constexpr std::size_t kKeptBytes = 4096;  // of one of them

  void on_map(const std::vector<SlotRange>& ranges) override;
  void on_node_trouble() override { read_soon(); }
  void on_timer(Timer& timer) override;
  void run() override;

  std::uint16_t member_at(const RedisAddress& address);
  void read_soon();
  std::vector<RedisAddress> whom_to_ask();
  RedisErrand& take_errand();
  RedisCommand* finish(RedisErrand& errand);
  bool send_to(std::uint16_t index, RedisErrand& errand, bool asking);
  bool follow(RedisErrand& errand, const Redirection& redirection);

  RedisTransport* transport_;
  RedisCounters* counters_;
  Random* random_;
  RedisMapReader reader_;
  std::vector<Member> members_;
  std::vector<Member> leaving_;        // until their commands are told
  std::vector<std::uint16_t> owners_;  // of slots: of members_, or kNobody
  Timer read_timer_{*this};
  Instant read_at_{};  // last
  std::size_t first_asked_ = 0;
  IntrusiveList<RedisErrand> running_;
  IntrusiveList<RedisErrand> idle_;  // kept for the next ones
  std::size_t idle_count_ = 0;
};

}  // namespace usher::cache
