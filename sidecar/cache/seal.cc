#include "cache/seal.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <type_traits>
#include <vector>

#include "base/check.h"

namespace usher::cache {
namespace {

constexpr std::array<char, 6> kMagic = {'U', 's', 'h', 'e', 'r', 'C'};
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kMacSize = 16;
constexpr std::size_t kBlock = 64;  // of SHA-256

constexpr std::uint8_t kIsVary = 1;
constexpr std::uint8_t kMustRevalidate = 2;
constexpr std::uint8_t kNoCache = 4;
constexpr std::uint8_t kShared = 8;
constexpr std::uint8_t kAllFlags = kIsVary | kMustRevalidate | kNoCache | kShared;

// As it stands in the bytes; then tags, lines, etag, last_modified, body, the MAC.
struct Head {
  std::array<char, 6> magic;
  std::uint8_t version;
  std::uint8_t flags;
  std::uint32_t tags;  // how many; the others in bytes
  std::uint32_t lines;
  std::uint32_t etag;
  std::uint32_t last_modified;
  std::uint32_t body;
  std::int32_t status;
  std::int64_t generated_ms;
  std::int64_t lifetime_ms;
  std::int64_t stale_while_revalidate_ms;
  std::int64_t stale_if_error_ms;
  std::uint64_t generation;

  // Of the whole. No sum of such numbers is beyond 64 bits.
  std::uint64_t size() const {
    return sizeof(Head) + std::uint64_t{sizeof(Tag)} * tags + lines + etag + last_modified +
           std::uint64_t{body} + kMacSize;
  }
};
static_assert(std::has_unique_object_representations_v<Head> && sizeof(Head) == 72);
static_assert(std::has_unique_object_representations_v<Tag> && sizeof(Tag) == 24);
static_assert(std::endian::native == std::endian::little);

std::uint32_t length(std::size_t size) {
  USHER_CHECK(size <= std::numeric_limits<std::uint32_t>::max());
  return static_cast<std::uint32_t>(size);
}

Head head_of(const Entry& entry) {
  // By name, so that what is added there is not forgotten here.
  const auto& [generated_ms, lifetime_ms, stale_while_revalidate_ms, stale_if_error_ms,
               must_revalidate, no_cache, shared] = entry.freshness();
  const int flags = (entry.kind() == EntryKind::Vary ? kIsVary : 0) |
                    (must_revalidate ? kMustRevalidate : 0) | (no_cache ? kNoCache : 0) |
                    (shared ? kShared : 0);
  return {.magic = kMagic,
          .version = kVersion,
          .flags = static_cast<std::uint8_t>(flags),
          .tags = length(entry.tags().size()),
          .lines = length(entry.lines().size()),
          .etag = length(entry.etag().size()),
          .last_modified = length(entry.last_modified().size()),
          .body = length(entry.body().size()),
          .status = entry.status(),
          .generated_ms = generated_ms,
          .lifetime_ms = lifetime_ms,
          .stale_while_revalidate_ms = stale_while_revalidate_ms,
          .stale_if_error_ms = stale_if_error_ms,
          .generation = entry.generation()};
}

// Nothing where it is not what head_of() makes, for bytes of this size.
std::optional<Head> read_head(std::string_view bytes) {
  if (bytes.size() < sizeof(Head)) return std::nullopt;
  Head head;
  std::memcpy(&head, bytes.data(), sizeof(head));
  const bool is_ours = head.magic == kMagic && head.version == kVersion &&
                       (head.flags & ~kAllFlags) == 0 && head.size() == bytes.size();
  return is_ours ? std::optional(head) : std::nullopt;
}

void read_freshness(const Head& head, policy::Freshness& freshness) {
  freshness.generated_ms = head.generated_ms;
  freshness.lifetime_ms = head.lifetime_ms;
  freshness.stale_while_revalidate_ms = head.stale_while_revalidate_ms;
  freshness.stale_if_error_ms = head.stale_if_error_ms;
  freshness.must_revalidate = (head.flags & kMustRevalidate) != 0;
  freshness.no_cache = (head.flags & kNoCache) != 0;
  freshness.shared = (head.flags & kShared) != 0;
}

std::string_view take(std::string_view& rest, std::size_t size) {
  const std::string_view taken = rest.substr(0, size);
  rest.remove_prefix(size);
  return taken;
}

template <typename T>
std::string_view bytes_of(const T& object) {
  return {reinterpret_cast<const char*>(&object), sizeof(object)};
}

struct Free {
  void operator()(EVP_MD* digest) const { EVP_MD_free(digest); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }  // wipes its state
};
using Context = std::unique_ptr<EVP_MD_CTX, Free>;

}  // namespace

// HMAC-SHA256 (RFC 2104) under one key, whose pads are hashed once.
struct Sealer::Mac {
  using Code = std::array<unsigned char, 32>;

