// Sidecars on one real Redis: each with a client, a table of tags and a tier of its own, all on the
// test's own loop.
#pragma once

#include <gtest/gtest.h>
#include <uv.h>

#include <chrono>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cache/hex.h"
#include "cache/redis_tier.h"
#include "cache/seal.h"
#include "net/uv_network.h"
#include "support/redis_server.h"

namespace usher::cache {

inline RedisOptions redis_options(const test::RedisServer& server) {
  RedisOptions options;
  RedisAddress address;
  address.host = "127.0.0.1";
  address.port = static_cast<std::uint16_t>(server.port());
  options.addresses = {address};
  options.prefix = "test:";
  options.seal_key = "a key of some length";
  options.connect_timeout = 10s;  // no test here is about time
  options.timeout = 10s;
  return options;
}

struct Lookup final : RedisLookup {
  void on_looked_up(EntryRef the_entry, std::uint64_t the_generation) override {
    EXPECT_FALSE(is_done);
    is_done = true;
    entry = std::move(the_entry);
    generation = the_generation;
  }
  bool is_done = false;
  EntryRef entry;
  std::uint64_t generation = 0;
};

// What a lookup told.
struct Found {
  EntryRef entry;
  std::uint64_t generation = 0;

  std::string body() const { return entry ? std::string(entry->body()) : "(none)"; }
};

struct Invalidation final : RedisInvalidation {
  void on_invalidated(bool done) override {
    is_over = true;
    is_done = done;
  }
  bool is_over = false;
  bool is_done = false;
};

struct Lock final : RedisLock {
  void on_lock(bool the_got) override {
    is_over = true;
    got = the_got;
  }
  bool is_over = false;
  bool got = false;
};

struct Sidecar {
  Sidecar(net::Network& network, const RedisOptions& the_options)
      : options(the_options),
        client(network, options),
        tier(network, client, options, tags, &open) {}

  RedisOptions options;
  RedisClient client;
  TagTable tags;
  OpenInvalidations open;
  RedisTier tier;
};

class RedisTierTest : public testing::Test {
 protected:
  using Texts = std::initializer_list<std::string_view>;

  explicit RedisTierTest(test::RedisServerOptions server_options = {})
      : server(std::move(server_options)) {}

  std::unique_ptr<Sidecar> make_sidecar() {
    auto sidecar = std::make_unique<Sidecar>(network, redis_options(server));
    EXPECT_TRUE(run_until([&] { return sidecar->tier.is_available(); }));
    return sidecar;
  }

  // Runs turns of the loop until `done`; false when that does not come.
  bool run_until(const std::function<bool()>& done) {
    const auto hopeless = std::chrono::steady_clock::now() + 20s;
    while (!done()) {
      if (std::chrono::steady_clock::now() > hopeless) return false;
      uv_run(network.loop(), UV_RUN_NOWAIT);
    }
    return true;
  }

  CacheKey key(std::string_view name) {
    hasher.begin();
    hasher.add(name);
    return {hasher.end(), scope};
  }
  std::vector<Tag> tags_of(Texts texts) {
    std::vector<Tag> tags;
    for (const std::string_view text : texts) tags.push_back(make_tag(hasher, scope, text));
    return tags;
  }

  Found look_up(Sidecar& sidecar, const CacheKey& wanted, std::span<const Tag> known = {}) {
    Lookup lookup;
    EXPECT_TRUE(run_until([&] { return sidecar.tier.look_up(lookup, wanted, 7, known); }));
    EXPECT_TRUE(run_until([&] { return lookup.is_done; }));
    return {lookup.entry, lookup.generation};
  }
  std::string body_of(Sidecar& sidecar, std::string_view name) {
    return look_up(sidecar, key(name)).body();
  }

  EntryRef make_entry(std::string_view name, std::uint64_t generation, std::string_view body,
                      Texts texts, std::int64_t life_ms = 60000) {
    const std::vector<Tag> tags = tags_of(texts);
    EntryParts parts;
    parts.key = key(name);
    parts.generation = generation;
    parts.freshness.generated_ms = network.wall_ms();
    parts.freshness.lifetime_ms = life_ms;
    parts.body = body;
    parts.tags = tags;
    return Entry::make(parts);
  }
  // True when Redis took it, false when it refused it or it was not sent.
  bool store(Sidecar& sidecar, const EntryRef& entry) {
    EXPECT_TRUE(run_until([&] { return sidecar.tier.is_available(); }));
    const RedisTierFacts before = sidecar.tier.facts();
    sidecar.tier.store(entry);
    RedisTierFacts after;
    EXPECT_TRUE(run_until([&] {
      after = sidecar.tier.facts();
      return after.stores + after.stores_refused + after.stores_failed >
             before.stores + before.stores_refused + before.stores_failed;
    }));
    return after.stores > before.stores;
  }
  // A miss, and the answer that a fetch then gets. False when Redis failed, too.
  bool fill(Sidecar& sidecar, std::string_view name, std::string_view body, Texts texts) {
    const Found miss = look_up(sidecar, key(name));
    return miss.generation != 0 && store(sidecar, make_entry(name, miss.generation, body, texts));
  }

  bool invalidate(Sidecar& sidecar, Texts texts) {
    Invalidation invalidation;
    EXPECT_TRUE(
        run_until([&] { return sidecar.tier.invalidate(invalidation, scope, tags_of(texts)); }));
    EXPECT_TRUE(run_until([&] { return invalidation.is_over; }));
    return invalidation.is_done;
  }

  // How often the server was asked for a command.
  int calls(const std::string& command) {
    const std::string stats = server.command({"INFO", "commandstats"});
    const std::string name = "cmdstat_" + command + ":calls=";
    const std::size_t at = stats.find(name);
    return at == std::string::npos ? 0 : std::stoi(stats.substr(at + name.size()));
  }

  // The names that Redis has them by.
  std::string in_scope(std::string_view rest) {
    std::string name = "test:{";
    append_hex(name, scope.value);
    return name.append("}:").append(rest);
  }
  std::string entry_name(std::string_view name) {
    std::string digits;
    append_hex(digits, key(name).digest.bytes);
    return in_scope("e:" + digits);
  }
  std::string tag_name(std::string_view text) {
    std::string digits;
    append_hex(digits, tags_of({text})[0].id);
    return in_scope("t:" + digits);
  }

  test::RedisServer server;
  net::UvNetwork network{64};
  Hasher hasher;
  ScopeId scope{0x0123456789abcdef};
};

}  // namespace usher::cache
