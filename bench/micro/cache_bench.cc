#include <benchmark/benchmark.h>

#include <array>
#include <string>
#include <vector>

#include "base/random.h"
#include "cache/cache_key.h"
#include "cache/entry.h"
#include "cache/json_values.h"
#include "cache/memory_cache.h"
#include "cache/seal.h"
#include "cache/tag_table.h"

namespace usher::cache {
namespace {

constexpr std::string_view kTarget =
    "/internal/tickets/7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a01/status?limit=20&status=active";

void make_cache_key(benchmark::State& state) {
  Hasher hasher;
  policy::CachePolicy policy;
  http::Fields fields;
  fields.add("Accept", "application/json", http::FieldId::Other);
  fields.add("Accept-Encoding", "gzip, deflate, br", http::FieldId::Other);
  if (state.range(0) > 0) policy.vary = {"accept-encoding"};
  const KeyParts parts{.consumer = "payment-service",
                       .service = "ticket-service",
                       .endpoint = "ticket-status",
                       .target = kTarget,
                       .tenant = "c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f",
                       .user = {},
                       .fields = fields};
  while (state.KeepRunning()) benchmark::DoNotOptimize(make_key(hasher, policy, parts));
}
BENCHMARK(make_cache_key)->Arg(0)->Arg(1);

void make_cache_tag(benchmark::State& state) {
  Hasher hasher;
  while (state.KeepRunning()) {
    benchmark::DoNotOptimize(make_tag(hasher, {1}, "ticket:7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a01"));
  }
}
BENCHMARK(make_cache_tag);

const std::string kBody(2048, 'x');
constexpr std::string_view kLines =
    "content-type: application/json; charset=utf-8\r\nDate: Mon, 12 Jan 2026 10:00:00 GMT\r\n"
    "x-content-type-options: nosniff\r\nVary: Accept-Encoding\r\n";

EntryRef make_entry(Hasher& hasher, std::uint64_t number) {
  hasher.begin();
  hasher.add(number);
  const std::array<Tag, 2> tags = {make_tag(hasher, {1}, std::to_string(number)),
                                   make_tag(hasher, {1}, "all")};
  hasher.begin();
  hasher.add(number);
  EntryParts parts;
  parts.key = {hasher.end(), {1}};
  parts.begun = 1;
  parts.lines = kLines;
  parts.body = kBody;
  parts.tags = tags;
  return Entry::make(parts);
}

// Of so many answers, in an order of chance: what is found, and whether its tags are good.
void find_in_memory(benchmark::State& state) {
  static MemoryCache cache(256 * 1024 * 1024);
  static TagTable tags;
  Hasher hasher;
  std::vector<CacheKey> keys;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    const EntryRef entry = make_entry(hasher, static_cast<std::uint64_t>(i));
    keys.push_back(entry->key());
    if (state.thread_index() == 0) cache.put(entry);
  }
  Random random(1);
  while (state.KeepRunning()) {
    const EntryRef found = cache.find(keys[random.next() % keys.size()]);
    benchmark::DoNotOptimize(found && tags.is_good(found->begun(), found->tags()));
  }
}
BENCHMARK(find_in_memory)->Arg(1)->Arg(100)->Arg(50'000)->Threads(1)->Threads(2);

// A new answer that pushes another one out.
void put_in_memory(benchmark::State& state) {
  MemoryCache cache(16 * 1024 * 1024);
  Hasher hasher;
  std::vector<EntryRef> entries;
  for (std::uint64_t i = 0; i < 20'000; ++i) entries.push_back(make_entry(hasher, i));
  for (const EntryRef& entry : entries) cache.put(entry);
  std::size_t next = 0;
  while (state.KeepRunning()) {
    cache.put(entries[next]);
    next = next + 1 == entries.size() ? 0 : next + 1;
  }
}
BENCHMARK(put_in_memory);

void make_and_free_entry(benchmark::State& state) {
  Hasher hasher;
  const EntryRef entry = make_entry(hasher, 1);
  while (state.KeepRunning()) benchmark::DoNotOptimize(Entry::make(entry->parts()));
}
BENCHMARK(make_and_free_entry);

void seal_entry(benchmark::State& state) {
  Hasher hasher;
  Sealer sealer("bench-0123456789abcdef0123456789abcdef0123");
  const EntryRef entry = make_entry(hasher, 1);
  std::string bytes;
  while (state.KeepRunning()) {
    sealer.seal(*entry, bytes);
    benchmark::DoNotOptimize(bytes.data());
  }
}
BENCHMARK(seal_entry);

void open_entry(benchmark::State& state) {
  Hasher hasher;
  Sealer sealer("bench-0123456789abcdef0123456789abcdef0123");
  const EntryRef entry = make_entry(hasher, 1);
  std::string bytes;
  sealer.seal(*entry, bytes);
  while (state.KeepRunning()) {
    benchmark::DoNotOptimize(sealer.open(bytes, entry->key(), 0, 1, 1768210800000));
  }
}
BENCHMARK(open_entry);

// The ids of twenty tickets, of 2 KiB.
void read_json_values(benchmark::State& state) {
  std::string json = R"({"tickets":[)";
  for (int i = 0; i < 20; ++i) {
    json += i == 0 ? "" : ",";
    json += R"({"id":"7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a01","status":"active","price":1250,)";
    json += R"("seat":{"row":"A","number":)" + std::to_string(i) + "}}";
  }
  json += R"(],"total":20})";
  const std::vector<std::string> pointer = {"tickets", "*", "id"};
  JsonValues values;
  std::size_t size = 0;
  while (state.KeepRunning()) {
    values.each(json, pointer, [&](std::string_view value) { size += value.size(); });
  }
  benchmark::DoNotOptimize(size);
}
BENCHMARK(read_json_values);

}  // namespace
}  // namespace usher::cache
