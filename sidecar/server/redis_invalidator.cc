#include "server/redis_invalidator.h"

#include <memory>
#include <utility>
#include <vector>

namespace usher::server {

// The tags of one tenant, until Redis has taken them or has not. Frees itself.
class RedisInvalidator::Errand final : public ErrandHook,
                                       private cache::RedisInvalidation,
                                       private net::Task {
 public:
  Errand(RedisInvalidator& owner, const InvalidationOrder& order, Done done)
      : owner_(&owner), done_(std::move(done)) {
    cache::Hasher hasher;
    scope_ = cache::scope_of(hasher, policy::CacheScope::Tenant, *order.tenant);
    for (const std::string& text : order.texts()) tags_.push_back(make_tag(hasher, scope_, text));
  }
  ~Errand() override { owner_->tier_->cancel(*this); }

  void start() {
    if (!owner_->tier_->invalidate(*this, scope_, tags_)) on_invalidated(false);
  }

 private:
  void on_invalidated(bool done) override {
    is_complete_ = done;
    if (!done) owner_->tier_->invalidate_later(scope_, tags_);
    owner_->network_->defer(*this);
  }
  void run() override {
    const std::unique_ptr<Errand> self(this);
    done_(is_complete_);
  }

  RedisInvalidator* owner_;
  Done done_;
  cache::ScopeId scope_;
  std::vector<cache::Tag> tags_;
  bool is_complete_ = false;
};

RedisInvalidator::RedisInvalidator(net::Network& network, cache::RedisTier& tier)
    : network_(&network), tier_(&tier) {}

RedisInvalidator::~RedisInvalidator() {
  while (Errand* errand = errands_.pop_front()) delete errand;
}

void RedisInvalidator::invalidate(const InvalidationOrder& order, Done done) {
  if (order.tenant) {
    invalidate_tenant(order, std::move(done));
  } else {
    invalidate_everywhere(order, std::move(done));
  }
}

void RedisInvalidator::invalidate_tenant(const InvalidationOrder& order, Done done) {
  auto errand = std::make_unique<Errand>(*this, order, std::move(done));
  errands_.push_back(*errand);
  errand.release()->start();
}

void RedisInvalidator::invalidate_everywhere(const InvalidationOrder& order, Done done) {
  struct Progress {
    std::size_t left;
    bool complete = true;
    Done done;
  };
  const std::vector<std::string> texts = order.texts();
  const auto progress =
      std::make_shared<Progress>(Progress{.left = texts.size(), .done = std::move(done)});
  for (const std::string& text : texts) {
    tier_->invalidate_everywhere(text, [progress](bool complete, std::size_t) {
      progress->complete = progress->complete && complete;
      if (--progress->left == 0) progress->done(progress->complete);
    });
  }
}

}  // namespace usher::server
