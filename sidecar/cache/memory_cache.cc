// An answer's node is in one chain and in one queue, newest first. There is a chain for each KiB of
// the limit; their table never grows, and what no answer needs of it is not touched.
//
// Ghosts are a table too: of keys that were pushed out of the small queue their hash and their
// turn. A ghost is remembered while no more of them followed than there are answers; four places
// share what their hashes have in common, and the oldest of them gives way.
#include "cache/memory_cache.h"

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include "base/check.h"
#include "base/intrusive_list.h"
#include "base/zeroed_array.h"

namespace usher::cache {
namespace {

constexpr std::size_t kBytesPerChain = 1024;
constexpr std::size_t kSmallPart = 10;      // of the shard's limit
constexpr std::size_t kLargestPart = 4;     // likewise
constexpr std::size_t kBlockOverhead = 16;  // what the allocator adds
constexpr std::uint8_t kUsesMax = 3;
// Answers that stay since they were used, while room is made for one. Beyond, the oldest goes in
// any case: the lock is held all the while.
constexpr int kChancesMax = 100;

// Of `count` places, by some bits of a hash.
std::size_t place_of(std::uint64_t hash, std::size_t count) {
  return static_cast<std::size_t>((hash >> 32) * count >> 32);
}

struct Node : ListHook {
  explicit Node(const EntryRef& kept) : entry(kept) {}

  const Digest& digest() const { return entry->key().digest; }
  std::size_t bytes() const { return entry->bytes() + sizeof(Node) + kBlockOverhead; }

  EntryRef entry;
  Node* next_in_chain = nullptr;
  std::uint8_t uses = 0;
  bool in_main = false;
};

// Nodes that are out of the cache, freed when nobody waits for the shard.
class Garbage {
 public:
  ~Garbage() {
    while (first_ != nullptr) delete std::exchange(first_, first_->next_in_chain);
  }
  void take(Node& node) { node.next_in_chain = std::exchange(first_, &node); }

 private:
  Node* first_ = nullptr;
};

class Ghosts {
 public:
  explicit Ghosts(std::size_t places) : places_(places / kWays * kWays) {}

  void remember(const Digest& digest) {
    const auto [begin, end] = ways(digest);
    if (begin == end) return;
    Place* const oldest = std::min_element(
        begin, end, [&](const Place& a, const Place& b) { return age(a) > age(b); });
    *oldest = {hash(digest), ++turn_};
  }
  // True once for a key that was remembered, and that less than `span` others followed.
  bool recall(const Digest& digest, std::size_t span) {
    const auto [begin, end] = ways(digest);
    Place* const place = std::find_if(begin, end, [&](const Place& one) {
      return one.hash == hash(digest) && one.turn != 0 && age(one) < span;
    });
    if (place == end) return false;
    *place = {};
    return true;
  }

 private:
  static constexpr std::size_t kWays = 4;
  struct Place {
    std::uint32_t hash;
    std::uint32_t turn;  // 0: free
  };

  // A free place is the oldest.
  std::uint32_t age(const Place& place) const { return turn_ - place.turn; }
  static std::uint32_t hash(const Digest& digest) {
    return static_cast<std::uint32_t>(digest.word(2));
  }
  std::pair<Place*, Place*> ways(const Digest& digest) {
    const std::size_t groups = places_.size() / kWays;
    if (groups == 0) return {nullptr, nullptr};
    Place* const begin = &places_[place_of(digest.word(1), groups) * kWays];
    return {begin, begin + kWays};
  }

  ZeroedArray<Place> places_;
  std::uint32_t turn_ = 0;
};

struct Queue {
  IntrusiveList<Node> nodes;
  std::size_t bytes = 0;
  std::size_t size = 0;

  void push(Node& node) {
    nodes.push_front(node);
    bytes += node.bytes();
    ++size;
  }
  void remove(Node& node) {
    node.unlink();
    bytes -= node.bytes();
    --size;
  }
};

}  // namespace

class alignas(64) MemoryCache::Shard {
 public:
  explicit Shard(std::size_t limit)
      : limit_(limit),
        chains_(std::max<std::size_t>(limit / kBytesPerChain, 1)),
        ghosts_(limit / kBytesPerChain) {}
  ~Shard() { clear(); }

  EntryRef find(const CacheKey& key, bool is_use) {
    const std::lock_guard lock(mutex_);
    Node* const found = *link_of(key);
    if (found == nullptr) return {};
    if (is_use && found->uses < kUsesMax) ++found->uses;
    return found->entry;
  }

