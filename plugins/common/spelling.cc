#include "common/spelling.h"

#include <algorithm>
#include <numeric>
#include <vector>

namespace usher::plugins {
namespace {

// Levenshtein's distance, one row at a time.
size_t distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string join_names(std::span<const std::string_view> names) {
  std::string text;
  for (const std::string_view name : names) {
    if (!text.empty()) text += ", ";
    text += name;
  }
  return text;
}

std::string unknown_name(std::string_view what, std::string_view word,
                         std::span<const std::string_view> names) {
  std::string text = "unknown " + std::string(what) + " \"" + std::string(word) + "\"; ";
  std::string_view nearest;
  size_t best = std::string_view::npos;
  for (const std::string_view name : names) {
    const size_t near = std::max<size_t>(2, std::max(word.size(), name.size()) / 3);
    const size_t changes = distance(word, name);
    if (changes <= near && changes < best) {
      best = changes;
      nearest = name;
    }
  }
  if (!nearest.empty()) text += "did you mean \"" + std::string(nearest) + "\"? ";
  return text + "allowed: " + join_names(names);
}

}  // namespace usher::plugins
