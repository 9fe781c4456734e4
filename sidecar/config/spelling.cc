#include "config/spelling.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace usher::config {
namespace {

// Levenshtein distance.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
    }
  }
  return row.back();
}

// "warn" of "warning", and the other way round.
bool is_longer_form(std::string_view word, std::string_view candidate) {
  constexpr std::size_t kMinBytes = 4;
  const auto [shorter, longer] = std::minmax(
      word, candidate, [](std::string_view a, std::string_view b) { return a.size() < b.size(); });
  return shorter.size() >= kMinBytes && longer.starts_with(shorter);
}

}  // namespace

std::string_view nearest(std::string_view word, std::span<const std::string_view> words) {
  constexpr std::size_t kMaxWordBytes = 64;
  std::string_view best;
  if (word.size() > kMaxWordBytes) return best;
  std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const std::string_view candidate : words) {
    const std::size_t d = distance(word, candidate);
    if (d < best_distance && d < candidate.size()) {
      best_distance = d;
      best = candidate;
    }
  }
  if (!best.empty()) return best;
  const auto form = std::find_if(words.begin(), words.end(), [&](std::string_view candidate) {
    return is_longer_form(word, candidate);
  });
  return form == words.end() ? best : *form;
}

std::string list_of(std::span<const std::string_view> words) {
  std::string list;
  for (const std::string_view word : words) {
    if (!list.empty()) list += ", ";
    list += '"' + std::string(word) + '"';
  }
  return list;
}

}  // namespace usher::config
