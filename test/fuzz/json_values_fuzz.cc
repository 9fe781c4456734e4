// Values at a pointer in a document. Where another parser can read it too, they are those that a
// plain walk through its tree finds.
//
// Input: a line with the pointer, its tokens after "/" as they are; then the document.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "cache/json_values.h"
#include "fuzz/support/input.h"

namespace {

using json = nlohmann::ordered_json;
using usher::cache::JsonValues;
using Texts = std::vector<std::string>;

Texts tokens_of(std::string_view line) {
  Texts tokens;
  while (!line.empty()) {
    line.remove_prefix(1);
    const std::size_t end = std::min(line.find('/'), line.size());
    tokens.emplace_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  return tokens;
}

// What the other parser is not asked: it recurses, it takes a NUL for the end, and a mark at the
// beginning for nothing.
bool may_ask_other(std::string_view text) {
  constexpr std::size_t kMaxDepth = 200;
  const auto opens =
      std::count_if(text.begin(), text.end(), [](char c) { return c == '[' || c == '{'; });
  return static_cast<std::size_t>(opens) < kMaxDepth && text.find('\0') == std::string_view::npos &&
         !text.starts_with("\xef\xbb\xbf");
}

// Discarded when it cannot be read, or has a name twice: of those the other parser keeps one.
json other_reading(std::string_view text) {
  bool is_doubtful = false;
  std::vector<std::set<std::string>> names;
  const json document = json::parse(
      text,
      [&](int, json::parse_event_t event, const json& parsed) {
        if (event == json::parse_event_t::object_start) names.emplace_back();
        if (event == json::parse_event_t::object_end) names.pop_back();
        if (event == json::parse_event_t::key) {
          is_doubtful = is_doubtful || !names.back().insert(parsed.get<std::string>()).second;
        }
        return true;
      },
      false);
  return is_doubtful ? json(json::value_t::discarded) : document;
}

void walk(const json& value, const Texts& tokens, std::size_t depth, std::vector<json>& found) {
  if (depth == tokens.size()) {
    if (value.is_primitive() && !value.is_null()) found.push_back(value);
    return;
  }
  const std::string& token = tokens[depth];
  if (value.is_array()) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      if (token == "*" || token == std::to_string(i)) walk(value[i], tokens, depth + 1, found);
    }
  } else if (value.is_object() && value.contains(token)) {
    walk(value[token], tokens, depth + 1, found);
  }
}

bool is_same(const json& value, const std::string& text) {
  if (value.is_string()) return value.get<std::string>() == text;
  const json read = json::parse(text, nullptr, false);
  if (value.is_boolean()) return read == value;
  return read.is_number() && value.is_number() && read.get<double>() == value.get<double>();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static JsonValues reader;
  usher::fuzz::Input input(data, size);
  const Texts tokens = tokens_of(input.line());
  const std::string_view text = input.rest();

  Texts values;
  const auto take = [&](std::string_view value) { values.emplace_back(value); };
  const bool is_read = reader.each(text, tokens, take);
  USHER_CHECK(values.size() <= JsonValues::kMaxValues);
  const Texts first = std::exchange(values, {});
  USHER_CHECK(JsonValues().each(text, tokens, take) == is_read && values == first);

  if (!may_ask_other(text) || tokens.size() > JsonValues::kMaxDepth) return 0;
  const json document = other_reading(text);
  if (document.is_discarded()) return 0;
  std::vector<json> expected;
  walk(document, tokens, 0, expected);
  USHER_CHECK(is_read == (expected.size() <= JsonValues::kMaxValues));
  if (!is_read) return 0;
  USHER_CHECK(std::equal(expected.begin(), expected.end(), values.begin(), values.end(), is_same));
  return 0;
}
