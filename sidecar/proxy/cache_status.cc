#include "proxy/cache_status.h"

#include <charconv>
#include <cstring>

#include "base/check.h"

namespace usher::proxy {

void CacheStatus::add(std::string_view text) {
  USHER_CHECK(size_ + text.size() <= text_.size());
  std::memcpy(text_.data() + size_, text.data(), text.size());
  size_ += text.size();
}

void CacheStatus::add(std::int64_t number) {
  std::array<char, 24> digits;  // NOLINT: written as far as it is used
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  add({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

void CacheStatus::hit(std::int64_t ttl_seconds, std::string_view why) {
  clear();
  add("usher; hit; ttl=");
  add(ttl_seconds);
  if (!why.empty()) detail(why);
}

void CacheStatus::forward(Forward why, int status) {
  constexpr std::array<std::string_view, 6> kNames = {"bypass",    "method", "uri-miss",
                                                      "vary-miss", "stale",  "request"};
  clear();
  add("usher; fwd=");
  add(kNames[static_cast<std::size_t>(why)]);
  if (status == 0) return;
  add("; fwd-status=");
  add(std::int64_t{status});
}

void CacheStatus::detail(std::string_view token) {
  add("; detail=");
  add(token);
}

}  // namespace usher::proxy
