// "cache.redis" of usher.json: where Redis is, how it is talked to and when it is left alone.
//
// Thread: main. Blocking file reads, of what references name.
#pragma once

#include <optional>

#include "cache/redis_options.h"
#include "config/object_reader.h"
#include "config/reference.h"

namespace usher::config {

// The "redis" of `cache`; nothing without one.
std::optional<cache::RedisOptions> read_redis(ObjectReader& cache, References& references,
                                              Problems& problems);

}  // namespace usher::config
