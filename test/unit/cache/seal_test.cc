#include "cache/seal.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "base/random.h"
#include "support/seal_mac.h"
#include "unit/cache/support.h"

namespace usher::cache {
namespace {

constexpr std::string_view kSealKey = "seal-0123456789abcdef0123456789abcdef";
const CacheKey kKey = key_named("key");

std::string sealed(const Entry& entry, std::string_view seal_key = kSealKey) {
  Sealer sealer(seal_key);
  std::string bytes = "left from before";
  sealer.seal(entry, bytes);
  return bytes;
}

EntryRef opened(std::string_view bytes, const CacheKey& key = kKey,
                std::string_view seal_key = kSealKey) {
  // Memory of its own size, so that a sanitizer sees each byte read beyond it.
  const std::vector<char> copy(bytes.begin(), bytes.end());
  return Sealer(seal_key).open({copy.data(), copy.size()}, key, 1, 2, 3);
}

std::string any_text(Random& random, std::size_t bound) {
  std::string text(random.next() % bound, '\0');
  std::generate(text.begin(), text.end(), [&] { return static_cast<char>(random.next()); });
  return text;
}

EntryRef random_entry(Random& random) {
  Hasher hasher;
  const std::string lines = any_text(random, 300);
  const std::string etag = any_text(random, 20);
  const std::string date = any_text(random, 30);
  const std::string body = any_text(random, 3000);
  std::vector<Tag> tags(random.next() % 5);
  for (Tag& tag : tags) tag = make_tag(hasher, {random.next()}, any_text(random, 10));
  EntryParts parts;
  parts.kind = random.next() % 4 == 0 ? EntryKind::Vary : EntryKind::Answer;
  parts.key = kKey;
  parts.freshness = {.generated_ms = static_cast<std::int64_t>(random.next()),
                     .lifetime_ms = static_cast<std::int64_t>(random.next()),
                     .stale_while_revalidate_ms = static_cast<std::int64_t>(random.next()),
                     .stale_if_error_ms = static_cast<std::int64_t>(random.next()),
                     .must_revalidate = random.next() % 2 == 0,
                     .no_cache = random.next() % 2 == 0,
                     .shared = random.next() % 2 == 0};
  parts.generation = random.next();
  parts.status = static_cast<int>(random.next() % 600);
  parts.lines = lines;
  parts.etag = etag;
  parts.last_modified = date;
  parts.body = body;
  parts.tags = tags;
  return Entry::make(parts);
}

void expect_same(const Entry& one, const Entry& other) {
  EXPECT_EQ(one.kind(), other.kind());
  EXPECT_EQ(one.key(), other.key());
  EXPECT_EQ(one.freshness().generated_ms, other.freshness().generated_ms);
  EXPECT_EQ(one.freshness().lifetime_ms, other.freshness().lifetime_ms);
  EXPECT_EQ(one.freshness().stale_while_revalidate_ms, other.freshness().stale_while_revalidate_ms);
  EXPECT_EQ(one.freshness().stale_if_error_ms, other.freshness().stale_if_error_ms);
  EXPECT_EQ(one.freshness().must_revalidate, other.freshness().must_revalidate);
  EXPECT_EQ(one.freshness().no_cache, other.freshness().no_cache);
  EXPECT_EQ(one.freshness().shared, other.freshness().shared);
  EXPECT_EQ(one.generation(), other.generation());
  EXPECT_EQ(one.status(), other.status());
  EXPECT_EQ(one.lines(), other.lines());
  EXPECT_EQ(one.etag(), other.etag());
  EXPECT_EQ(one.last_modified(), other.last_modified());
  EXPECT_EQ(one.body(), other.body());
  EXPECT_TRUE(
      std::equal(one.tags().begin(), one.tags().end(), other.tags().begin(), other.tags().end()));
}

TEST(Seal, WhatWasSealedIsOpened) {
  Random random(1);
  Sealer sealer(kSealKey);
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    const EntryRef entry = random_entry(random);
    sealer.seal(*entry, bytes);
    const EntryRef read = sealer.open(bytes, kKey, 7, 8, 9);
    ASSERT_TRUE(read);
    expect_same(*entry, *read);
    // What belongs to this process is the caller's.
    EXPECT_EQ(read->endpoint(), 7U);
    EXPECT_EQ(read->begun(), 8U);
    EXPECT_EQ(read->loaded_ms(), 9);
    ASSERT_EQ(sealed(*read), bytes);
  }
}

TEST(Seal, MacIsHmacSha256) {
  Random random(2);
  for (const std::size_t key_size : {0, 1, 63, 64, 65, 200}) {
    const std::string seal_key(key_size, 'k');
    const std::string bytes = sealed(*random_entry(random), seal_key);
    const std::string before = bytes.substr(0, bytes.size() - kSealMacSize);
    EXPECT_EQ(with_mac(before, seal_key, kKey), bytes) << key_size;
    EXPECT_TRUE(opened(bytes, kKey, seal_key)) << key_size;
  }
}

TEST(Seal, OtherKeysAreAcceptedButDoNotSeal) {
  Random random(5);
  const std::string before = "before-0123456789abcdef0123456789abcdef";
  const std::string after = "after-0123456789abcdef0123456789abcdef";
  const std::vector<std::string> others = {after, before};
  const EntryRef entry = random_entry(random);
  Sealer sealer(kSealKey, others);
  std::string bytes;
  sealer.seal(*entry, bytes);
  EXPECT_EQ(bytes, sealed(*entry, kSealKey));
  for (const std::string& key : {std::string(kSealKey), before, after}) {
    const std::string sealed_by = sealed(*entry, key);
    const EntryRef read = sealer.open(sealed_by, kKey, 1, 2, 3);
    ASSERT_TRUE(read) << key;
    expect_same(*entry, *read);
    EXPECT_FALSE(sealer.open(sealed_by, key_named("other"), 1, 2, 3));
  }
  EXPECT_FALSE(sealer.open(sealed(*entry, "another"), kKey, 1, 2, 3));
}

TEST(Seal, EveryChangeOfAByteIsNoticed) {
  Random random(3);
  const std::string bytes = sealed(*random_entry(random));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (const int bit : {1, 128}) {
      std::string changed = bytes;
      changed[i] = static_cast<char>(changed[i] ^ bit);
      ASSERT_FALSE(opened(changed)) << i;
    }
  }
  EXPECT_TRUE(opened(bytes));
}

