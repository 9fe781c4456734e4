// Input: what a fuzzer's bytes say, read from the front: a few choices, then bytes to feed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/random.h"

namespace usher::fuzz {

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size)
      : rest_(reinterpret_cast<const char*>(data), size) {}

  // 0 when there is nothing left.
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }
  std::size_t below(std::size_t bound) { return byte() % bound; }

  // Up to the next newline, which it takes too.
  std::string_view line() {
    const std::size_t end = rest_.find('\n');
    const std::string_view text = rest_.substr(0, end);
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
    return text;
  }

  bool empty() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

// Bytes in pieces: as a whole ('0'), one by one ('1'), or in pieces of chance that the choice
// seeds.
class Pieces {
 public:
  Pieces(std::string_view bytes, std::uint8_t choice)
      : rest_(bytes), choice_(choice), random_(choice) {}

  bool empty() const { return rest_.empty(); }

  std::string_view next() {
    const std::string_view piece = rest_.substr(0, size());
    rest_.remove_prefix(piece.size());
    return piece;
  }

 private:
  // The first pieces are small; the rest of a long input is not worth its time byte by byte.
  std::size_t size() {
    if (choice_ == '0' || ++count_ > kPieces) return rest_.size();
    if (choice_ == '1') return 1;
    const std::size_t bound = random_.next() % 4 == 0 ? 200 : 8;
    return 1 + random_.next() % bound;
  }

  static constexpr std::size_t kPieces = 200;
  std::string_view rest_;
  std::uint8_t choice_;
  std::size_t count_ = 0;
  Random random_;
};

}  // namespace usher::fuzz
