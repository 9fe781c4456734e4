// The cache's part of the metrics page.
#pragma once

#include "server/cache_facts.h"
#include "server/metrics_writer.h"

namespace usher::server {

// Samples of the memory where some endpoint has `cache`, of Redis where there is one.
void add_cache(MetricsWriter& page, const config::Snapshot& snapshot, const CacheFacts& facts);

}  // namespace usher::server
