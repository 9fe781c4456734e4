// DestinationList: where CONNECT may go: "db.example.com:5432", "*.example.com:443",
// "10.0.0.0/8:443", "[fd00::/8]:5432".
//
// Owner: the configuration's Snapshot.  Thread: any; immutable once read.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "http/authority.h"

namespace usher::policy {

class DestinationList {
 public:
  // Errors: a sentence that says what is wrong and what would be right.
  tl::expected<void, std::string> add(std::string_view pattern);
  // Names are compared as names: an address pattern does not allow a name that has such an address.
  bool allows(const http::Authority& authority) const;

 private:
  struct Pattern {
    std::string host;                      // a name or literal address; empty: a range
    bool is_suffix = false;                // "*.example.com": `host` is ".example.com"
    std::array<std::uint8_t, 16> range{};  // IPv4 as mapped
    unsigned prefix = 0;                   // bits of `range`
    std::uint16_t port = 0;
  };

  std::vector<Pattern> patterns_;
};

}  // namespace usher::policy