  explicit Mac(std::string_view key) {
    USHER_CHECK(sha256_ && inner_ && outer_ && context_);
    Code hashed{};
    if (key.size() > kBlock) {
      begin(*inner_);
      add(*inner_, key);
      end(*inner_, hashed);
      key = {reinterpret_cast<const char*>(hashed.data()), hashed.size()};
    }
    begin_with_pad(*inner_, key, 0x36);
    begin_with_pad(*outer_, key, 0x5c);
    OPENSSL_cleanse(hashed.data(), hashed.size());
  }

  // Of bytes that are kept under `key`; its first kMacSize bytes count.
  Code operator()(const CacheKey& key, std::string_view bytes) {
    Code code;
    USHER_CHECK(EVP_MD_CTX_copy_ex(context_.get(), inner_.get()) == 1);
    add(*context_, bytes_of(key.digest.bytes));
    add(*context_, bytes_of(key.scope.value));
    add(*context_, bytes);
    end(*context_, code);
    USHER_CHECK(EVP_MD_CTX_copy_ex(context_.get(), outer_.get()) == 1);
    add(*context_, bytes_of(code));
    end(*context_, code);
    return code;
  }

 private:
  void begin(EVP_MD_CTX& to) { USHER_CHECK(EVP_DigestInit_ex2(&to, sha256_.get(), nullptr) == 1); }
  void begin_with_pad(EVP_MD_CTX& to, std::string_view key, unsigned char pad) {
    std::array<unsigned char, kBlock> block;
    block.fill(pad);
    for (std::size_t i = 0; i < key.size(); ++i) block[i] ^= static_cast<unsigned char>(key[i]);
    begin(to);
    add(to, bytes_of(block));
    OPENSSL_cleanse(block.data(), block.size());
  }
  static void add(EVP_MD_CTX& to, std::string_view bytes) {
    USHER_CHECK(EVP_DigestUpdate(&to, bytes.data(), bytes.size()) == 1);
  }
  static void end(EVP_MD_CTX& from, Code& code) {
    USHER_CHECK(EVP_DigestFinal_ex(&from, code.data(), nullptr) == 1);
  }

  std::unique_ptr<EVP_MD, Free> sha256_{EVP_MD_fetch(nullptr, "SHA256", nullptr)};
  Context inner_{EVP_MD_CTX_new()};
  Context outer_{EVP_MD_CTX_new()};
  Context context_{EVP_MD_CTX_new()};
};

Sealer::Sealer(std::string_view key, std::span<const std::string> others) {
  macs_.push_back(std::make_unique<Mac>(key));
  for (const std::string& other : others) macs_.push_back(std::make_unique<Mac>(other));
}

Sealer::~Sealer() = default;

void Sealer::seal(const Entry& entry, std::string& bytes) {
  const Head head = head_of(entry);
  bytes.clear();
  bytes.reserve(head.size());
  bytes.append(bytes_of(head));
  bytes.append(reinterpret_cast<const char*>(entry.tags().data()), entry.tags().size_bytes());
  for (const std::string_view part :
       {entry.lines(), entry.etag(), entry.last_modified(), entry.body()}) {
    bytes.append(part);
  }
  bytes.append(bytes_of((*macs_.front())(entry.key(), bytes)).substr(0, kMacSize));
}

// `bytes`: of at least a MAC.
bool Sealer::is_authentic(const CacheKey& key, std::string_view bytes) {
  const std::string_view sealed = bytes.substr(0, bytes.size() - kMacSize);
  return std::any_of(macs_.begin(), macs_.end(), [&](const std::unique_ptr<Mac>& mac) {
    const Mac::Code code = (*mac)(key, sealed);
    return CRYPTO_memcmp(code.data(), bytes.data() + sealed.size(), kMacSize) == 0;
  });
}

EntryRef Sealer::open(std::string_view bytes, const CacheKey& key, std::uint32_t endpoint,
                      std::uint64_t begun, std::int64_t now_ms) {
  const std::optional<Head> head = read_head(bytes);
  if (!head || !is_authentic(key, bytes)) return {};

  EntryParts parts;
  parts.kind = (head->flags & kIsVary) != 0 ? EntryKind::Vary : EntryKind::Answer;
  parts.key = key;
  read_freshness(*head, parts.freshness);
  parts.endpoint = endpoint;
  parts.begun = begun;
  parts.generation = head->generation;
  parts.loaded_ms = now_ms;
  parts.status = head->status;

  std::string_view rest = bytes.substr(sizeof(Head), bytes.size() - sizeof(Head) - kMacSize);
  tags_.resize(head->tags);
  take(rest, head->tags * sizeof(Tag)).copy(reinterpret_cast<char*>(tags_.data()), rest.npos);
  parts.tags = tags_;
  parts.lines = take(rest, head->lines);
  parts.etag = take(rest, head->etag);
  parts.last_modified = take(rest, head->last_modified);
  parts.body = rest;
  return Entry::make(parts);
}

}  // namespace usher::cache
