// Query: the parameters behind a '?', for the admin port's pages.
//
// Thread: any; a value.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace usher::server {

class Query {
 public:
  // "name=value&name", percent-escapes decoded, '+' left as it is. Nothing where an escape is none.
  static std::optional<Query> parse(std::string_view text);

  bool empty() const { return parameters_.empty(); }
  // The first of that name, or null.
  const std::string* find(std::string_view name) const;
  std::vector<std::string> all(std::string_view name) const;
  // A parameter whose name is none of `known`; null when there is none.
  const std::string* unknown(std::initializer_list<std::string_view> known) const;

 private:
  std::vector<std::pair<std::string, std::string>> parameters_;
};

}  // namespace usher::server
