// What caching reads of a call and its answer: lists, Cache-Control, dates, and what may be kept
// and used again. What forbids must be heard whatever stands beside it, and nothing is used beyond
// what it says of itself.
//
// Input: a byte for the status and one for the policy, then field lines; those that begin with '>'
// are the call's.
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/check.h"
#include "fuzz/support/input.h"
#include "http/byte_range.h"
#include "http/cache_control.h"
#include "http/dictionary_reader.h"
#include "http/http_date.h"
#include "http/list.h"
#include "http/targeted_control.h"
#include "policy/freshness.h"

namespace {

using namespace usher::http;
using namespace usher::policy;
using namespace usher::fuzz;
using usher::trim;

constexpr std::int64_t kNow = 1'768'210'800'000;

void check_list(std::string_view value, List::Quotes quotes) {
  std::string joined;
  std::size_t count = 0;
  for (const std::string_view element : List(value, quotes)) {
    USHER_CHECK(element == trim(element));
    USHER_CHECK(element.empty() ||
                (element.begin() >= value.begin() && element.end() <= value.end()));
    if (count++ > 0) joined += ',';
    joined += element;
  }
  USHER_CHECK(count <= 1 + static_cast<std::size_t>(std::ranges::count(value, ',')));
  // Without the spaces it is the same list; a last element that is empty needs its comma.
  if (joined.empty() || joined.back() == ',') joined += ',';
  std::string again;
  std::size_t count_again = 0;
  for (const std::string_view element : List(joined, quotes)) {
    if (count_again++ > 0) again += ',';
    again += element;
  }
  if (count > 0) USHER_CHECK(count_again == count);
  USHER_CHECK(again == std::string_view(joined).substr(0, again.size()));
}

using Seconds = std::optional<std::int64_t>;

bool is_either(const Seconds& a, const Seconds& b, const Seconds& both, bool is_longest) {
  USHER_CHECK(!both || (*both >= 0 && *both <= CacheControl::kAny));
  if (!a || !b) return both == (a ? a : b);
  return both == (is_longest ? std::max(a, b) : std::min(a, b));
}

// A field more only adds to what the others say.
void check_sum(const CacheControl& a, const CacheControl& b, const CacheControl& both) {
  for (bool CacheControl::*flag :
       {&CacheControl::no_store, &CacheControl::no_cache, &CacheControl::private_,
        &CacheControl::public_, &CacheControl::must_revalidate, &CacheControl::proxy_revalidate,
        &CacheControl::must_understand, &CacheControl::only_if_cached}) {
    USHER_CHECK(both.*flag == (a.*flag || b.*flag));
  }
  for (Seconds CacheControl::*time :
       {&CacheControl::max_age, &CacheControl::s_maxage, &CacheControl::max_stale,
        &CacheControl::stale_while_revalidate, &CacheControl::stale_if_error}) {
    USHER_CHECK(is_either(a.*time, b.*time, both.*time, false));
  }
  USHER_CHECK(is_either(a.min_fresh, b.min_fresh, both.min_fresh, true));
}

// A dictionary is a list of members, each with a key; whoever meets an error ends there.
void check_dictionary(std::string_view value) {
  DictionaryReader reader(value);
  std::ptrdiff_t count = 0;
  while (const auto member = reader.next()) {
    ++count;
    USHER_CHECK(!member->key.empty());
    USHER_CHECK(member->key.begin() >= value.begin() && member->key.end() <= value.end());
    USHER_CHECK(member->integer < 1'000'000'000'000'000 &&
                member->integer > -1'000'000'000'000'000);
  }
  USHER_CHECK(!reader.next());
  USHER_CHECK(count <= 1 + std::ranges::count(value, ','));
  USHER_CHECK(reader.failed() || count > 0 || trim(value).empty());
}

// A part is within its whole.
void check_range(std::string_view value) {
  const auto range = parse_byte_range(value);
  if (!range) return;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{10}, SIZE_MAX}) {
    const auto slice = range->of(size);
    USHER_CHECK(!slice || (slice->size > 0 && slice->begin < size));
    USHER_CHECK(!slice || slice->size <= size - slice->begin);
  }
}

void check_cache_control(const Fields& fields) {
  CacheControl sum;
  Fields until_here;
  for (const Field& field : fields) {
    until_here.add(field);
    Fields alone;
    alone.add(field);
    const CacheControl both = CacheControl::of_response(until_here);
    check_sum(sum, CacheControl::of_response(alone), both);
    sum = both;
    check_dictionary(field.value);
    check_range(field.value);
    check_list(field.value, List::Quotes::Strings);
    check_list(field.value, List::Quotes::EntityTags);
  }
}

