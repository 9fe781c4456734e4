// Templates of tags, and the tags that they make of a path's raw bytes.
//
// Input: a template, a parameter and a value, a line each. The path's parameters are a and bc.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "fuzz/support/input.h"
#include "http/grammar.h"
#include "policy/tag_template.h"

namespace {

using usher::policy::TagTemplate;
using Source = TagTemplate::Source;

// What a template is without what stands in braces.
std::string constants_of(std::string_view text) {
  std::string constants;
  bool is_inside = false;
  for (const char c : text) {
    is_inside = (is_inside || c == '{') && c != '}';
    if (!is_inside && c != '}') constants += c;
  }
  return constants;
}

void check_tag(const TagTemplate& tag, std::string_view parameter, std::string_view value) {
  const std::array<std::string_view, 2> empty = {"", ""};
  USHER_CHECK(tag.expand(empty, "") == constants_of(tag.text()));
  const std::array<std::string_view, 2> raw = {parameter, parameter};
  const std::string text = tag.expand(raw, value);
  USHER_CHECK(tag.source() == Source::None || text.find(value) != std::string::npos);
  const bool names_a = tag.text().find("{a}") != std::string::npos;
  const bool is_encoded = parameter.find('%') != std::string_view::npos;
  USHER_CHECK(!names_a || is_encoded || text.find(parameter) != std::string::npos);
  // An escape is three bytes and stands for one.
  USHER_CHECK(text.size() <= tag.text().size() * (1 + parameter.size()) + value.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  usher::fuzz::Input input(data, size);
  const std::string_view text = input.line();
  const std::string_view parameter = input.line();
  const std::string_view value = input.line();
  const std::vector<std::string> names = {"a", "bc"};
  const auto tag = TagTemplate::parse(text, names);
  if (!tag) {
    USHER_CHECK(!tag.error().empty() && std::ranges::none_of(tag.error(), usher::http::is_control));
    return 0;
  }
  USHER_CHECK(tag->text() == text && !text.empty() && text.size() <= TagTemplate::kMaxBytes);
  USHER_CHECK(std::ranges::count(text, '{') == std::ranges::count(text, '}'));
  USHER_CHECK(tag->pointer().empty() == (tag->source() == Source::None));
  check_tag(*tag, parameter, value);
  return 0;
}
