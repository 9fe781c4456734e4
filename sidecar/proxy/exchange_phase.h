// Phase: where an Exchange is. The one variable that says what happens next, and what has already
// happened.
//
//   Idle → Route → Context → HoldBody → Limit → Admit → Attempt → Relay → Finish → Idle
//                     ├─── Lookup ────────↗       ↑ └────────┐│└ Invalidate ┘
//                     └───────────────────↗       ├─────── Backoff
//                                                 └──────────┘ at once, on a fresh connection
//   From Admit and Attempt also to Relay with an answer that was held back, from Lookup with a kept
//   one, and from each phase to Finish, with an error's answer or without a consumer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace usher::proxy {

enum class Phase : std::uint8_t {
  Idle,        // no call
  Route,       // which endpoint is it
  Context,     // for whom; may this consumer
  Lookup,      // is there a kept answer; does another call fetch it
  HoldBody,    // the signature covers the body: wait for all of it
  Limit,       // a place among the calls of the endpoint and of the owner
  Admit,       // is there time, does the breaker let it through; which host
  Attempt,     // a connection, the head signed and sent; wait for the answer's head
  Backoff,     // wait before the next attempt
  Invalidate,  // wait until all sidecars know of what the call has changed
  Relay,       // the answer's body to the consumer
  Finish,      // count, log, hand the connection on
};
inline constexpr std::size_t kPhases = 12;

constexpr std::string_view to_string(Phase phase) {
  constexpr std::array<std::string_view, kPhases> kNames = {
      "idle",  "route",   "context", "lookup",     "hold-body", "limit",
      "admit", "attempt", "backoff", "invalidate", "relay",     "finish"};
  return kNames[static_cast<std::size_t>(phase)];
}

// The phases that may follow each phase, as bits.
constexpr std::uint16_t bit(Phase phase) {
  return static_cast<std::uint16_t>(1u << static_cast<unsigned>(phase));
}

inline constexpr std::array<std::uint16_t, kPhases> kTransitions = {
    /* Idle     */ bit(Phase::Route) | bit(Phase::Finish),
    /* Route    */ bit(Phase::Context) | bit(Phase::Finish),
    /* Context  */ bit(Phase::Lookup) | bit(Phase::HoldBody) | bit(Phase::Limit) |
        bit(Phase::Finish),
    /* Lookup   */ bit(Phase::Limit) | bit(Phase::Relay) | bit(Phase::Finish),
    /* HoldBody */ bit(Phase::Limit) | bit(Phase::Finish),
    /* Limit    */ bit(Phase::Admit) | bit(Phase::Finish),
    /* Admit    */ bit(Phase::Attempt) | bit(Phase::Backoff) | bit(Phase::Relay) |
        bit(Phase::Finish),
    /* Attempt  */ bit(Phase::Admit) | bit(Phase::Backoff) | bit(Phase::Invalidate) |
        bit(Phase::Relay) | bit(Phase::Finish),
    /* Backoff  */ bit(Phase::Admit) | bit(Phase::Finish),
    /* Invalid. */ bit(Phase::Relay) | bit(Phase::Finish),
    /* Relay    */ bit(Phase::Finish),
    /* Finish   */ bit(Phase::Idle),
};

constexpr bool may_follow(Phase from, Phase to) {
  return (kTransitions[static_cast<std::size_t>(from)] & bit(to)) != 0;
}

// Every phase of a call can end it, and nothing leads from the answer's first byte back to another
// attempt.
constexpr bool transitions_are_sound() {
  for (std::size_t i = 0; i < kPhases; ++i) {
    const auto phase = static_cast<Phase>(i);
    if (phase != Phase::Finish && !may_follow(phase, Phase::Finish)) return false;
  }
  return kTransitions[static_cast<std::size_t>(Phase::Relay)] == bit(Phase::Finish) &&
         kTransitions[static_cast<std::size_t>(Phase::Finish)] == bit(Phase::Idle);
}
static_assert(transitions_are_sound());

}  // namespace usher::proxy
