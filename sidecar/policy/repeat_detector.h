// RepeatDetector recognises a consumer that retries by itself, so that its retries and Usher's do
// not multiply.
//
// A call is a repeat when it says so (X-Retry-Attempt of 1 or more), or when the same call failed
// within the last 10 s: the same Idempotency-Key, or without one the same trace, target and body.
// Usher then adds no retry of its own.
//
// Owner: the worker (a consumer that moves to another worker's connection is not recognised by its
// key there, but mostly by its header).  Thread: worker.
// Bounds: kCapacity calls, 128 KiB, reserved by the first failure; where a set is full the oldest
// is forgotten. Two calls with the same fingerprint (1 in 2^64) are taken for one: it then gets no
// retry.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/clock.h"
#include "http/message.h"

namespace usher::policy {

// X-Retry-Attempt of the consumer; 0 when absent or no number.
int read_retry_attempt(const http::Fields& fields);

// What makes a call the same call. `endpoint`: its number or address, any value of its own.
struct CallIdentity {
  std::uint64_t endpoint = 0;
  std::string_view idempotency_key;  // the consumer's; empty when it sent none
  std::string_view tenant;
  // Without a key only:
  std::string_view trace_id;  // the consumer's; empty when it sent none
  std::string_view target;
  std::uint64_t body_hash = 0;  // of any hash function; 0 without a body
};

class RepeatDetector {
 public:
  static constexpr std::size_t kCapacity = 8192;
  static constexpr Duration kMemory = std::chrono::seconds(10);

  // 0 when the call has neither key nor trace of the consumer's: it cannot be recognised.
  static std::uint64_t fingerprint(const CallIdentity& call);

  // A call has failed as the consumer sees it, or the consumer left before it had an answer.
  void failed(std::uint64_t fingerprint, Instant now);

  bool repeats(std::uint64_t fingerprint, Instant now) const;

  // Some call has failed since the start: until then there is no need to ask.
  bool remembers() const { return sets_ != nullptr; }

 private:
  static constexpr std::size_t kWays = 4;
  static constexpr std::size_t kSets = kCapacity / kWays;

  struct Entry {
    std::uint64_t fingerprint = 0;  // 0: empty
    Instant at;
  };
  using Set = std::array<Entry, kWays>;

  std::unique_ptr<std::array<Set, kSets>> sets_;
};

}  // namespace usher::policy
