// "cache" and "invalidates" of an endpoint: which of its answers are kept, and which kept ones it
// makes stale.
//
// Thread: main.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/object_reader.h"
#include "http/message.h"
#include "policy/cache_policy.h"
#include "policy/tag_template.h"

namespace usher::config {

// What an endpoint's "match" says; where that is wrong, only what does not depend on it is checked.
struct MatchedCall {
  http::Method method;
  std::vector<std::string> parameters;  // names, in order
};

// Makes what a policy keeps depend on `text` as well.
void add_to_version(policy::CachePolicy& policy, std::string_view text);

std::optional<policy::CachePolicy> read_endpoint_cache(ObjectReader& endpoint,
                                                       const std::optional<MatchedCall>& call,
                                                       Problems& problems);

std::vector<policy::TagTemplate> read_invalidates(ObjectReader& endpoint,
                                                  const std::optional<MatchedCall>& call,
                                                  Problems& problems);

}  // namespace usher::config
