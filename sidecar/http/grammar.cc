#include "http/grammar.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace usher::http {

namespace {

constexpr unsigned kTokenBit = 1;
constexpr unsigned kUnderscoreBit = 2;

constexpr std::array<std::uint8_t, 256> kNameBits = [] {
  std::array<std::uint8_t, 256> bits{};
  for (std::size_t c = 0; c < bits.size(); ++c) {
    bits[c] = grammar_detail::kTokenTable[c] ? kTokenBit : 0;
  }
  bits['_'] |= kUnderscoreBit;
  return bits;
}();

constexpr std::uint64_t repeated(std::uint64_t byte) {
  return byte * 0x0101010101010101;
}

// Whether one of eight bytes may be a control; false positives (a tab) are sorted out byte by byte.
bool may_hold_control(std::uint64_t word) {
  const std::uint64_t below_space = (word - repeated(0x20)) & ~word;
  const std::uint64_t del = word ^ repeated(0x7f);
  const std::uint64_t is_del = (del - repeated(0x01)) & ~del;
  return ((below_space | is_del) & repeated(0x80)) != 0;
}

const char* find_control_bytewise(const char* begin, const char* end) {
  while (begin != end && !is_control(*begin)) ++begin;
  return begin;
}

}  // namespace

// Without a branch a byte: every name of every head passes here.
NameKind kind_of_name(std::string_view name) {
  unsigned all = name.empty() ? 0 : kTokenBit;
  unsigned any = 0;
  for (const char c : name) {
    const unsigned bits = kNameBits[static_cast<unsigned char>(c)];
    all &= bits;
    any |= bits;
  }
  if (all == 0) return NameKind::NotAToken;
  return (any & kUnderscoreBit) == 0 ? NameKind::Token : NameKind::TokenWithUnderscore;
}

bool is_ascii(std::string_view text) {
  std::uint64_t all = 0;
  while (text.size() >= 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data(), sizeof word);
    all |= word;
    text.remove_prefix(8);
  }
  for (const char c : text) all |= static_cast<unsigned char>(c);
  return (all & repeated(0x80)) == 0;
}

const char* find_control_portable(const char* begin, const char* end) {
  while (end - begin >= 8) {
    std::uint64_t word;
    std::memcpy(&word, begin, sizeof word);
    if (may_hold_control(word)) {
      const char* const found = find_control_bytewise(begin, begin + 8);
      if (found != begin + 8) return found;
    }
    begin += 8;
  }
  return find_control_bytewise(begin, end);
}

#if defined(__SSE2__)

const char* find_control(const char* begin, const char* end) {
  const __m128i last_control = _mm_set1_epi8(0x1f);
  const __m128i tab = _mm_set1_epi8('\t');
  const __m128i del = _mm_set1_epi8(0x7f);
  while (end - begin >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(begin));
    const __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, last_control), bytes);
    const __m128i control =
        _mm_or_si128(_mm_andnot_si128(_mm_cmpeq_epi8(bytes, tab), low), _mm_cmpeq_epi8(bytes, del));
    const auto mask = static_cast<unsigned>(_mm_movemask_epi8(control));
    if (mask != 0) return begin + __builtin_ctz(mask);
    begin += 16;
  }
  return find_control_portable(begin, end);
}

#else

const char* find_control(const char* begin, const char* end) {
  return find_control_portable(begin, end);
}

#endif

}  // namespace usher::http
