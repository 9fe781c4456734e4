// Cache-Control, of a call or an answer (RFC 9111 §5.2).
//
// Thread: any. Pure.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

#include "http/message.h"

namespace usher::http {

// Directives that are there, by names without case; unknown ones are passed over (§5.2.3). A time
// may be quoted (§5.2); one that is no number is 0 (stale, §4.2.1), one that is too large the
// largest (§1.2.2); of one given twice the shortest counts. min_fresh is the other way round: each
// doubt makes it longer. no_cache and private_ also where they name fields only: what they say of a
// part is taken for the whole.
struct CacheControl {
  static constexpr std::int64_t kAny = std::numeric_limits<std::int32_t>::max();

  bool no_store = false;
  bool no_cache = false;
  // As the directives are called, which C++ has words of its own for.
  bool private_ = false;  // NOLINT(readability-identifier-naming)
  bool public_ = false;   // NOLINT(readability-identifier-naming)
  bool must_revalidate = false;
  bool proxy_revalidate = false;
  bool must_understand = false;
  bool only_if_cached = false;
  bool is_targeted = false;  // of a field for caches like this one alone (http/targeted_control.h)
  std::optional<std::int64_t> max_age;  // all in seconds
  std::optional<std::int64_t> s_maxage;
  std::optional<std::int64_t> min_fresh;
  std::optional<std::int64_t> max_stale;  // kAny without a value
  std::optional<std::int64_t> stale_while_revalidate;
  std::optional<std::int64_t> stale_if_error;

  // All Cache-Control fields; without any, Pragma: no-cache is no_cache (requests; §5.4).
  static CacheControl of_request(const Fields& fields);
  static CacheControl of_response(const Fields& fields);
};

// Seconds as caching counts them (§1.2.2): digits and nothing else, at most kAny; more is kAny.
std::optional<std::int64_t> parse_delta_seconds(std::string_view text);

}  // namespace usher::http
