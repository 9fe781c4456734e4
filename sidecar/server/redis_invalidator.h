// RedisInvalidator: orders of the admin port carried out in Redis, and by it in every other
// sidecar.
//
// Owner: Server; goes before the tier, and calls nobody back after that.  Thread: main.
#pragma once

#include <functional>

#include "base/intrusive_list.h"
#include "cache/redis_tier.h"
#include "net/network.h"
#include "server/cache_invalidation.h"

namespace usher::server {

class RedisInvalidator {
 public:
  using Done = std::function<void(bool complete)>;

  RedisInvalidator(net::Network& network, cache::RedisTier& tier);
  ~RedisInvalidator();
  RedisInvalidator(const RedisInvalidator&) = delete;
  RedisInvalidator& operator=(const RedisInvalidator&) = delete;

  // `done` is told whether Redis took all of it, in a later turn or at the end of this one. What it
  // did not take is tried again for RedisTier::kRepeatFor.
  void invalidate(const InvalidationOrder& order, Done done);

 private:
  class Errand;
  struct ErrandHook : ListHook {};

  void invalidate_tenant(const InvalidationOrder& order, Done done);
  void invalidate_everywhere(const InvalidationOrder& order, Done done);

  net::Network* network_;
  cache::RedisTier* tier_;
  IntrusiveList<Errand, ErrandHook> errands_;
};

}  // namespace usher::server
