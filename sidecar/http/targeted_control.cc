#include "http/targeted_control.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/bytes.h"
#include "http/dictionary_reader.h"
#include "http/grammar.h"
#include "http/list.h"

namespace usher::http {
namespace {

using Type = DictionaryMember::Type;
using Seconds = std::optional<std::int64_t>;

struct Flag {
  std::string_view key;
  bool CacheControl::*member;
  bool may_name_fields = false;
};
constexpr auto kFlags = std::to_array<Flag>({
    {"no-store", &CacheControl::no_store},
    {"no-cache", &CacheControl::no_cache, true},
    {"private", &CacheControl::private_, true},
    {"public", &CacheControl::public_},
    {"must-revalidate", &CacheControl::must_revalidate},
    {"proxy-revalidate", &CacheControl::proxy_revalidate},
    {"must-understand", &CacheControl::must_understand},
});

struct Time {
  std::string_view key;
  Seconds CacheControl::*member;
};
constexpr auto kTimes = std::to_array<Time>({
    {"max-age", &CacheControl::max_age},
    {"s-maxage", &CacheControl::s_maxage},
    {"stale-while-revalidate", &CacheControl::stale_while_revalidate},
    {"stale-if-error", &CacheControl::stale_if_error},
});

// False: its value is of no type that it may have.
bool set(CacheControl& control, const DictionaryMember& member) {
  for (const Flag& flag : kFlags) {
    if (flag.key != member.key) continue;
    const bool names_fields = flag.may_name_fields && member.type == Type::String;
    if (member.type != Type::Boolean && !names_fields) return false;
    control.*flag.member = names_fields || member.boolean;
  }
  for (const Time& time : kTimes) {
    if (time.key != member.key) continue;
    if (member.type != Type::Integer || member.integer < 0) return false;
    control.*time.member = std::min(member.integer, CacheControl::kAny);
  }
  return true;
}

std::optional<CacheControl> read_cdn_control(const Fields& fields) {
  CacheControl control;
  for (const Field& field : fields) {
    if (field.id != FieldId::CdnCacheControl) continue;
    DictionaryReader reader(field.value);
    while (const auto member = reader.next()) {
      control.is_targeted = true;
      if (!set(control, *member)) return std::nullopt;
    }
    if (reader.failed()) return std::nullopt;
  }
  return control.is_targeted ? std::optional(control) : std::nullopt;
}

// "=60", "=60+600".
void set_surrogate_age(CacheControl& control, std::string_view argument) {
  if (argument.starts_with('=')) argument.remove_prefix(1);
  const std::size_t plus = std::min(argument.find('+'), argument.size());
  const Seconds fresh = parse_delta_seconds(argument.substr(0, plus));
  Seconds stale = 0;
  if (plus < argument.size()) stale = parse_delta_seconds(argument.substr(plus + 1));
  const bool is_age = fresh && stale;
  control.max_age = std::min(is_age ? *fresh : 0, control.max_age.value_or(CacheControl::kAny));
  // The shortest of several counts as it does for max_age.
  for (Seconds CacheControl::*window :
       {&CacheControl::stale_while_revalidate, &CacheControl::stale_if_error}) {
    const Seconds other = control.*window;
    control.*window = std::min(is_age ? *stale : 0, other.value_or(CacheControl::kAny));
  }
}

void add_surrogate(CacheControl& control, std::string_view directive) {
  const std::size_t end = std::min(directive.find(';'), directive.size());
  const std::string_view device = trim(directive.substr(std::min(end + 1, directive.size())));
  if (!device.empty() && device != kDeviceName) return;
  directive = trim(directive.substr(0, end));
  const auto* const name_end = std::ranges::find_if_not(directive, is_token_char);
  const std::string_view name(directive.begin(), name_end);
  if (equals_ignoring_case(name, "no-store")) {
    control.is_targeted = control.no_store = true;
  } else if (equals_ignoring_case(name, "max-age")) {
    control.is_targeted = true;
    set_surrogate_age(control, {name_end, directive.end()});
  }
}

std::optional<CacheControl> read_surrogate_control(const Fields& fields) {
  CacheControl control;
  for (const Field& field : fields) {
    if (field.id != FieldId::SurrogateControl) continue;
    for (const std::string_view directive : List(field.value)) add_surrogate(control, directive);
  }
  return control.is_targeted ? std::optional(control) : std::nullopt;
}

}  // namespace

CacheControl read_answer_control(const Fields& fields) {
  if (const auto control = read_cdn_control(fields)) return *control;
  if (const auto control = read_surrogate_control(fields)) return *control;
  return CacheControl::of_response(fields);
}

}  // namespace usher::http