  void put(const EntryRef& entry) {
    auto node = std::make_unique<Node>(entry);
    Garbage garbage;  // outlives the lock
    const std::lock_guard lock(mutex_);
    if (Node** const link = link_of(entry->key()); *link != nullptr) {
      node->uses = (*link)->uses;
      node->in_main = (*link)->in_main;
      take_out(link, garbage);
    } else {
      node->in_main = ghosts_.recall(node->digest(), small_.size + main_.size);
    }
    if (node->bytes() > limit_ / kLargestPart) return;
    make_room(node->bytes(), garbage);
    Node** const link = link_of(entry->key());
    queue_of(*node).push(*node);
    *link = node.release();
  }

  void remove(const EntryRef& entry) {
    Garbage garbage;
    const std::lock_guard lock(mutex_);
    Node** const link = link_of(entry->key());
    if (*link != nullptr && (*link)->entry.get() == entry.get()) take_out(link, garbage);
  }

  template <typename Drops>
  std::size_t remove_if(const Drops& drops) {
    Garbage garbage;
    const std::lock_guard lock(mutex_);
    return remove_if(small_, drops, garbage) + remove_if(main_, drops, garbage);
  }

  void clear() {
    remove_if([](const Entry&) { return true; });
  }

  void add_to(MemoryCacheFacts& facts) const {
    const std::lock_guard lock(mutex_);
    facts.bytes += small_.bytes + main_.bytes;
    facts.entries += small_.size + main_.size;
    facts.evictions += evictions_;
  }

 private:
  // What points to the key's node, or where that would be.
  Node** link_of(const CacheKey& key) {
    Node** link = &chains_[place_of(key.digest.word(1), chains_.size())];
    while (*link != nullptr && !((*link)->entry->key() == key)) link = &(*link)->next_in_chain;
    return link;
  }

  Queue& queue_of(const Node& node) { return node.in_main ? main_ : small_; }

  // REQUIRES: there is one.
  void take_out(Node** link, Garbage& garbage) {
    USHER_CHECK(*link != nullptr);
    Node& node = **link;
    *link = node.next_in_chain;
    queue_of(node).remove(node);
    garbage.take(node);
  }

  void make_room(std::size_t bytes, Garbage& garbage) {
    int chances = kChancesMax;
    while (small_.bytes + main_.bytes + bytes > limit_) {
      const bool from_small = small_.bytes > limit_ / kSmallPart || main_.size == 0;
      Node& oldest = *(from_small ? small_ : main_).nodes.back();
      if (oldest.uses > 0 && chances > 0) {
        --chances;
        keep_on(oldest);
        continue;
      }
      if (from_small) ghosts_.remember(oldest.digest());
      take_out(link_of(oldest.entry->key()), garbage);
      ++evictions_;
    }
  }

  void keep_on(Node& node) {
    queue_of(node).remove(node);
    node.uses = static_cast<std::uint8_t>(node.in_main ? node.uses - 1 : 0);
    node.in_main = true;
    main_.push(node);
  }

  template <typename Drops>
  std::size_t remove_if(Queue& queue, const Drops& drops, Garbage& garbage) {
    const std::size_t size = queue.size;
    // Once round, so that those that stay are in order again.
    for (std::size_t i = 0; i < size; ++i) {
      Node& node = *queue.nodes.back();
      if (drops(*node.entry)) {
        take_out(link_of(node.entry->key()), garbage);
      } else {
        node.unlink();
        queue.nodes.push_front(node);
      }
    }
    return size - queue.size;
  }

  mutable std::mutex mutex_;
  const std::size_t limit_;
  ZeroedArray<Node*> chains_;
  Queue small_;
  Queue main_;
  Ghosts ghosts_;
  std::uint64_t evictions_ = 0;
};

MemoryCache::MemoryCache(std::size_t limit) : limit_(limit) {
  for (std::size_t i = 0; i < kShards; ++i) {
    shards_.push_back(std::make_unique<Shard>(limit / kShards));
  }
}

MemoryCache::~MemoryCache() = default;

MemoryCache::Shard& MemoryCache::shard(const CacheKey& key) {
  return *shards_[key.digest.word() % kShards];
}

EntryRef MemoryCache::find(const CacheKey& key) {
  return shard(key).find(key, true);
}

EntryRef MemoryCache::peek(const CacheKey& key) {
  return shard(key).find(key, false);
}

void MemoryCache::put(const EntryRef& entry) {
  shard(entry->key()).put(entry);
}

void MemoryCache::remove(const EntryRef& entry) {
  shard(entry->key()).remove(entry);
}

void MemoryCache::clear() {
  for (const auto& shard : shards_) shard->clear();
}

std::size_t MemoryCache::remove_if(const std::function<bool(const Entry&)>& drops) {
  std::size_t removed = 0;
  for (const auto& shard : shards_) removed += shard->remove_if(drops);
  return removed;
}

MemoryCacheFacts MemoryCache::facts() const {
  MemoryCacheFacts facts;
  facts.limit = limit_;
  for (const auto& shard : shards_) shard->add_to(facts);
  return facts;
}

}  // namespace usher::cache
