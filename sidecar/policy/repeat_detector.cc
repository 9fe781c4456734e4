#include "policy/repeat_detector.h"

#include <algorithm>
#include <functional>

#include "base/bytes.h"

namespace usher::policy {
namespace {

// Spreads each bit over the word (the finalizer of SplitMix64, Steele, Lea and Flood, 2014).
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

std::uint64_t combine(std::uint64_t hash, std::uint64_t value) {
  return mix(hash * 31 + value + 0x9e3779b97f4a7c15u);
}

std::uint64_t combine(std::uint64_t hash, std::string_view text) {
  return combine(hash, std::hash<std::string_view>()(text));
}

}  // namespace

int read_retry_attempt(const http::Fields& fields) {
  const http::Field* field = fields.find(http::FieldId::RetryAttempt);
  if (field == nullptr) return 0;
  constexpr std::uint64_t kMax = 1000;
  return static_cast<int>(std::min(parse_decimal(field->value).value_or(0), kMax));
}

std::uint64_t RepeatDetector::fingerprint(const CallIdentity& call) {
  std::uint64_t hash = combine(combine(0, call.endpoint), call.tenant);
  if (!call.idempotency_key.empty()) {
    hash = combine(combine(hash, std::uint64_t{1}), call.idempotency_key);
  } else if (!call.trace_id.empty()) {
    hash = combine(combine(combine(hash, call.trace_id), call.target), call.body_hash);
  } else {
    return 0;
  }
  return std::max(hash, std::uint64_t{1});
}

void RepeatDetector::failed(std::uint64_t fingerprint, Instant now) {
  if (fingerprint == 0) return;
  if (sets_ == nullptr) sets_ = std::make_unique<std::array<Set, kSets>>();
  Set& set = (*sets_)[fingerprint % kSets];
  Entry* place = std::find_if(set.begin(), set.end(), [fingerprint](const Entry& entry) {
    return entry.fingerprint == fingerprint;
  });
  if (place == set.end()) {
    place = std::min_element(set.begin(), set.end(), [](const Entry& a, const Entry& b) {
      return a.fingerprint == 0 ? b.fingerprint != 0 : b.fingerprint != 0 && a.at < b.at;
    });
  }
  *place = {.fingerprint = fingerprint, .at = now};
}

bool RepeatDetector::repeats(std::uint64_t fingerprint, Instant now) const {
  if (fingerprint == 0 || sets_ == nullptr) return false;
  const Set& set = (*sets_)[fingerprint % kSets];
  return std::any_of(set.begin(), set.end(), [fingerprint, now](const Entry& entry) {
    return entry.fingerprint == fingerprint && now - entry.at <= kMemory;
  });
}

}  // namespace usher::policy
