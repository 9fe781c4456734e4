#include "http/trailers.h"

#include <algorithm>

#include "base/bytes.h"
#include "http/field_id.h"

namespace usher::http {

namespace {

// What is_plain() and may not come late: control data, conditions, authentication, how to read
// the content, what an answer is good for.
constexpr std::string_view kOnlyInHeads[] = {
    "accept-encoding", "age",        "authorization", "authentication-info", "cache-control",
    "cookie",          "expires",    "location",      "max-forwards",        "pragma",
    "range",           "set-cookie", "vary",          "www-authenticate"};
constexpr std::string_view kPrefixesOnlyInHeads[] = {"content-", "if-", "proxy-", "x-forwarded-"};

bool is_only_in_heads(std::string_view name) {
  return std::ranges::any_of(
             kOnlyInHeads,
             [name](std::string_view other) { return equals_ignoring_case(name, other); }) ||
         std::ranges::any_of(kPrefixesOnlyInHeads, [name](std::string_view prefix) {
           return equals_ignoring_case(name.substr(0, prefix.size()), prefix);
         });
}

}  // namespace

TrailerVerdict judge_trailer(std::string_view name) {
  const FieldId id = field_id_folded(name);
  if (id == FieldId::ContentLength || id == FieldId::TransferEncoding || id == FieldId::Host) {
    return TrailerVerdict::Refused;
  }
  const bool passes = is_plain(id) && name.find('_') == std::string_view::npos;
  return passes && !is_only_in_heads(name) ? TrailerVerdict::Passes : TrailerVerdict::Dropped;
}

}  // namespace usher::http
