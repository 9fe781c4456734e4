#include "policy/deadline.h"

#include "base/bytes.h"

namespace usher::policy {

RequestTimeout read_request_timeout(const http::Fields& fields) {
  constexpr auto kMaxMilliseconds = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(kMaxRequestTimeout).count());
  RequestTimeout timeout;
  for (const http::Field& field : fields) {
    if (field.id != http::FieldId::RequestTimeoutMs) continue;
    const auto milliseconds = parse_decimal(field.value);
    const bool given_twice = timeout.value.has_value() || timeout.invalid;
    if (given_twice || !milliseconds || *milliseconds > kMaxMilliseconds) {
      return {.value = std::nullopt, .invalid = true};
    }
    timeout.value = std::chrono::milliseconds(*milliseconds);
  }
  return timeout;
}

}  // namespace usher::policy