TEST(Seal, EveryCutAndEveryByteMoreIsNoticed) {
  Random random(4);
  const std::string bytes = sealed(*random_entry(random));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ASSERT_FALSE(opened(bytes.substr(0, size))) << size;
  }
  EXPECT_FALSE(opened(bytes + "x"));
  EXPECT_FALSE(opened("x" + bytes));
  EXPECT_FALSE(opened(bytes + bytes));
}

TEST(Seal, OfAnotherKeyIsNotOpened) {
  const std::string bytes = sealed(*entry_named("key", "body"));
  EXPECT_TRUE(opened(bytes));
  EXPECT_FALSE(opened(bytes, key_named("another")));
  CacheKey other_scope = kKey;
  ++other_scope.scope.value;
  EXPECT_FALSE(opened(bytes, other_scope));
  EXPECT_FALSE(opened(bytes, kKey, "seal-0123456789abcdef0123456789abcdeF"));
  EXPECT_FALSE(opened(bytes, kKey, ""));
}

// Bytes with a MAC that is right: whoever has the seal's key may still be of another version.
std::string changed(std::size_t at, std::string_view with) {
  std::string bytes = sealed(*entry_named("key", "body"));
  bytes.resize(bytes.size() - kSealMacSize);
  return with_mac(bytes.replace(at, with.size(), with), kSealKey, kKey);
}

TEST(Seal, OfAnotherVersionIsNotOpened) {
  EXPECT_TRUE(opened(changed(0, "UsherC\x01")));
  EXPECT_FALSE(opened(changed(0, "UsherC\x02")));
  EXPECT_FALSE(opened(changed(0, std::string_view("UsherC\0", 7))));
  EXPECT_FALSE(opened(changed(0, "usherC")));
  EXPECT_TRUE(opened(changed(7, "\x0f")));
  EXPECT_FALSE(opened(changed(7, "\x10")));
}

TEST(Seal, LengthsThatDoNotFitAreNotRead) {
  constexpr std::size_t kLengths = 8;  // where the five of them begin
  const EntryRef entry = entry_named("key", "body");
  for (std::size_t i = 0; i < 5; ++i) {
    const std::size_t at = kLengths + 4 * i;
    EXPECT_FALSE(opened(changed(at, "\xff\xff\xff\xff"))) << i;
    EXPECT_FALSE(opened(changed(at, std::string_view("\0\0\0\x80", 4)))) << i;
    EXPECT_FALSE(opened(changed(at, "\x05"))) << i;
  }
  EXPECT_FALSE(opened(changed(kLengths, std::string(20, '\xff'))));
  // Sums that would be right in 32 bits: two parts of 2 GiB, and tags of 2^32 bytes in all.
  EXPECT_FALSE(opened(changed(kLengths + 4, std::string_view("\0\0\0\x80\0\0\0\x80", 8))));
  EXPECT_FALSE(opened(changed(kLengths, std::string_view("\0\0\0\x20", 4))));
  // One that takes from its neighbour is another entry, and nothing else.
  const EntryRef shifted =
      opened(changed(kLengths + 4, std::string_view("\x01\0\0\0\0\0\0\0\0\0\0\0\x03", 13)));
  ASSERT_TRUE(shifted);
  EXPECT_EQ(shifted->lines(), "b");
  EXPECT_EQ(shifted->body(), "ody");
}

}  // namespace
}  // namespace usher::cache
