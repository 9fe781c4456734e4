// Sealed entries: bytes that nobody sealed are not opened, and whatever is opened is sealed to the
// same bytes again.
//
// Input: what would be in Redis, but for the MAC, which is put right for a second opening.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "cache/seal.h"
#include "support/seal_mac.h"

using namespace usher::cache;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::string_view kSealKey = "seal";
  static Sealer sealer(kSealKey);
  const CacheKey key{{}, {5}};
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  USHER_CHECK(!sealer.open(bytes, key, 0, 0, 0));

  const std::string signed_bytes = with_mac(std::string(bytes), kSealKey, key);
  const EntryRef entry = sealer.open(signed_bytes, key, 1, 2, 3);
  if (!entry) return 0;
  USHER_CHECK(entry->key() == key && entry->endpoint() == 1 && entry->begun() == 2);
  const std::size_t held = entry->tags().size_bytes() + entry->lines().size() +
                           entry->etag().size() + entry->last_modified().size() +
                           entry->body().size();
  USHER_CHECK(held + 72 == size && entry->bytes() > held);
  std::string again;
  sealer.seal(*entry, again);
  USHER_CHECK(again == signed_bytes);
  return 0;
}
