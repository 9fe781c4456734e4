// EndpointPolicy: what the configuration says of one endpoint, looked up endpoint → service →
// defaults → built-in.
//
// Thread: any; immutable once loaded.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "policy/breaker_options.h"
#include "policy/cache_policy.h"
#include "policy/concurrency_limit.h"
#include "policy/fallback.h"
#include "policy/hedge_policy.h"
#include "policy/repeatability.h"
#include "policy/retry_policy.h"

namespace usher::policy {

enum class TenantRule : std::uint8_t {
  Required,  // a call without X-Tenant-ID is refused
  Optional,  // checked when there
  None,      // not looked at, but passed on
};

enum class IdFormat : std::uint8_t {
  Uuid,  // versions 1–5 with the RFC 9562 variant: what the platform's shared middleware accepts
  UuidAny,  // 8-4-4-4-12 hexadecimal digits
  Opaque,   // any field value of 1–255 visible characters
};

// Whose breaker an endpoint's attempts ask.
enum class BreakerScope : std::uint8_t {
  Off,
  Endpoint,  // one of its own
  Service,   // the one that the service's endpoints share (upstream::ClusterOptions::breaker)
};

struct EndpointPolicy {
  TenantRule tenant = TenantRule::Required;
  IdFormat tenant_format = IdFormat::UuidAny;
  IdFormat user_format = IdFormat::UuidAny;
  Duration timeout =
      std::chrono::seconds(9);  // the whole call, from its head to the answer's last byte
  Duration per_try_timeout =
      std::chrono::seconds(3);  // one attempt, until the answer's head is there
  Duration connect_timeout = std::chrono::seconds(1);
  Duration body_timeout =
      std::chrono::seconds(30);  // without progress of the answer, once its head is there

  IdempotentRule idempotent = IdempotentRule::ByMethod;
  bool safe = false;     // "safe": true: it only reads, whatever its method
  bool make_key = true;  // a mutation without an Idempotency-Key gets one

  RetryOptions retry;
  BreakerScope breaker_scope = BreakerScope::Endpoint;
  BreakerOptions breaker = BreakerOptions::rates();  // of BreakerScope::Endpoint
  ConcurrencyOptions concurrency;                    // of the endpoint, in the whole process
  std::optional<HedgeOptions> hedge;
  std::optional<Fallback> fallback;

  std::optional<CachePolicy> cache;  // of reads; nothing: answers are not kept
  // Of mutations: what a successful one makes stale, and whether some kept answer has its path.
  std::vector<TagTemplate> invalidates;
  bool invalidates_path = false;
};

}  // namespace usher::policy
