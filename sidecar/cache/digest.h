// Digest: SHA-256 over parts, each with its length before it, so that no two lists of parts are the
// same bytes.
//
// Thread: a Hasher is its owner's; a digest is a value.  Errors: none; a library without SHA-256 is
// found when the first Hasher is made, and ends the process.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace usher::cache {

struct Digest {
  std::array<unsigned char, 32> bytes{};

  bool operator==(const Digest&) const = default;
  // Uniformly distributed.
  std::uint64_t word(std::size_t index = 0) const {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes.data() + 8 * index, sizeof(value));
    return value;
  }
};

class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher(const Hasher&) = delete;
  Hasher& operator=(const Hasher&) = delete;

  // begin() add()* end(), again and again. Parts are buffered: at most one call of the library for
  // a short message.
  void begin();
  void add(std::string_view part);
  void add(std::uint64_t number);  // as its eight bytes
  Digest end();

 private:
  static constexpr std::size_t kLengthMax = 10;  // bytes of a part's length

  void append(std::string_view bytes);
  void flush();

  evp_md_ctx_st* context_;
  std::array<char, 512> buffer_;  // NOLINT: written as far as it is used
  std::size_t buffered_ = 0;
};

// Lower-case hexadecimal digits of the first `count` bytes.
std::string to_hex(const Digest& digest, std::size_t count = 32);

}  // namespace usher::cache
