// Flights: of many calls that miss the same key at once, one asks the owner, and the others wait
// for what it gets.
//
// A key's first call leads; others follow, at most kFollowersMax. The leader ends its flight by one
// of land(), give_up(), fail() and leave(). What its followers are told comes on their own workers'
// loops, never inline.
//
// Owner: SharedCache.  Thread: any; a FlightWaiter and its FlightDesk are one worker's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>

#include "base/clock.h"
#include "base/result.h"
#include "cache/entry.h"
#include "net/network.h"

namespace usher::cache {

// What a follower is told.
struct FlightNews {
  enum class Kind : std::uint8_t {
    Landed,  // `entry` is the answer
    Alone,   // the answer is not for sharing: each asks the owner itself, and does not lead
    Lead,    // the leader is gone or failed, and it is this one's turn: it now leads
    Failed,  // two leaders failed: `entry` is the last one's answer, or `error` why there is none
  };
  Kind kind;
  EntryRef entry{};
  Error error{ErrorCode::UpstreamReset};
};

// REQUIRES: what waits is cancelled before it is destroyed.
class FlightWaiter {
 public:
  virtual void on_flight(const FlightNews& news) = 0;

 protected:
  virtual ~FlightWaiter() = default;  // its friend could destroy it

 private:
  friend class FlightDesk;
  std::uint64_t ticket_ = 0;  // 0: waits for nothing
};

class FlightInbox;  // flights.cc
class FlightTable;  // likewise
class Flights;

// A worker's side: brings news to its waiters on its loop.
//
// One that is destroyed leaves what it leads, and its waiters are told nothing any more.
class FlightDesk final : private net::Task {
 public:
  FlightDesk(Flights& flights, net::Network& network);
  ~FlightDesk();

  enum class Role : std::uint8_t {
    Lead,    // call one of land(), give_up(), fail(), leave() in the end
    Follow,  // on_flight comes, unless cancel()
    Alone,   // neither: there is no room, or answers of this key are not for sharing
  };
  // REQUIRES: `waiter` waits for nothing.
  Role join(const CacheKey& key, FlightWaiter& waiter, Instant now);
  // Leads only; never follows. For what is fetched behind a stale answer. Nobody does for a key
  // whose answers are not for sharing.
  bool try_lead(const CacheKey& key, Instant now);
  // No news come any more; one who was to lead leaves. Nothing where none were awaited.
  void cancel(FlightWaiter& waiter);

  // --- the leader's ends. REQUIRES: this desk leads the key ---
  void land(const CacheKey& key, EntryRef entry);
  // `not_shareable`: calls of this key do not wait for each other for a while (kAloneFor).
  void give_up(const CacheKey& key, bool not_shareable, Instant now);
  // The first time one of the followers leads; then all fail. `answer`: what the owner said, where
  // it said something.
  void fail(const CacheKey& key, const Error& error, EntryRef answer = {});
  // The leader's consumer is gone: nothing is known of the owner. One of the followers leads.
  void leave(const CacheKey& key);

 private:
  struct Waiting {
    FlightWaiter* waiter;
    CacheKey key;
  };

  void run() override;

  FlightTable* table_;
  std::shared_ptr<FlightInbox> inbox_;
  std::uint64_t last_ticket_ = 0;
  std::unordered_map<std::uint64_t, Waiting> waiters_;  // by ticket
};

class Flights {
 public:
  static constexpr std::size_t kFollowersMax = 1000;  // of one key
  static constexpr Duration kAloneFor = std::chrono::seconds(10);
  // Keys that are remembered as not for sharing; of more the oldest are forgotten.
  static constexpr std::size_t kAloneMax = 4096;

  Flights();
  ~Flights();

  // Keys that are being fetched now.
  std::size_t active() const;

 private:
  friend class FlightDesk;
  std::unique_ptr<FlightTable> table_;
};

}  // namespace usher::cache
