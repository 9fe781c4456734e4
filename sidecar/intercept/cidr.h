// Cidr: a range of IPv4 or IPv6 addresses that share a prefix, and lists of them.
//
// Thread: any. Pure functions. Source: RFC 4632 §3.1, RFC 4291 §2.3.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace usher::intercept {

inline constexpr std::size_t kIpv4Bytes = 4;
inline constexpr std::size_t kIpv6Bytes = 16;

struct Cidr {
  bool v6 = false;
  // In network order; of IPv4 the first four. Bits behind the prefix are 0.
  std::array<std::uint8_t, kIpv6Bytes> address{};
  unsigned prefix = 0;  // bits

  std::size_t bytes() const { return v6 ? kIpv6Bytes : kIpv4Bytes; }
  bool operator==(const Cidr&) const = default;
};

// "10.0.0.0/8", "10.1.2.3", "fd00::/8". Errors: a sentence that says what is wrong and what would
// be right; bits behind the prefix are one.
tl::expected<Cidr, std::string> parse_cidr(std::string_view text);

// Sorted, IPv4 first; none within another, and no two that are together the next larger one.
std::vector<Cidr> reduced(std::vector<Cidr> cidrs);

// The first address behind it; empty behind the last of all.
std::vector<std::uint8_t> end_of(const Cidr& cidr);

// "10.0.0.0/8"; a single address without a prefix.
std::string to_string(const Cidr& cidr);

}  // namespace usher::intercept
