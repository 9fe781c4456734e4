#include "server/query.h"

#include <algorithm>

#include "base/bytes.h"

namespace usher::server {

std::optional<Query> Query::parse(std::string_view text) {
  Query query;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('&'), text.size());
    const std::string_view parameter = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (parameter.empty()) continue;
    const std::size_t equals = std::min(parameter.find('='), parameter.size());
    auto name = percent_decoded(parameter.substr(0, equals));
    auto value = percent_decoded(parameter.substr(std::min(equals + 1, parameter.size())));
    if (!name || !value) return std::nullopt;
    query.parameters_.emplace_back(std::move(*name), std::move(*value));
  }
  return query;
}

const std::string* Query::find(std::string_view name) const {
  for (const auto& [known, value] : parameters_) {
    if (known == name) return &value;
  }
  return nullptr;
}

std::vector<std::string> Query::all(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [known, value] : parameters_) {
    if (known == name) values.push_back(value);
  }
  return values;
}

const std::string* Query::unknown(std::initializer_list<std::string_view> known) const {
  for (const auto& [name, value] : parameters_) {
    if (std::find(known.begin(), known.end(), name) == known.end()) return &name;
  }
  return nullptr;
}

}  // namespace usher::server
