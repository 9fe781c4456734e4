// An order to make kept answers stale, as the admin port takes it: what to, whose, and carried out.
//
//   POST /cache/invalidate  {"tags": ["ticket:123"], "tenant": "…"}  without tenant: of all
//                           {"all": true, "tenant": "…"}             whatever its tags
//   POST /cache/invalidate?tag=ticket:123&tenant=…                   the same without a body
//
// Thread: main.  Bounds: kTagsMax tags in one order.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "cache/shared_cache.h"

namespace usher::server {

struct InvalidationOrder {
  static constexpr std::size_t kTagsMax = 1000;

  std::vector<std::string> tags;      // texts; empty: everything
  std::optional<std::string> tenant;  // "": calls without one; nothing: all, and what is public

  bool is_all() const { return tags.empty(); }
  // The texts that Redis is told: what every answer has stands for everything.
  std::vector<std::string> texts() const { return is_all() ? std::vector<std::string>{""} : tags; }
};

// Of a call's query or body; one of them is empty. Errors: a sentence that says what is wrong.
tl::expected<InvalidationOrder, std::string> parse_invalidation(std::string_view query,
                                                                std::string_view body);

// Carries the order out in Redis and the other sidecars. `done` is told whether Redis took all of
// it; what it did not take is tried again. Never inline. Empty: there is no Redis.
using InvalidateInRedis =
    std::function<void(const InvalidationOrder& order, std::function<void(bool complete)> done)>;

// Carries the order out in this process; says how many answers that were in memory are gone.
std::size_t invalidate_here(const InvalidationOrder& order, cache::SharedCache& cache);

}  // namespace usher::server
