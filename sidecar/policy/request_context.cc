#include "policy/request_context.h"

#include <algorithm>

#include "base/bytes.h"

namespace usher::policy {
namespace {

constexpr std::size_t kUuidBytes = 36;
constexpr std::size_t kOpaqueBytesMax = 255;
// Trace ids are free text on the platform ("mint-worker-1768210800000-x7"), so only length and
// characters are checked.
constexpr std::size_t kTraceBytesMax = 128;
constexpr std::size_t kTraceparentBytes = 55;

bool is_visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

bool is_lower_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

bool is_zero(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c == '0'; });
}

bool is_uuid_shape(std::string_view text) {
  if (text.size() != kUuidBytes) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_dash ? text[i] != '-' : !is_hex_digit(text[i])) return false;
  }
  return true;
}

bool has_format(std::string_view text, IdFormat format) {
  switch (format) {
    case IdFormat::Uuid: {
      if (!is_uuid_shape(text)) return false;
      const char variant = to_lower(text[19]);
      return text[14] >= '1' && text[14] <= '5' &&
             (variant == '8' || variant == '9' || variant == 'a' || variant == 'b');
    }
    case IdFormat::UuidAny:
      return is_uuid_shape(text);
    case IdFormat::Opaque:
      return !text.empty() && text.size() <= kOpaqueBytesMax && is_visible(text);
  }
  return false;
}

// The value of a field that may stand once; `twice` when it stands more often.
std::string_view single(const http::Fields& fields, http::FieldId id, bool& twice) {
  const http::Field* found = nullptr;
  for (const http::Field& field : fields) {
    if (field.id != id) continue;
    twice = twice || found != nullptr;
    found = &field;
  }
  return found == nullptr ? std::string_view{} : found->value;
}

void write_hex(std::uint64_t value, char* out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) *out++ = kDigits[(value >> shift) & 0xf];
}

// version "-" trace-id "-" parent-id "-" trace-flags; a later version may be longer (Trace Context
// §3.2.2, §4.3).
struct Traceparent {
  std::string_view trace_id;
  std::string_view flags;

  static Traceparent parse(std::string_view text) {
    const bool has_shape =
        text.size() >= kTraceparentBytes && text[2] == '-' && text[35] == '-' && text[52] == '-';
    if (!has_shape) return {};
    const std::string_view version = text.substr(0, 2);
    const std::string_view trace_id = text.substr(3, 32);
    const std::string_view parent_id = text.substr(36, 16);
    const std::string_view flags = text.substr(53, 2);
    const bool length_fits =
        version == "00" ? text.size() == kTraceparentBytes
                        : text.size() == kTraceparentBytes || text[kTraceparentBytes] == '-';
    const bool is_valid = is_lower_hex(version) && version != "ff" && is_lower_hex(trace_id) &&
                          !is_zero(trace_id) && is_lower_hex(parent_id) && !is_zero(parent_id) &&
                          is_lower_hex(flags);
    return length_fits && is_valid ? Traceparent{trace_id, flags} : Traceparent{};
  }
};

}  // namespace

void RequestContext::read_trace(const http::Fields& fields, Random& random) {
  tenant_ = user_ = {};
  bool twice = false;
  const Traceparent parent = Traceparent::parse(single(fields, http::FieldId::Traceparent, twice));
  trace_id_ = single(fields, http::FieldId::TraceId, twice);
  span_id_ = single(fields, http::FieldId::SpanId, twice);
  if (trace_id_.size() > kTraceBytesMax || !is_visible(trace_id_)) trace_id_ = {};
  if (span_id_.size() > kTraceBytesMax || !is_visible(span_id_)) span_id_ = {};

  trace_parent_id_ = parent.trace_id;
  trace_flags_ = parent.flags.empty() ? "01" : parent.flags;
  if (trace_parent_id_.empty() && trace_id_.size() == 32 && is_lower_hex(trace_id_) &&
      !is_zero(trace_id_)) {
    trace_parent_id_ = trace_id_;
  }
  if (trace_parent_id_.empty()) {
    write_hex(random.next() | 1, made_trace_id_.data());
    write_hex(random.next(), made_trace_id_.data() + 16);
    trace_parent_id_ = {made_trace_id_.data(), made_trace_id_.size()};
  }
  if (trace_id_.empty()) trace_id_ = trace_parent_id_;
  if (span_id_.empty()) {
    write_hex(random.next() | 1, made_span_id_.data());
    span_id_ = {made_span_id_.data(), made_span_id_.size()};
  }
}

Status RequestContext::read_identity(const http::Fields& fields, const EndpointPolicy& policy) {
  bool tenant_twice = false;
  bool user_twice = false;
  tenant_ = single(fields, http::FieldId::TenantId, tenant_twice);
  user_ = single(fields, http::FieldId::UserId, user_twice);
  if (tenant_twice) return fail(ErrorCode::InvalidTenantId, "X-Tenant-ID is given more than once");
  if (user_twice) return fail(ErrorCode::InvalidUserId, "X-User-ID is given more than once");
  if (tenant_.empty() && policy.tenant == TenantRule::Required) {
    return fail(ErrorCode::MissingTenantId, "X-Tenant-ID is required");
  }
  if (!tenant_.empty() && policy.tenant != TenantRule::None &&
      !has_format(tenant_, policy.tenant_format)) {
    return fail(ErrorCode::InvalidTenantId, policy.tenant_format == IdFormat::Opaque
                                                ? "X-Tenant-ID is not 1 to 255 visible characters"
                                                : "X-Tenant-ID is not a UUID");
  }
  if (!user_.empty() && !has_format(user_, policy.user_format)) {
    return fail(ErrorCode::InvalidUserId, policy.user_format == IdFormat::Opaque
                                              ? "X-User-ID is not 1 to 255 visible characters"
                                              : "X-User-ID is not a UUID");
  }
  return {};
}

void RequestContext::write(http::HeadWriter& writer, std::string_view consumer,
                           Random& random) const {
  if (!tenant_.empty()) writer.trusted_field("X-Tenant-ID", tenant_);
  if (!user_.empty()) writer.trusted_field("X-User-ID", user_);
  writer.trusted_field("X-Trace-ID", trace_id_);
  writer.trusted_field("X-Span-ID", span_id_);
  std::array<char, kTraceparentBytes> traceparent;
  char* out = traceparent.data();
  const auto put = [&out](std::string_view text) {
    out = std::copy(text.begin(), text.end(), out);
  };
  put("00-");
  put(trace_parent_id_);
  put("-");
  write_hex(random.next() | 1, out);
  out += 16;
  put("-");
  put(trace_flags_);
  writer.trusted_field("traceparent", {traceparent.data(), traceparent.size()});
  writer.trusted_field("X-Calling-Service", consumer);
}

}  // namespace usher::policy
