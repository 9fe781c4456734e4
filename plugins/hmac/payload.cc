#include "hmac/payload.h"

#include <algorithm>

#include "common/spelling.h"

namespace usher::plugins {
namespace {

// In the order of Field; {service} stands in kLiteral's place.
constexpr std::array<std::string_view, kFieldCount> kPlaceholders = {
    "{service}", "{timestamp}", "{nonce}", "{method}",   "{target}",
    "{path}",    "{query}",     "{body}",  "{bodyHash}", "{tenant}"};

}  // namespace

std::string Payload::parse(std::string_view text, std::string_view service) {
  parts_.clear();
  while (!text.empty()) {
    const size_t brace = text.find_first_of("{}");
    add_literal(text.substr(0, brace));
    if (brace == std::string_view::npos) break;
    text.remove_prefix(brace);
    const size_t close = text.find('}');
    if (text.front() == '}' || close == std::string_view::npos || text.find('{', 1) < close) {
      return "unbalanced brace at \"" + std::string(text) + "\"; placeholders are written {name}";
    }
    const std::string_view name = text.substr(0, close + 1);
    text.remove_prefix(name.size());
    const auto found = std::find(kPlaceholders.begin(), kPlaceholders.end(), name);
    if (found == kPlaceholders.end()) return unknown_name("placeholder", name, kPlaceholders);
    const auto field = static_cast<Field>(found - kPlaceholders.begin());
    if (field == Field::Literal) {
      add_literal(service);
    } else {
      parts_.push_back({field, {}});
    }
  }
  return {};
}

bool Payload::uses(Field field) const {
  return std::any_of(parts_.begin(), parts_.end(),
                     [&](const Part& part) { return part.field == field; });
}

void Payload::add_literal(std::string_view text) {
  if (text.empty()) return;
  if (parts_.empty() || parts_.back().field != Field::Literal) {
    parts_.push_back({Field::Literal, {}});
  }
  parts_.back().text += text;
}

}  // namespace usher::plugins
