// Names and paths of OpenAPI in the form that the configuration wants.
//
// Thread: any.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "route/path_template.h"

namespace usher::openapi {

// "getTicketStatus", "get_ticket_status" and "Get ticket status" → "get-ticket-status"; at most 64
// of a-z, 0-9 and -, empty when nothing of `text` can stand in a name.
std::string kebab_case(std::string_view text);

// Names that are taken.
class NameSet {
 public:
  // False when it was taken before.
  bool take(const std::string& name) { return names_.insert(name).second; }
  // Takes `name`, or name-2, name-3, …: the first that is free.
  std::string take_similar(const std::string& name);

 private:
  std::set<std::string, std::less<>> names_;
  std::map<std::string, int, std::less<>> last_numbers_;  // of what take_similar() has numbered
};

// An OpenAPI path as an endpoint's.
struct MatchPath {
  std::string text;                  // empty when it cannot be one
  std::string error;                 // then: why not, and what would be right
  std::vector<std::string> renamed;  // parameters whose names had to change: "user-id → user_id"
};
// Parameters keep their names where the configuration takes them, literal bytes that may not stand
// in a path become percent-escapes.
MatchPath match_path(std::string_view path);

// Equal for two calls that one router cannot tell apart: the method, the literal segments decoded,
// a placeholder for each parameter.
std::string shape_of(http::Method method, const route::PathTemplate& path);

}  // namespace usher::openapi
