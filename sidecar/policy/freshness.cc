#include "policy/freshness.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>

#include "base/bytes.h"
#include "http/http_date.h"
#include "http/list.h"
#include "http/targeted_control.h"
#include "policy/status_set.h"

namespace usher::policy {
namespace {

using http::CacheControl;
using http::FieldId;
using std::chrono::sys_seconds;
using Milliseconds = std::optional<std::int64_t>;

// What an owner may give a lifetime. Not what hangs on the one call: its part (206), its condition
// (304, 412), its credentials (401, 403, 407), its fields and size (413, 414, 416, 417, 431), its
// connection (408, 421, 426) or its moment (425, 428, 429).
constexpr StatusSet kKept = StatusSet::range(
    200, 499,
    {206, 304, 401, 403, 407, 408, 412, 413, 414, 416, 417, 421, 425, 426, 428, 429, 431});
// What the policy's ttl is for, and its negative_ttl.
constexpr StatusSet kPositive{200, 203, 300, 301, 308};
constexpr StatusSet kNegative{404, 410};
// Whose meaning for caches is known here (§5.2.2.3).
constexpr StatusSet kUnderstood{200, 203, 204, 300, 301, 302, 303, 307, 308, 400, 404, 405, 410};

std::int64_t to_ms(Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

std::int64_t to_ms(sys_seconds time) {
  return std::int64_t{1000} * time.time_since_epoch().count();
}

sys_seconds to_time(std::int64_t ms) {
  return std::chrono::floor<std::chrono::seconds>(
      std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(ms)));
}

bool has_credentials(const http::Fields& fields) {
  return fields.find(FieldId::Authorization) != nullptr || fields.find(FieldId::Cookie) != nullptr;
}

bool has_validator(const http::ResponseHead& answer) {
  const auto has = [&answer](FieldId id) {
    const http::Field* field = answer.fields.find(id);
    return field != nullptr && !field->value.empty();
  };
  return has(FieldId::Etag) || has(FieldId::LastModified);
}

bool varies_by_anything(const http::Fields& fields) {
  for (const http::Field& field : fields) {
    if (field.id != FieldId::Vary) continue;
    for (const std::string_view name : http::List(field.value)) {
      if (name == "*") return true;
    }
  }
  return false;
}

// "bytes 0-4/10". What is none means nothing in a whole answer (RFC 9110 §14.4).
bool has_content_range(const http::Fields& fields) {
  const http::Field* field = fields.find(FieldId::ContentRange);
  return field != nullptr && field->value.find(' ') != std::string_view::npos;
}

// §3.5, and the same for cookies, which the RFC does not know.
bool is_shared(const CacheControl& said) {
  return said.public_ || said.must_revalidate || said.s_maxage.has_value();
}

bool forbids_storing(const CacheControl& said, int status) {
  // Next to must-understand no-store is for caches that do not know the status (§5.2.2.3).
  return said.no_store && !(said.must_understand && kUnderstood.contains(status));
}

NotStored why_forbidden(const CachePolicy& policy, const StoreQuestion& question,
                        const CacheControl& said) {
  const http::Fields& request = question.request.fields;
  const http::ResponseHead& answer = question.answer;
  const bool is_own = policy.scope == CacheScope::User;
  constexpr int kPartialContent = 206;
  if (question.request.method != http::Method::Get) return NotStored::Method;
  if (request.find(FieldId::Range) != nullptr) return NotStored::Range;
  if (answer.status == kPartialContent || has_content_range(answer.fields)) {
    return NotStored::Partial;
  }
  if (!kKept.contains(answer.status)) return NotStored::Status;
  if (said.must_understand && !kUnderstood.contains(answer.status)) return NotStored::Status;
  if (question.asked.no_store || forbids_storing(said, answer.status)) return NotStored::NoStore;
  if (said.private_ && !is_own) return NotStored::Private;
  if (answer.fields.find(FieldId::SetCookie) != nullptr) return NotStored::SetCookie;
  if (varies_by_anything(answer.fields)) return NotStored::Vary;
  if (has_credentials(request) && !is_own && !is_shared(said)) return NotStored::Credentials;
  if (answer.framing == http::Framing::UntilClose) return NotStored::Length;
  if (answer.framing == http::Framing::ContentLength && answer.content_length > policy.max_object) {
    return NotStored::TooLarge;
  }
  return NotStored::No;
}

// Date, where there is one that can be read.
Milliseconds date_ms(const http::ResponseHead& answer, sys_seconds now) {
  const http::Field* field = answer.fields.find(FieldId::Date);
  if (field == nullptr) return std::nullopt;
  const auto date = http::parse_http_date(field->value, now);
  return date ? Milliseconds(to_ms(*date)) : std::nullopt;
}

// Of a list the first counts; what is no number is passed over (§5.1). A parameter, which Age has
// not, makes nobody younger.
std::int64_t age_field_ms(const http::Fields& fields) {
  const http::Field* field = fields.find(FieldId::Age);
  if (field == nullptr) return 0;
  const std::string_view first = *http::List(field->value).begin();
  return 1000 * http::parse_delta_seconds(trim(first.substr(0, first.find(';')))).value_or(0);
}

// corrected_initial_age of §4.2.3. A Date has whole seconds, so that it may be up to one later than
// it says: without that every answer would be up to a second old when it arrives.
std::int64_t initial_age_ms(const StoreQuestion& question, Milliseconds date) {
  constexpr std::int64_t kDateStep = 999;
  const std::int64_t apparent = date ? question.response_ms - (*date + kDateStep) : 0;
  const std::int64_t delay = std::max<std::int64_t>(0, question.response_ms - question.request_ms);
  return std::max(apparent, age_field_ms(question.answer.fields) + delay);
}

// Expires − Date; of several the earliest; what is no date is in the past (§5.3). Without a Date it
// is as if it said when the answer came (RFC 9110 §6.6.1).
Milliseconds expires_ms(const StoreQuestion& question, Milliseconds date) {
  const sys_seconds now = to_time(question.response_ms);
  Milliseconds lifetime;
  for (const http::Field& field : question.answer.fields) {
    if (field.id != FieldId::Expires) continue;
    const auto expires = http::parse_http_date(field.value, now);
    const std::int64_t until =
        expires ? to_ms(*expires) - date.value_or(question.response_ms) : std::int64_t{0};
    lifetime = std::max<std::int64_t>(0, lifetime ? std::min(*lifetime, until) : until);
  }
  return lifetime;
}

Milliseconds owner_lifetime_ms(const StoreQuestion& question, const CacheControl& said,
                               Milliseconds date) {
  if (said.s_maxage) return 1000 * *said.s_maxage;
  if (said.max_age) return 1000 * *said.max_age;
  return said.is_targeted ? std::nullopt : expires_ms(question, date);
}

Milliseconds policy_lifetime_ms(const CachePolicy& policy, const StoreQuestion& question) {
  Duration ttl{};
  if (kPositive.contains(question.answer.status)) {
    if (!policy.ttl) return std::nullopt;
    ttl = *policy.ttl;
  } else {
    if (!kNegative.contains(question.answer.status)) return std::nullopt;
    if (policy.negative_ttl == Duration::zero()) return std::nullopt;
    ttl = policy.negative_ttl;
  }
  return static_cast<std::int64_t>(static_cast<double>(to_ms(ttl)) * (1 - question.jitter));
}

// `said` seconds, else the policy's where the answer is no negative one.
std::int64_t window_ms(const std::optional<std::int64_t>& said, Duration policys, int status) {
  if (said) return 1000 * *said;
  return kPositive.contains(status) ? to_ms(policys) : 0;
}

// Kept for validation alone, too: a condition is only heard where the answer would be a success
// (RFC 9110 §13.2.1).
bool is_worth_keeping(const StoreQuestion& question, const Freshness& freshness,
                      bool has_lifetime) {
  const int status = question.answer.status;
  const bool is_success = status < 300 && (has_lifetime || kPositive.contains(status));
  if (is_success && has_validator(question.answer)) return true;
  return has_lifetime && !freshness.no_cache && question.response_ms < freshness.usable_until_ms();
}

// Of a consumer that wants none but a young or a long-lived one (§5.2.1.1, §5.2.1.3).
bool is_young_enough(const CacheControl& asked, std::int64_t age, std::int64_t lifetime) {
  if (asked.max_age && age >= 1000 * *asked.max_age) return false;
  return !asked.min_fresh || lifetime - age >= 1000 * *asked.min_fresh;
}

// no-store alone does not ask for that (§5.2.1.5), but who wants nothing kept hardly wants what is.
bool must_ask(const Freshness& kept, const CacheControl& asked, bool has_credentials) {
  return kept.no_cache || asked.no_cache || asked.no_store || (has_credentials && !kept.shared);
}

// Clocks are set back.
std::int64_t age_of(const Freshness& kept, std::int64_t now_ms) {
  return std::max<std::int64_t>(0, kept.age_ms(now_ms));
}

// Only for the century of dates whose year has two digits.
constexpr sys_seconds kThisCentury = std::chrono::sys_days(std::chrono::January / 1 / 2026);

// Without its mark of weakness: 304 compares weakly (RFC 9110 §8.8.3.2).
std::string_view opaque(std::string_view etag) {
  return etag.starts_with("W/") ? etag.substr(2) : etag;
}

}  // namespace

std::int64_t Freshness::usable_until_ms() const {
  if (no_cache) return generated_ms;
  if (must_revalidate) return generated_ms + lifetime_ms;
  return generated_ms + lifetime_ms + std::max(stale_while_revalidate_ms, stale_if_error_ms);
}

std::string_view to_string(NotStored reason) {
  constexpr std::array<std::string_view, kNotStored> kNames = {
      "stored", "method",  "status", "no-store", "private",     "set-cookie", "credentials",
      "vary",   "partial", "range",  "length",   "no-lifetime", "too-large"};
  return kNames[static_cast<std::size_t>(reason)];
}

StoreDecision may_store(const CachePolicy& policy, const StoreQuestion& question) {
  const CacheControl said = http::read_answer_control(question.answer.fields);
  if (const NotStored reason = why_forbidden(policy, question, said); reason != NotStored::No) {
    return {reason};
  }
  const int status = question.answer.status;
  const Milliseconds date = date_ms(question.answer, to_time(question.response_ms));
  const Milliseconds owners = owner_lifetime_ms(question, said, date);
  const Milliseconds policys = policy_lifetime_ms(policy, question);
  const bool overrides = policy.ttl_overrides && policys;
  const Milliseconds lifetime = owners && !overrides ? owners : policys;

  Freshness freshness;
  freshness.generated_ms = question.response_ms - initial_age_ms(question, date);
  freshness.lifetime_ms = lifetime.value_or(0);
  // Where nobody says that it is ever fresh, nobody says that it is nearly so.
  if (lifetime) {
    freshness.stale_while_revalidate_ms =
        window_ms(said.stale_while_revalidate, policy.stale_while_revalidate, status);
  }
  freshness.stale_if_error_ms = window_ms(said.stale_if_error, policy.stale_if_error, status);
  // s-maxage says the same (§5.2.2.10).
  freshness.must_revalidate =
      said.must_revalidate || said.proxy_revalidate || said.s_maxage.has_value();
  freshness.no_cache = said.no_cache && !overrides;
  freshness.shared = is_shared(said);
  if (!is_worth_keeping(question, freshness, lifetime.has_value())) return {NotStored::NoLifetime};
  return {NotStored::No, freshness};
}

Reuse may_reuse(const Freshness& kept, const CacheControl& asked, bool has_credentials,
                std::int64_t now_ms) {
  const std::int64_t age = age_of(kept, now_ms);
  if (must_ask(kept, asked, has_credentials) || !is_young_enough(asked, age, kept.lifetime_ms)) {
    return Reuse::Validate;
  }
  const std::int64_t staleness = age - kept.lifetime_ms;
  if (staleness < 0) return Reuse::Fresh;
  if (kept.must_revalidate) return Reuse::Validate;
  const bool is_nearly_fresh = staleness < kept.stale_while_revalidate_ms;
  if (asked.max_stale) {
    if (staleness > 1000 * *asked.max_stale) return Reuse::Validate;
    return is_nearly_fresh ? Reuse::WhileFetched : Reuse::Fresh;
  }
  // Who gives an age wants nothing stale either (§5.2.1.1).
  return is_nearly_fresh && !asked.max_age ? Reuse::WhileFetched : Reuse::Validate;
}

bool may_reuse_on_error(const Freshness& kept, const CacheControl& asked, bool has_credentials,
                        std::int64_t now_ms) {
  const std::int64_t age = age_of(kept, now_ms);
  if (must_ask(kept, asked, has_credentials) || !is_young_enough(asked, age, kept.lifetime_ms)) {
    return false;
  }
  const std::int64_t staleness = age - kept.lifetime_ms;
  if (staleness < 0) return true;
  if (kept.must_revalidate) return false;
  // RFC 5861 §4: the consumer may say so too.
  if (asked.stale_if_error) return staleness < 1000 * *asked.stale_if_error;
  if (asked.max_stale) return staleness <= 1000 * *asked.max_stale;
  return staleness < kept.stale_if_error_ms && !asked.max_age;
}

bool is_not_modified(const http::Fields& request, std::string_view etag,
                     std::string_view last_modified) {
  bool has_etags = false;
  for (const http::Field& field : request) {
    if (field.id != FieldId::IfNoneMatch) continue;
    has_etags = true;
    for (const std::string_view other : http::List(field.value, http::List::Quotes::EntityTags)) {
      if (other == "*" || (!etag.empty() && opaque(other) == opaque(etag))) return true;
    }
  }
  const http::Field* since = request.find(FieldId::IfModifiedSince);
  if (has_etags || since == nullptr || last_modified.empty()) return false;
  const auto modified = http::parse_http_date(last_modified, kThisCentury);
  const auto known = http::parse_http_date(since->value, kThisCentury);
  return modified && known && *modified <= *known;
}

bool is_of_same_bytes(const http::Fields& request, std::string_view etag,
                      std::string_view last_modified, std::string_view date) {
  const http::Field* condition = request.find(FieldId::IfRange);
  if (condition == nullptr) return true;
  if (condition->value.starts_with('"')) return condition->value == etag;
  if (condition->value != last_modified) return false;
  const auto modified = http::parse_http_date(last_modified, kThisCentury);
  const auto made = http::parse_http_date(date, kThisCentury);
  return modified && made && *modified < *made;
}

}  // namespace usher::policy