void check_date(std::string_view text) {
  const auto date =
      parse_http_date(text, std::chrono::sys_seconds(std::chrono::seconds(kNow / 1000)));
  if (!date || date->time_since_epoch().count() < 0) return;
  const HttpDate written(date->time_since_epoch().count() * 1000);
  USHER_CHECK(parse_http_date(written.text(), {}) == date);
}

bool names(const Fields& fields, FieldId id) {
  return fields.find(id) != nullptr;
}

void check_reuse(const Freshness& kept, const CacheControl& asked) {
  const std::array<std::int64_t, 6> ages = {
      -1000,
      0,
      kept.lifetime_ms - 1,
      kept.lifetime_ms,
      kept.lifetime_ms + std::max(kept.stale_while_revalidate_ms, kept.stale_if_error_ms),
      kept.lifetime_ms + 1000};
  for (const std::int64_t age : ages) {
    for (const bool has_credentials : {false, true}) {
      const std::int64_t now = kept.generated_ms + age;
      const Reuse reuse = may_reuse(kept, asked, has_credentials, now);
      const bool on_error = may_reuse_on_error(kept, asked, has_credentials, now);
      const bool is_used = reuse != Reuse::Validate || on_error;
      USHER_CHECK(!is_used || !(kept.no_cache || asked.no_cache || asked.no_store));
      USHER_CHECK(!is_used || !has_credentials || kept.shared);
      USHER_CHECK(!is_used || !kept.must_revalidate || age < kept.lifetime_ms);
      const bool asks_for_stale = asked.max_stale || asked.stale_if_error;
      USHER_CHECK(!is_used || asks_for_stale || now < kept.usable_until_ms());
    }
  }
}

void check_store(const CachePolicy& policy, const RequestHead& request,
                 const ResponseHead& answer) {
  const CacheControl asked = CacheControl::of_request(request.fields);
  const CacheControl said = read_answer_control(answer.fields);
  const StoreDecision decision = may_store(policy, {.request = request,
                                                    .asked = asked,
                                                    .answer = answer,
                                                    .request_ms = kNow - 10,
                                                    .response_ms = kNow,
                                                    .jitter = 0.05});
  USHER_CHECK(!to_string(decision.reason).empty());
  if (!decision.stores()) return;
  USHER_CHECK(!asked.no_store && (!said.no_store || said.must_understand));
  USHER_CHECK(!said.private_ || policy.scope == CacheScope::User);
  USHER_CHECK(!names(answer.fields, FieldId::SetCookie));
  USHER_CHECK(!names(request.fields, FieldId::Range) && answer.status < 500);
  const Freshness& kept = decision.freshness;
  const bool has_credentials =
      names(request.fields, FieldId::Authorization) || names(request.fields, FieldId::Cookie);
  USHER_CHECK(!has_credentials || policy.scope == CacheScope::User || kept.shared);
  USHER_CHECK(kept.generated_ms <= kNow - 10 && kept.lifetime_ms >= 0);
  USHER_CHECK(kept.stale_while_revalidate_ms >= 0 && kept.stale_if_error_ms >= 0);
  USHER_CHECK(kept.usable_until_ms() >= kept.generated_ms);
  check_reuse(kept, asked);
}

CachePolicy policy_of(std::uint8_t choice) {
  CachePolicy policy;
  policy.scope = static_cast<CacheScope>(choice % 3);
  if ((choice & 4) != 0) policy.ttl = std::chrono::seconds(60);
  policy.ttl_overrides = (choice & 8) != 0;
  if ((choice & 16) != 0) policy.negative_ttl = std::chrono::seconds(5);
  if ((choice & 32) != 0) policy.stale_while_revalidate = std::chrono::seconds(20);
  if ((choice & 64) != 0) policy.stale_if_error = std::chrono::seconds(30);
  return policy;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::array<int, 8> kStatuses = {200, 204, 206, 301, 304, 404, 429, 503};
  Input input(data, size);
  RequestHead request;
  request.method = Method::Get;
  ResponseHead answer;
  answer.status = kStatuses[input.below(kStatuses.size())];
  answer.framing = Framing::ContentLength;
  const CachePolicy policy = policy_of(input.byte());
  while (!input.empty()) {
    std::string_view line = input.line();
    Fields& fields = line.starts_with('>') ? request.fields : answer.fields;
    if (line.starts_with('>')) line.remove_prefix(1);
    const std::size_t colon = std::min(line.find(':'), line.size());
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trim(line.substr(std::min(colon + 1, line.size())));
    check_date(value);
    fields.add(name, value, field_id(name));
  }
  check_cache_control(request.fields);
  check_cache_control(answer.fields);
  check_store(policy, request, answer);
  const Field* etag = answer.fields.find(FieldId::Etag);
  const std::string_view tag = etag == nullptr ? std::string_view{} : etag->value;
  USHER_CHECK(!is_not_modified(request.fields, tag, "") ||
              names(request.fields, FieldId::IfNoneMatch));
  return 0;
}
