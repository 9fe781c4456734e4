// CacheCall: what a call whose endpoint keeps answers knows of them.
//
// Owner: Exchange, made with its first such call and used again.  Thread: worker.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "cache/entry.h"
#include "cache/flights.h"
#include "cache/redis_tier.h"
#include "http/byte_range.h"
#include "http/cache_control.h"
#include "proxy/cache_fill.h"
#include "proxy/cache_metrics.h"
#include "proxy/cache_status.h"

namespace usher::proxy {

// What its waits end with; never inline.
class CacheCallEvents {
 public:
  virtual void on_flight(const cache::FlightNews& news) = 0;
  virtual void on_looked_up(cache::EntryRef entry, std::uint64_t generation) = 0;
  virtual void on_locked(bool got) = 0;

 protected:
  ~CacheCallEvents() = default;
};

struct CacheCall final : cache::FlightWaiter {
  // Where it is in Phase::Lookup.
  enum class Step : std::uint8_t {
    Memory,  // has not looked yet
    Flight,  // not in memory: who asks the owner?
    Follow,  // another call does; waits for what it gets
    Redis,   // this one does; is it in Redis?
    Wait,    // … which has not answered yet
    Lock,    // it is not; does another sidecar fetch it?
    Poll,    // … which may have stored it by now
    Owner,   // the owner has to be asked
  };

  CacheCall(CacheCallEvents& call_events, MemoryBudget& memory)
      : fill(memory), events(call_events) {}

  // For the next call. Waits must have ended.
  void reset();

  // --- what is asked ---
  Step step = Step::Memory;
  http::CacheControl asked;
  cache::CacheKey key;
  cache::CacheKey flight;  // the key, or that of one of several answers under it
  bool has_credentials = false;
  bool has_condition = false;
  std::optional<http::ByteRange> range;  // a part is asked for: of what is in memory, or the owner
  bool refreshes = false;                // a background call, which is given `kept` and leads
  std::uint64_t begun = 0;               // cache::TagTable::now() before anything was looked up
  std::uint64_t generation = 0;          // in Redis, likewise; 0: not known
  std::int64_t request_ms = 0;           // when the owner was asked
  std::vector<cache::Tag> known_tags;    // those that do not depend on the answer

  // --- what was found ---
  cache::EntryRef kept;  // not fresh: to be validated, or to be used if the owner cannot answer
  bool by_etag_alone = false;
  bool validates = false;         // the owner is asked whether it is still good
  cache::EntryRef relayed;        // what is being sent
  std::string_view relayed_rest;  // … and is not yet

  // --- what becomes of the answer ---
  bool leads = false;     // others wait for it
  bool may_keep = false;  // it is looked at whether the answer may be kept
  policy::Freshness freshness;
  CacheFill fill;
  bool failed = false;  // there is none, and why
  Error error{ErrorCode::UpstreamReset};

  CacheStatus status;
  CacheResult result = CacheResult::Bypass;

  // --- waits ---
  struct Lookup final : cache::RedisLookup {
    explicit Lookup(CacheCallEvents& call_events) : events(&call_events) {}
    void on_looked_up(cache::EntryRef entry, std::uint64_t found_generation) override {
      waits = false;
      events->on_looked_up(std::move(entry), found_generation);
    }
    CacheCallEvents* events;
    bool waits = false;
  };
  struct Lock final : cache::RedisLock {
    explicit Lock(CacheCallEvents& call_events) : events(&call_events) {}
    void on_lock(bool got) override { events->on_locked(got); }
    CacheCallEvents* events;
    bool held = false;  // or asked for
  };
  void on_flight(const cache::FlightNews& news) override { events.on_flight(news); }

  CacheCallEvents& events;
  Lookup lookup{events};
  Lock lock{events};
  Instant poll_until{};   // another sidecar has the lock
  Duration poll_delay{};  // zero: nobody was asked for it yet
};

}  // namespace usher::proxy
