#include "http/field_id.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

#include "base/bytes.h"

namespace usher::http {

namespace {

struct Name {
  std::string_view text;  // lower case
  FieldId id;
};

constexpr auto kNames = std::to_array<Name>({
    {"te", FieldId::Te},
    {"age", FieldId::Age},
    {"date", FieldId::Date},
    {"host", FieldId::Host},
    {"etag", FieldId::Etag},
    {"vary", FieldId::Vary},
    {"range", FieldId::Range},
    {"expect", FieldId::Expect},
    {"cookie", FieldId::Cookie},
    {"pragma", FieldId::Pragma},
    {"trailer", FieldId::Trailer},
    {"upgrade", FieldId::Upgrade},
    {"x-nonce", FieldId::Protected},
    {"expires", FieldId::Expires},
    {"if-match", FieldId::IfMatch},
    {"if-range", FieldId::IfRange},
    {"x-service", FieldId::Protected},
    {"x-span-id", FieldId::SpanId},
    {"x-user-id", FieldId::UserId},
    {"connection", FieldId::Connection},
    {"keep-alive", FieldId::KeepAlive},
    {"x-trace-id", FieldId::TraceId},
    {"set-cookie", FieldId::SetCookie},
    {"retry-after", FieldId::RetryAfter},
    {"traceparent", FieldId::Traceparent},
    {"x-signature", FieldId::Protected},
    {"x-tenant-id", FieldId::TenantId},
    {"x-timestamp", FieldId::Protected},
    {"content-type", FieldId::ContentType},
    {"cache-status", FieldId::CacheStatus},
    {"authorization", FieldId::Authorization},
    {"cache-control", FieldId::CacheControl},
    {"content-range", FieldId::ContentRange},
    {"if-none-match", FieldId::IfNoneMatch},
    {"last-modified", FieldId::LastModified},
    {"content-length", FieldId::ContentLength},
    {"x-service-name", FieldId::Protected},
    {"idempotency-key", FieldId::IdempotencyKey},
    {"x-request-nonce", FieldId::Protected},
    {"x-retry-attempt", FieldId::RetryAttempt},
    {"x-service-token", FieldId::Protected},
    {"x-webhook-nonce", FieldId::Protected},
    {"accept-encoding", FieldId::AcceptEncoding},
    {"proxy-connection", FieldId::ProxyConnection},
    {"x-target-service", FieldId::Protected},
    {"content-encoding", FieldId::ContentEncoding},
    {"cdn-cache-control", FieldId::CdnCacheControl},
    {"surrogate-control", FieldId::SurrogateControl},
    {"transfer-encoding", FieldId::TransferEncoding},
    {"x-calling-service", FieldId::CallingService},
    {"if-modified-since", FieldId::IfModifiedSince},
    {"proxy-authenticate", FieldId::ProxyAuthenticate},
    {"proxy-authorization", FieldId::ProxyAuthorization},
    {"x-request-signature", FieldId::Protected},
    {"x-request-timestamp", FieldId::Protected},
    {"x-service-signature", FieldId::Protected},
    {"x-service-timestamp", FieldId::Protected},
    {"x-webhook-timestamp", FieldId::Protected},
    {"if-unmodified-since", FieldId::IfUnmodifiedSince},
    {"x-request-timeout-ms", FieldId::RequestTimeoutMs},
});

constexpr std::size_t kLongest = 20;
static_assert(std::ranges::all_of(kNames, [](const Name& name) {
  return !name.text.empty() && name.text.size() <= kLongest;
}));

// A name is looked for in one place: of its length and three of its bytes, without case, times a
// number by which no two of kNames come to the same place.
constexpr int kPlaceBits = 9;

constexpr std::size_t place_of(std::string_view name, std::uint32_t multiplier) {
  const auto byte = [name](std::size_t i) { return static_cast<std::uint32_t>(name[i] & 0x1f); };
  const std::uint32_t size = static_cast<std::uint32_t>(name.size());
  const std::uint32_t word =
      size | byte(0) << 8 | byte(name.size() / 3) << 16 | byte(name.size() - 1) << 24;
  return (word * multiplier) >> (32 - kPlaceBits);
}

using Places = std::array<std::uint8_t, 1 << kPlaceBits>;  // indexes of kNames, from 1

constexpr bool fill(Places& places, std::uint32_t multiplier) {
  places.fill(0);
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    std::uint8_t& place = places[place_of(kNames[i].text, multiplier)];
    if (place != 0) return false;
    place = static_cast<std::uint8_t>(i + 1);
  }
  return true;
}

// Found by the compiler, anew for each change of kNames.
constexpr std::uint32_t kMultiplier = [] {
  Places places{};
  std::uint32_t multiplier = 0x9e3779b1;
  while (!fill(places, multiplier)) multiplier = multiplier * 1664525 + 1013904223;
  return multiplier;
}();

constexpr Places kPlaces = [] {
  Places places{};
  fill(places, kMultiplier);
  return places;
}();

constexpr std::string_view kProtectedPrefix = "x-internal-";

// Eight bytes in lower case, as far as letters and '-' go.
std::uint64_t folded_word(const char* bytes) {
  std::uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  return word | 0x2020202020202020;
}

// Whether `name` begins with `text`, which is of lower-case letters and '-'. REQUIRES: `name` is no
// shorter.
bool begins_with(std::string_view name, std::string_view text) {
  const std::size_t size = text.size();
  std::size_t i = 0;
  if (size >= 8) {
    for (; i + 8 <= size; i += 8) {
      if (folded_word(name.data() + i) != folded_word(text.data() + i)) return false;
    }
    const std::size_t last = size - 8;
    return folded_word(name.data() + last) == folded_word(text.data() + last);
  }
  for (; i < size; ++i) {
    if ((name[i] | 0x20) != text[i]) return false;
  }
  return true;
}

bool is_internal(std::string_view name) {
  return name.size() >= kProtectedPrefix.size() && begins_with(name, kProtectedPrefix);
}

}  // namespace

FieldId field_id(std::string_view name) {
  if (is_internal(name)) return FieldId::Protected;
  if (name.size() > kLongest || name.empty()) return FieldId::Other;
  const std::size_t place = kPlaces[place_of(name, kMultiplier)];
  if (place == 0) return FieldId::Other;
  const Name& known = kNames[place - 1];
  if (name.size() != known.text.size() || !begins_with(name, known.text)) return FieldId::Other;
  return known.id;
}

FieldId field_id_folded(std::string_view name) {
  if (name.find('_') == std::string_view::npos) return field_id(name);
  // A name longer than every known one can still begin with the protected prefix.
  std::array<char, kLongest + 1> folded;
  const std::size_t size = std::min(name.size(), folded.size());
  std::replace_copy(name.begin(), name.begin() + static_cast<std::ptrdiff_t>(size), folded.begin(),
                    '_', '-');
  return field_id({folded.data(), size});
}

}  // namespace usher::http
