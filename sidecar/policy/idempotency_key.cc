#include "policy/idempotency_key.h"

#include <algorithm>
#include <cstdint>

namespace usher::policy {
namespace {

constexpr std::size_t kMaxBytes = 255;

bool is_visible(char c) {
  return c > 0x20 && c < 0x7f;
}

// xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx
void write_uuid(std::uint64_t high, std::uint64_t low, std::array<char, 36>& text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  high = (high & ~std::uint64_t{0xf000}) | 0x4000;
  low = (low & ~(std::uint64_t{3} << 62)) | (std::uint64_t{2} << 62);
  std::size_t at = 0;
  for (unsigned nibble = 0; nibble < 32; ++nibble) {
    if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20) text[at++] = '-';
    const std::uint64_t word = nibble < 16 ? high : low;
    text[at++] = kDigits[(word >> (60 - 4 * (nibble % 16))) & 0xf];
  }
}

}  // namespace

bool is_idempotency_key(std::string_view value) {
  const bool quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
  if (quoted) value = value.substr(1, value.size() - 2);
  const bool visible = std::all_of(value.begin(), value.end(), is_visible);
  return visible && !value.empty() && value.size() <= kMaxBytes &&
         value.find('"') == std::string_view::npos;
}

void IdempotencyKey::choose(const http::Fields& fields, bool make, Random& random) {
  *this = {};
  int given = 0;
  for (const http::Field& field : fields) {
    if (field.id != http::FieldId::IdempotencyKey) continue;
    if (given++ == 0) consumers_ = field.value;
  }
  usable_ = given == 1 && is_idempotency_key(consumers_);
  if (given > 0 || !make) return;
  const std::uint64_t high = random.next();
  write_uuid(high, random.next(), made_);
  is_made_ = usable_ = true;
}

}  // namespace usher::policy
