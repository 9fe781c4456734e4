#include "intercept/cidr.h"

#include <arpa/inet.h>

#include <algorithm>
#include <optional>

#include "base/bytes.h"

namespace usher::intercept {
namespace {

constexpr unsigned kBitsPerByte = 8;

unsigned bits_of(const Cidr& cidr) {
  return static_cast<unsigned>(cidr.bytes()) * kBitsPerByte;
}

// The first `prefix` bits of it.
Cidr cut(Cidr cidr, unsigned prefix) {
  for (unsigned i = 0; i < cidr.bytes(); ++i) {
    const unsigned kept = std::min(prefix - std::min(prefix, i * kBitsPerByte), kBitsPerByte);
    cidr.address[i] = static_cast<std::uint8_t>(cidr.address[i] & (0xff00U >> kept));
  }
  cidr.prefix = prefix;
  return cidr;
}

bool covers(const Cidr& wide, const Cidr& narrow) {
  return wide.v6 == narrow.v6 && wide.prefix <= narrow.prefix && cut(narrow, wide.prefix) == wide;
}

bool are_halves(const Cidr& a, const Cidr& b) {
  return a.v6 == b.v6 && a.prefix == b.prefix && a.prefix > 0 &&
         cut(a, a.prefix - 1) == cut(b, b.prefix - 1);
}

std::optional<Cidr> parse_address(std::string_view text) {
  Cidr cidr;
  cidr.v6 = text.find(':') != std::string_view::npos;
  const std::string copy(text);  // inet_pton wants its end
  if (inet_pton(cidr.v6 ? AF_INET6 : AF_INET, copy.c_str(), cidr.address.data()) != 1) return {};
  cidr.prefix = bits_of(cidr);
  return cidr;
}

std::string wrong(std::string_view text, std::string_view why) {
  return "\"" + std::string(text) + "\"" + std::string(why);
}

}  // namespace

tl::expected<Cidr, std::string> parse_cidr(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::optional<Cidr> address = parse_address(text.substr(0, slash));
  if (!address) {
    return tl::unexpected(wrong(
        text, " is no range of addresses; expected one as in 10.0.0.0/8, 10.1.2.3 or fd00::/8"));
  }
  if (slash == std::string_view::npos) return *address;
  const std::optional<std::uint64_t> prefix = parse_decimal(text.substr(slash + 1));
  if (!prefix || *prefix > bits_of(*address)) {
    return tl::unexpected(wrong(text, " has a wrong length; expected 0 to ") +
                          std::to_string(bits_of(*address)) + " behind the slash");
  }
  const Cidr range = cut(*address, static_cast<unsigned>(*prefix));
  if (range.address != address->address) {
    return tl::unexpected(wrong(text, " has bits set behind its prefix; expected ") +
                          to_string(range));
  }
  return range;
}

std::vector<Cidr> reduced(std::vector<Cidr> cidrs) {
  std::sort(cidrs.begin(), cidrs.end(), [](const Cidr& a, const Cidr& b) {
    if (a.v6 != b.v6) return b.v6;
    return a.address != b.address ? a.address < b.address : a.prefix < b.prefix;
  });
  std::vector<Cidr> result;
  for (Cidr cidr : cidrs) {
    if (!result.empty() && covers(result.back(), cidr)) continue;
    while (!result.empty() && are_halves(result.back(), cidr)) {
      result.pop_back();
      cidr = cut(cidr, cidr.prefix - 1);
    }
    result.push_back(cidr);
  }
  return result;
}

std::vector<std::uint8_t> end_of(const Cidr& cidr) {
  std::vector<std::uint8_t> end(cidr.address.begin(),
                                cidr.address.begin() + static_cast<std::ptrdiff_t>(cidr.bytes()));
  if (cidr.prefix == 0) return {};
  // 1 is added to the prefix's last bit.
  std::size_t at = (cidr.prefix - 1) / kBitsPerByte;
  unsigned step = 1U << (kBitsPerByte - 1 - (cidr.prefix - 1) % kBitsPerByte);
  for (;; --at, step = 1) {
    const unsigned sum = end[at] + step;
    end[at] = static_cast<std::uint8_t>(sum);
    if (sum <= 0xff) return end;
    if (at == 0) return {};
  }
}

std::string to_string(const Cidr& cidr) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(cidr.v6 ? AF_INET6 : AF_INET, cidr.address.data(), text.data(), text.size());
  std::string result = text.data();
  if (cidr.prefix != bits_of(cidr)) result += "/" + std::to_string(cidr.prefix);
  return result;
}

}  // namespace usher::intercept
