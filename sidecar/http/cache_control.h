// Cache-Control, of a call or an answer (RFC 9111 §5.2).
//
// Thread: any. Pure.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>

#include "http/message.h"

namespace usher::http {

// Directives that are there. A time that is no number is 0 (stale), one that is too large the
// largest (RFC 9111 §1.2.2, §4.2.1); of one given twice the shortest counts. no_cache and private_
// also where they name fields only: what they say of a part is taken for the whole.
struct CacheControl {
  static constexpr std::int64_t kAny = std::numeric_limits<std::int32_t>::max();

  bool no_store = false;
  bool no_cache = false;
  bool private_ = false;
  bool public_ = false;
  bool must_revalidate = false;
  bool proxy_revalidate = false;
  bool must_understand = false;
  bool only_if_cached = false;
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

}  // namespace usher::http
