#include "base/secret.h"

#include <cstring>
#include <utility>

namespace usher {
namespace {

// explicit_bzero is not removed by the optimiser, unlike memset. A string that is small lives
// inside the object and one that is large on the heap: data() covers both.
void wipe_string(std::string& text) {
  explicit_bzero(text.data(), text.capacity());
  text.clear();
}

}  // namespace

Secret::Secret(std::string&& text) : bytes_(text) {
  wipe_string(text);
}

// Copied and wiped, not moved: a moved small string would leave its bytes behind.
// NOLINTNEXTLINE(performance-move-constructor-init)
Secret::Secret(Secret&& other) noexcept : bytes_(other.bytes_) {
  other.wipe();
}

Secret& Secret::operator=(const Secret& other) {
  if (this != &other) {
    wipe();
    bytes_ = other.bytes_;
  }
  return *this;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();
    bytes_ = other.bytes_;
    other.wipe();
  }
  return *this;
}

Secret::~Secret() {
  wipe();
}

void Secret::wipe() {
  wipe_string(bytes_);
}

}  // namespace usher
