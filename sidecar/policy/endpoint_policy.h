// EndpointPolicy: what the configuration says of one endpoint, looked up endpoint → service →
// defaults → built-in.
//
// Thread: any; immutable once loaded.
#pragma once

#include <cstdint>

#include "base/clock.h"

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
  bool repeatable = false;  // may be sent twice: idempotent by method, or "idempotent"/"safe": true
};

}  // namespace usher::policy
