// Bodies rewritten as JavaScript would: the result is JSON of the same value to another parser,
// and rewriting it again changes nothing.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/check.h"
#include "common/js_json.h"

namespace {

using nlohmann::json;
using namespace usher::plugins;

// What the other parser is not asked: it recurses, and it takes a NUL for the end.
constexpr std::size_t kMaxDepth = 200;

bool is_deep(std::string_view text) {
  std::size_t depth = 0;
  std::size_t deepest = 0;
  for (const char c : text) {
    if (c == '[' || c == '{') deepest = std::max(deepest, ++depth);
    if ((c == ']' || c == '}') && depth > 0) --depth;
  }
  return deepest > kMaxDepth;
}

// Numbers are doubles; members in any order.
bool is_same(const json& a, const json& b) {
  if (a.is_number() && b.is_number()) return a.get<double>() == b.get<double>();
  if (a.type() != b.type() || (a.is_structured() && a.size() != b.size())) return false;
  if (a.is_array()) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (!is_same(a[i], b[i])) return false;
    }
    return true;
  }
  if (!a.is_object()) return a == b;
  for (const auto& [key, value] : a.items()) {
    const auto found = b.find(key);
    if (found == b.end() || !is_same(value, *found)) return false;
  }
  return true;
}

JsKind kind_of(std::string_view text) {
  if (text == "null") return JsKind::Null;
  const bool falsy = text == "false" || text == "0" || text == "\"\"";
  return falsy ? JsKind::Falsy : JsKind::Truthy;
}

void check(std::string_view text, JsKeyOrder order) {
  static JsJson json_of_text;
  static JsJson json_of_result;
  const std::optional<JsKind> kind = json_of_text.rewrite(text, order);
  const std::string result(kind ? json_of_text.result() : "");

  const bool has_other_opinion = !is_deep(text) && text.find('\0') == std::string_view::npos;
  const json other = has_other_opinion ? json::parse(text, nullptr, false) : json();
  if (has_other_opinion && !other.is_discarded()) {
    USHER_CHECK(kind.has_value());
    const json rewritten = json::parse(result, nullptr, false);
    USHER_CHECK(!rewritten.is_discarded() && is_same(other, rewritten));
  }
  if (!kind) return;

  USHER_CHECK(*kind == kind_of(result) || result == "null");  // infinity is written null
  USHER_CHECK(json_of_result.rewrite(result, order).has_value());
  USHER_CHECK(json_of_result.result() == result);
  // Sorting does not depend on the order before it.
  USHER_CHECK(json_of_text.rewrite(text, JsKeyOrder::Sorted).has_value());
  USHER_CHECK(json_of_result.rewrite(result, JsKeyOrder::Sorted).has_value());
  USHER_CHECK(json_of_text.result() == json_of_result.result());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check(text, JsKeyOrder::Insertion);
  check(text, JsKeyOrder::Sorted);
  return 0;
}
