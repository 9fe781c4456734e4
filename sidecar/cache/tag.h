// Tag: what an answer was made of, as a digest: of the tag's text and whose it is.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "cache/cache_key.h"
#include "cache/digest.h"

namespace usher::cache {

struct Tag {
  std::array<unsigned char, 16> id{};  // of scope and text
  std::uint64_t anywhere = 0;          // of the text alone: the same in every scope

  // Uniformly distributed, as `anywhere` is.
  std::uint64_t word() const {
    std::uint64_t value = 0;
    std::memcpy(&value, id.data(), sizeof(value));
    return value;
  }
  bool operator==(const Tag&) const = default;
};

Tag make_tag(Hasher& hasher, ScopeId scope, std::string_view text);

}  // namespace usher::cache
