#include "cache/redis_errands.h"

#include <algorithm>
#include <chrono>

#include "cache/hex.h"
#include "cache/redis_tier.h"

namespace usher::cache {
namespace {

// Redis refuses an expiry that overflows.
constexpr std::int64_t kLifeMaxMs = std::int64_t{365} * 24 * 3600 * 1000;

std::uint64_t milliseconds(Duration duration) {
  return static_cast<std::uint64_t>(to_milliseconds(duration));
}

}  // namespace

RedisErrands::~RedisErrands() {
  for (Errand& errand : errands_) context_.client.cancel(errand);
}

RedisErrands::Errand* RedisErrands::begin(Kind kind) {
  if (errands_.size() == kErrandsMax) return nullptr;
  Errand& errand = errands_.emplace_back(*this, kind);
  errand.self = std::prev(errands_.end());
  return &errand;
}

void RedisErrands::end(Errand& errand) {
  if (errand.entry) store_bytes_ -= errand.entry->bytes();
  errands_.erase(errand.self);
}

void RedisErrands::store(const EntryRef& entry) {
  const std::size_t bytes = entry->bytes();
  Errand* errand =
      store_bytes_ + bytes > RedisTier::kStoreBytesMax ? nullptr : begin(Kind::Announce);
  if (errand == nullptr) {
    context_.counters.stores_failed.add();
    return;
  }
  errand->key = entry->key();
  errand->entry = entry;
  store_bytes_ += bytes;
  if (is_announced(errand->key.scope)) errand->kind = Kind::Store;
  send(*errand);
}

void RedisErrands::unlock(const CacheKey& key, const std::string& token) {
  Errand* errand = begin(Kind::Unlock);
  if (errand == nullptr) return;
  errand->key = key;
  errand->token = token;
  send(*errand);
}

void RedisErrands::send(Errand& errand) {
  if (!try_send(errand)) on_failure(errand);
}

bool RedisErrands::try_send(Errand& errand) {
  switch (errand.kind) {
    case Kind::Announce:
      context_.buffer.clear();
      append_hex(context_.buffer, errand.key.scope.value);
      context_.begin_script(context_.scripts.announce, errand.by_text, 1)
          .add_scopes()
          .add(context_.buffer)
          .add(milliseconds(RedisTier::kScopesLife) / 2)
          .add(milliseconds(RedisTier::kScopesLife));
      return context_.send_script(errand);
    case Kind::Store:
      return send_store(errand);
    case Kind::Unlock:
      context_.begin_script(context_.scripts.unlock, errand.by_text, 1)
          .add_lock(errand.key)
          .add(errand.token);
      return context_.send_script(errand);
  }
  return false;
}

bool RedisErrands::send_store(Errand& errand) {
  const Entry& entry = *errand.entry;
  const std::int64_t life =
      std::min(entry.freshness().usable_until_ms() - context_.network.wall_ms(), kLifeMaxMs);
  if (life <= 0) return false;
  const auto life_ms = static_cast<std::uint64_t>(life);
  RedisArguments& arguments =
      context_.begin_script(context_.scripts.store, errand.by_text, 2 + entry.tags().size())
          .add_entry(errand.key)
          .add_generation(errand.key.scope);
  for (const Tag& tag : entry.tags()) arguments.add_tag(errand.key.scope, tag);
  context_.sealer.seal(entry, context_.buffer);
  if (context_.buffer.size() > RedisTier::kSealedMax) return false;
  arguments.add(entry.generation())
      .add_large(context_.buffer)
      .add(life_ms)
      .add(life_ms + milliseconds(RedisTier::kTagMargin));
  return context_.send_script(errand);
}

bool RedisErrands::is_announced(ScopeId scope) const {
  const auto found = announced_.find(scope.value);
  return found != announced_.end() &&
         context_.network.now() - found->second < RedisTier::kAnnounceEvery;
}

void RedisErrands::on_reply(Errand& errand, const RedisReply& reply) {
  if (is_noscript(reply) && !errand.by_text) {
    errand.by_text = true;
    return send(errand);
  }
  if (reply.type() != RedisReply::Type::Integer) return on_failure(errand);
  if (errand.kind == Kind::Announce) return on_announced(errand);
  if (errand.kind == Kind::Store) {
    RedisTierCounters& counters = context_.counters;
    (reply.integer() == 1 ? counters.stores : counters.stores_refused).add();
  }
  end(errand);
}

void RedisErrands::on_announced(Errand& errand) {
  if (announced_.size() == kAnnouncedMax) announced_.clear();
  announced_[errand.key.scope.value] = context_.network.now();
  errand.kind = Kind::Store;
  errand.by_text = false;
  send(errand);
}

void RedisErrands::on_failure(Errand& errand) {
  if (errand.entry) context_.counters.stores_failed.add();
  end(errand);
}

}  // namespace usher::cache
