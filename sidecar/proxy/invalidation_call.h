// InvalidationCall: what a mutation makes stale, and the wait until all sidecars know of it.
//
// Owner: Exchange, made with its first such call and used again.  Thread: worker.
#pragma once

#include <cstddef>
#include <vector>

#include "cache/redis_tier.h"
#include "cache/tag.h"

namespace usher::proxy {

struct InvalidatedScope;

class InvalidationEvents {
 public:
  // Redis knows of it, or failed; never inline.
  virtual void on_invalidated(InvalidatedScope& scope) = 0;

 protected:
  ~InvalidationEvents() = default;
};

// The tags of one scope: those of the call's tenant, or those of answers that are for everybody.
struct InvalidatedScope final : cache::RedisInvalidation {
  explicit InvalidatedScope(InvalidationEvents& call_events) : events(&call_events) {}

  void on_invalidated(bool is_done) override {
    waits = false;
    failed = !is_done;
    events->on_invalidated(*this);
  }

  InvalidationEvents* events;
  cache::ScopeId scope;
  std::vector<cache::Tag> tags;
  bool waits = false;
  bool failed = false;
};

struct InvalidationCall {
  explicit InvalidationCall(InvalidationEvents& events) : tenant(events), everybody(events) {}

  bool waits() const { return tenant.waits || everybody.waits; }
  bool failed() const { return tenant.failed || everybody.failed; }

  InvalidatedScope tenant;
  InvalidatedScope everybody;
  bool is_readable = true;  // the call's body, where tags are in it
};

}  // namespace usher::proxy
