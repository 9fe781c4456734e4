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

// By length, so that a name is compared with the few of its own length.
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

constexpr std::size_t kLongest = kNames.back().text.size();
static_assert(std::ranges::is_sorted(kNames, {},
                                     [](const Name& name) { return name.text.size(); }));

// Where the names of each length begin in kNames.
constexpr auto kFirstOfLength = [] {
  std::array<std::uint8_t, kLongest + 2> first{};
  for (std::size_t length = 0; length < first.size(); ++length) {
    const auto shorter = [length](const Name& name) { return name.text.size() < length; };
    first[length] = static_cast<std::uint8_t>(std::ranges::count_if(kNames, shorter));
  }
  return first;
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
  const char first = to_lower(name.front());
  for (std::size_t i = kFirstOfLength[name.size()]; i < kFirstOfLength[name.size() + 1]; ++i) {
    if (kNames[i].text.front() == first && begins_with(name, kNames[i].text)) {
      return kNames[i].id;
    }
  }
  return FieldId::Other;
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
