// Secret: bytes that wipe themselves and cannot be printed.
//
// Thread: any, immutable once made. There is no operator<< and no conversion: reveal() is what to
// search for in a review.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace usher {

class Secret {
 public:
  Secret() = default;
  // Copies `text`, and wipes what it was moved from.
  explicit Secret(std::string&& text);
  Secret(const Secret& other) = default;
  Secret(Secret&& other) noexcept;
  Secret& operator=(const Secret& other);
  Secret& operator=(Secret&& other) noexcept;
  ~Secret();

  bool empty() const { return bytes_.empty(); }
  std::size_t size() const { return bytes_.size(); }
  std::string_view reveal() const { return bytes_; }

 private:
  void wipe();

  std::string bytes_;
};

}  // namespace usher
