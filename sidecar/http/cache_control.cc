#include "http/cache_control.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/bytes.h"
#include "http/grammar.h"
#include "http/list.h"

namespace usher::http {
namespace {

struct Flag {
  std::string_view name;
  bool CacheControl::*member;
};
constexpr auto kFlags = std::to_array<Flag>({
    {"no-store", &CacheControl::no_store},
    {"no-cache", &CacheControl::no_cache},
    {"private", &CacheControl::private_},
    {"public", &CacheControl::public_},
    {"must-revalidate", &CacheControl::must_revalidate},
    {"proxy-revalidate", &CacheControl::proxy_revalidate},
    {"must-understand", &CacheControl::must_understand},
    {"only-if-cached", &CacheControl::only_if_cached},
});

using Seconds = std::optional<std::int64_t>;
struct Time {
  std::string_view name;
  Seconds CacheControl::*member;
};
constexpr auto kTimes = std::to_array<Time>({
    {"max-age", &CacheControl::max_age},
    {"s-maxage", &CacheControl::s_maxage},
    {"min-fresh", &CacheControl::min_fresh},
    {"max-stale", &CacheControl::max_stale},
    {"stale-while-revalidate", &CacheControl::stale_while_revalidate},
    {"stale-if-error", &CacheControl::stale_if_error},
});

// What stands behind a directive's name: nothing, or "=" and a token or quoted string.
Seconds parse_argument(std::string_view argument) {
  if (!argument.starts_with('=')) return std::nullopt;
  argument.remove_prefix(1);
  if (argument.size() >= 2 && argument.starts_with('"') && argument.ends_with('"')) {
    argument = argument.substr(1, argument.size() - 2);
  }
  return parse_delta_seconds(argument);
}

void add_time(CacheControl& control, Seconds CacheControl::*member, std::string_view argument) {
  Seconds& time = control.*member;
  const bool is_longest = member == &CacheControl::min_fresh;
  const bool is_any = member == &CacheControl::max_stale && argument.empty();
  const std::int64_t seconds =
      parse_argument(argument).value_or(is_longest || is_any ? CacheControl::kAny : 0);
  if (!time) {
    time = seconds;
  } else {
    time = is_longest ? std::max(*time, seconds) : std::min(*time, seconds);
  }
}

void add(CacheControl& control, std::string_view directive) {
  const auto* const name_end = std::ranges::find_if_not(directive, is_token_char);
  const std::string_view name(directive.begin(), name_end);
  const std::string_view argument(name_end, directive.end());
  for (const Flag& flag : kFlags) {
    if (equals_ignoring_case(name, flag.name)) control.*flag.member = true;
  }
  for (const Time& time : kTimes) {
    if (equals_ignoring_case(name, time.name)) add_time(control, time.member, argument);
  }
}

// False when there is none.
bool read_field(const Fields& fields, CacheControl& control) {
  bool is_there = false;
  for (const Field& field : fields) {
    if (field.id != FieldId::CacheControl) continue;
    is_there = true;
    for (const std::string_view directive : List(field.value)) add(control, directive);
  }
  return is_there;
}

bool has_pragma_no_cache(const Fields& fields) {
  for (const Field& field : fields) {
    if (field.id != FieldId::Pragma) continue;
    for (const std::string_view directive : List(field.value)) {
      if (equals_ignoring_case(directive, "no-cache")) return true;
    }
  }
  return false;
}

}  // namespace

CacheControl CacheControl::of_request(const Fields& fields) {
  CacheControl control;
  if (!read_field(fields, control)) control.no_cache = has_pragma_no_cache(fields);
  return control;
}

CacheControl CacheControl::of_response(const Fields& fields) {
  CacheControl control;
  read_field(fields, control);
  return control;
}

std::optional<std::int64_t> parse_delta_seconds(std::string_view text) {
  if (text.empty() || !std::ranges::all_of(text, is_digit)) return std::nullopt;
  // Digits that do not fit into 64 bits are more than kAny as well.
  constexpr auto kMost = static_cast<std::uint64_t>(CacheControl::kAny);
  return static_cast<std::int64_t>(std::min(parse_decimal(text).value_or(kMost), kMost));
}

}  // namespace usher::http
