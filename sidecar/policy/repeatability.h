// Repeatability: whether a call may reach its owner twice.
//
// Thread: any. Pure. Source: RFC 9110 §9.2.1 and §9.2.2.
#pragma once

#include <cstdint>

#include "http/message.h"

namespace usher::policy {

enum class Repeatability : std::uint8_t {
  Unsafe,      // at most one copy may be sent
  Keyed,       // the owner knows a repeated call by its Idempotency-Key
  Idempotent,  // a second copy changes nothing
  Safe,        // it changes nothing at all; it may even be sent twice at once (hedging)
};

constexpr bool may_repeat(Repeatability repeatability) {
  return repeatability != Repeatability::Unsafe;
}

// "idempotent" and "safe" of an endpoint.
enum class IdempotentRule : std::uint8_t {
  ByMethod,  // not written
  No,
  Yes,
  Key,  // the owner honours Idempotency-Key: may be repeated when the call has one
};

constexpr bool is_safe(http::Method method) {
  return method == http::Method::Get || method == http::Method::Head ||
         method == http::Method::Options;
}

constexpr bool is_idempotent(http::Method method) {
  return is_safe(method) || method == http::Method::Put || method == http::Method::Delete;
}

// `declared_safe`: the endpoint says "safe": true (a POST that only reads). `has_key`: the attempt
// carries an Idempotency-Key, the consumer's own or one made for the call.
constexpr Repeatability repeatability(http::Method method, IdempotentRule rule, bool declared_safe,
                                      bool has_key) {
  switch (rule) {
    case IdempotentRule::No:
      return Repeatability::Unsafe;
    case IdempotentRule::Key:
      return has_key ? Repeatability::Keyed : Repeatability::Unsafe;
    case IdempotentRule::ByMethod:
    case IdempotentRule::Yes:
      break;
  }
  if (declared_safe || is_safe(method)) return Repeatability::Safe;
  const bool idempotent = rule == IdempotentRule::Yes || is_idempotent(method);
  return idempotent ? Repeatability::Idempotent : Repeatability::Unsafe;
}

}  // namespace usher::policy
