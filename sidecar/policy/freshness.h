// Freshness: whether an answer may be kept, for how long it is fresh, and what a kept one may be
// used for (RFC 9111 for a shared cache, RFC 5861, with the endpoint's policy on top).
//
// Precedence: what forbids wins (no-store, private, Set-Cookie, …); then, unless
// CachePolicy::ttl_overrides, s-maxage > max-age > Expires − Date > the policy's ttl. No heuristics
// (§4.2.2). CDN-Cache-Control and Surrogate-Control take the place of Cache-Control and Expires
// (http/targeted_control.h). stale-while-revalidate and stale-if-error: the owner's, else, but for
// 404 and 410, the policy's. What overrides takes the place of no-cache too, but not of what
// forbids stale answers (must-revalidate, proxy-revalidate, s-maxage).
//
// Which statuses: where the owner gives a lifetime all final ones that do not hang on the call's
// credentials, conditions or moment, and no 5xx; by the policy's ttl 200, 203, 300, 301, 308; by
// its negative_ttl 404, 410. A successful one without a lifetime is kept for validation alone.
//
// Thread: any. Pure. Times: milliseconds since 1970.
#pragma once

#include <cstdint>
#include <string_view>

#include "http/cache_control.h"
#include "http/message.h"
#include "policy/cache_policy.h"

namespace usher::policy {

// What is known of a kept answer's time.
struct Freshness {
  std::int64_t generated_ms =
      0;  // when the owner made it: its age is what has gone by since (§4.2.3)
  std::int64_t lifetime_ms = 0;
  std::int64_t stale_while_revalidate_ms = 0;  // beyond lifetime_ms
  std::int64_t stale_if_error_ms = 0;
  bool must_revalidate = false;  // never used stale
  bool no_cache = false;         // never used without asking the owner
  bool shared = false;  // may answer calls with Authorization or Cookie (§3.5): it says so itself

  std::int64_t age_ms(std::int64_t now_ms) const { return now_ms - generated_ms; }
  // Of no use after that, but to be validated, or for a consumer that takes it staler (max-stale).
  std::int64_t usable_until_ms() const;
};

// Why an answer is not kept.
enum class NotStored : std::uint8_t {
  No,       // it is
  Method,   // not GET
  Status,   // of a kind that is not kept
  NoStore,  // either side says so
  Private,  // and the endpoint's scope is not the user
  SetCookie,
  Credentials,  // the call had Authorization or Cookie, and the answer does not say that it may
  Vary,         // *
  Partial,      // 206, or Content-Range
  Range,        // asked for
  Length,       // it ends with its connection, so it may be cut
  NoLifetime,   // neither the owner nor the policy gives it one, and nothing to validate it by
  TooLarge,     // of CachePolicy::max_object
};
inline constexpr int kNotStored = static_cast<int>(NotStored::TooLarge) + 1;
// "no-store", for Cache-Status' detail and metrics.
std::string_view to_string(NotStored reason);

struct StoreQuestion {
  const http::RequestHead& request;
  const http::CacheControl& asked;  // of the request
  // As it would be kept: for a 304 the kept one with the 304's fields in it (§4.3.4).
  const http::ResponseHead& answer;
  std::int64_t request_ms = 0;   // when it was sent
  std::int64_t response_ms = 0;  // when its head was there
  double jitter = 0;             // 0–0.1: the part by which the policy's own ttl is shortened
};

struct StoreDecision {
  NotStored reason = NotStored::No;
  Freshness freshness{};

  bool stores() const { return reason == NotStored::No; }
};

StoreDecision may_store(const CachePolicy& policy, const StoreQuestion& question);

// What a kept answer may be used for.
enum class Reuse : std::uint8_t {
  Fresh,         // as the answer
  WhileFetched,  // as the answer, and it is fetched anew behind it
  Validate,      // the owner has to be asked
};
// `has_credentials`: the call has Authorization or Cookie, and the scope is not the user.
// asked.only_if_cached is the caller's: 504 where this says Validate (§5.2.1.7).
Reuse may_reuse(const Freshness& kept, const http::CacheControl& asked, bool has_credentials,
                std::int64_t now_ms);
// In place of an owner that cannot answer.
bool may_reuse_on_error(const Freshness& kept, const http::CacheControl& asked,
                        bool has_credentials, std::int64_t now_ms);

// The consumer's own condition (If-None-Match, else If-Modified-Since; RFC 9110 §13.1) against a
// kept answer: true when it is to be answered 304. `last_modified`: without one the caller gives
// the answer's Date (RFC 9111 §4.3.2).
bool is_not_modified(const http::Fields& request, std::string_view etag,
                     std::string_view last_modified);

// If-Range (RFC 9110 §13.1.5): whether a part of the kept answer goes with the parts that the
// consumer has. Without If-Range: true. `last_modified` counts where it is strong: a second or more
// before `date` (§8.8.2.2).
bool is_of_same_bytes(const http::Fields& request, std::string_view etag,
                      std::string_view last_modified, std::string_view date);

}  // namespace usher::policy
