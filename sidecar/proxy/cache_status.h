// Cache-Status, the field that says how a cache came by its answer (RFC 9211; cache name "usher").
//
// Owner: CacheCall.  Thread: worker. Allocates nothing.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace usher::proxy {

class CacheStatus {
 public:
  // Why the owner was asked (§2.2).
  enum class Forward : std::uint8_t { Bypass, Method, UriMiss, VaryMiss, Stale, Request };

  void clear() { size_ = 0; }
  // The field's value; empty: nothing to say.
  std::string_view view() const { return {text_.data(), size_}; }

  // It was kept, and is good for `ttl_seconds` more; less than 0: it is stale.
  void hit(std::int64_t ttl_seconds, std::string_view detail = {});
  // The owner was asked, and said `status` (0: nothing).
  void forward(Forward why, int status = 0);
  // What followed from it.
  void stored() { add("; stored"); }
  void collapsed() { add("; collapsed"); }
  // A token of this program's.
  void detail(std::string_view token);

 private:
  void add(std::string_view text);
  void add(std::int64_t number);

  std::array<char, 128> text_;  // NOLINT: written as far as it is used
  std::size_t size_ = 0;
};

}  // namespace usher::proxy
