// CachePlan: what the cache has to do with a call.
//
// Thread: any.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "cache/cache_key.h"
#include "config/snapshot.h"
#include "explain/parsed_call.h"

namespace usher::explain {

struct CachePlan {
  bool keeps = false;      // the endpoint keeps answers
  bool looked_up = false;  // an answer may be found for this call
  bool stored = false;     // … and this one's may be kept
  std::string why_not{};   // it is not looked up
  std::string kept_in{};   // "memory of 32MiB and Redis"
  // What the key is made of, by name, in words.
  std::vector<std::pair<std::string, std::string>> key{};
  std::string digest{};                    // of it; hexadecimal
  std::vector<std::string> tags{};         // a value that only the answer has stands as its pointer
  std::vector<std::string> invalidates{};  // likewise the call's body
  bool invalidates_path = false;
  std::vector<std::string> freshness{};  // a sentence each
};

struct CacheQuestion {
  const http::RequestHead& head;
  const route::RouteMatch& match;
  std::string_view consumer;
  std::string_view tenant;
  std::string_view user;
};

CachePlan plan_cache(const config::Snapshot& snapshot, const CacheQuestion& question);

}  // namespace usher::explain
