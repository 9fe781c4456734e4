// The effective policy of an endpoint and what is configured of its owner: each value that takes
// effect, with where it comes from.
//
// What is off is one line; what has no effect is left out. No secret stands in it, only where it
// comes from.
// Thread: any.
#pragma once

#include <string>
#include <vector>

#include "config/snapshot.h"
#include "explain/source.h"

namespace usher::explain {

struct Setting {
  std::string key;      // "retry.attempts"
  std::string value;    // text, or JSON
  bool is_text = true;  // `value` is text, not JSON (a number, a list, true)
  Source source{};
  std::string
      cut_by{};  // the key of a shorter time that ends first; empty: the value is as written
  std::string cut_from{};  // the value that is written
};

// Of the policy keys of config/config_keys.h, in their order. REQUIRES: `endpoint` is the
// snapshot's.
std::vector<Setting> effective_policy(const config::Snapshot& snapshot,
                                      const route::Endpoint& endpoint);

// Where its owner is, which path it is asked for, how attempts are signed, who may call it.
std::vector<Setting> effective_owner(const config::Snapshot& snapshot,
                                     const route::Endpoint& endpoint);

}  // namespace usher::explain
