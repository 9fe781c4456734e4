#include "server/cache_server.h"

#include "base/log.h"
#include "cache/digest.h"

namespace usher::server {
namespace {

// Without a secret of its own, that which lets one write to this Redis: it tells damaged entries
// and those of others who share the server apart, not those of somebody who has the password.
std::string seal_key_of(const cache::RedisOptions& options) {
  cache::Hasher hasher;
  hasher.begin();
  hasher.add("usher: what seals entries without cache.redis.secret");
  hasher.add(options.password);
  return cache::to_hex(hasher.end());
}

}  // namespace

CacheServer::CacheServer(net::Network& network, const config::Snapshot& snapshot)
    : redis_(snapshot.redis) {
  shared_ = std::make_unique<cache::SharedCache>(snapshot.cache_memory_bytes);
  if (!redis_) return;
  if (redis_->seal_key.empty()) redis_->seal_key = seal_key_of(*redis_);
  shared_->tags.set_trusted(false);  // until the channel is there
  own_redis_ = *redis_;
  own_redis_.connections = 1;
  client_ = std::make_unique<cache::RedisClient>(network, own_redis_);
  tier_ =
      std::make_unique<cache::RedisTier>(network, *client_, *redis_, shared_->tags, &shared_->open);
  invalidator_ = std::make_unique<RedisInvalidator>(network, *tier_);
  channel_ = std::make_unique<cache::InvalidationChannel>(network, *redis_, shared_->tags,
                                                          &shared_->open, tier_.get());
}

void CacheServer::start() {
  if (channel_ != nullptr) channel_->start();
}

InvalidateInRedis CacheServer::invalidate_in_redis() {
  if (invalidator_ == nullptr) return {};
  return [this](const InvalidationOrder& order, RedisInvalidator::Done done) {
    invalidator_->invalidate(order, std::move(done));
  };
}

CacheFacts CacheServer::facts() const {
  CacheFacts facts{.memory = shared_->memory.facts(), .redis = {}};
  if (client_ == nullptr) return facts;
  facts.redis.emplace();
  facts.redis->channel_trusted = shared_->tags.is_trusted();
  facts.redis->channel_losses = channel_->losses();
  facts.redis->channel_messages = channel_->messages();
  facts.redis->add(client_->facts());
  return facts;
}

void CacheServer::shut() {
  if (channel_ != nullptr) channel_->shut();
  channel_.reset();
  invalidator_.reset();
  tier_.reset();
  client_.reset();
}

}  // namespace usher::server
