#include "proxy/request_writer.h"

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "http/list.h"
#include "http/target.h"
#include "http/targeted_control.h"

namespace usher::proxy {
namespace {

usher_host_str host_str(std::string_view text) {
  return {text.data(), text.size()};
}

// The target as the owner reads it; without a rewrite the very bytes that the consumer wrote.
// Empty: it does not fit.
std::string_view owner_target(const OwnerRequest& request, std::span<char> buffer) {
  const route::PathTemplate& rewrite = request.match.endpoint->rewrite;
  if (rewrite.segments().empty()) return request.head.target;
  std::size_t size = rewrite.write(request.match.parameters, buffer);
  if (size == 0) return {};
  const std::size_t query_at = request.head.target.find('?');
  if (query_at != std::string_view::npos) {
    const std::string_view query = request.head.target.substr(query_at);
    if (buffer.size() - size < query.size()) return {};
    std::memcpy(buffer.data() + size, query.data(), query.size());
    size += query.size();
  }
  return {buffer.data(), size};
}

// What the scheme itself is going to say is not taken from the consumer, whatever the configuration
// calls it.
bool is_signed_name(const filter::Signer& signer, std::string_view name) {
  const std::vector<std::string>& names = signer.header_names();
  return std::any_of(names.begin(), names.end(), [name](const std::string& other) {
    return equals_ignoring_case(name, other);
  });
}

// "TE: trailers", among other codings that are not offered to the owner (RFC 9110 §10.1.4).
bool wants_trailers(std::string_view codings) {
  for (const std::string_view coding : http::List(codings)) {
    if (equals_ignoring_case(coding, "trailers")) return true;
  }
  return false;
}

void write_fields(const OwnerRequest& request, const filter::Signer& signer,
                  http::HeadWriter& writer) {
  bool trailers = false;
  for (const http::Field& field : request.head.fields) {
    trailers = trailers || (field.id == http::FieldId::Te && wants_trailers(field.value));
    if (!http::passes_to_owner(field, request.connection_options)) continue;
    // Some owners refuse a type without a body (Fastify 5 answers 400).
    if (field.id == http::FieldId::ContentType && !request.body.exists()) continue;
    if (field.id == http::FieldId::RetryAttempt && request.retry_attempt > 0) continue;
    if (request.unconditional &&
        (field.id == http::FieldId::IfNoneMatch || field.id == http::FieldId::IfModifiedSince)) {
      continue;
    }
    if (http::is_plain(field.id) && is_signed_name(signer, field.name)) continue;
    writer.trusted_field(field.name, field.value);
  }
  // Owners that know this speak to us by Surrogate-Control.
  if (request.may_keep) writer.trusted_field("Surrogate-Capability", http::kDeviceCapability);
  if (!request.if_none_match.empty()) {
    writer.trusted_field("If-None-Match", request.if_none_match);
  }
  if (!request.if_modified_since.empty()) {
    writer.trusted_field("If-Modified-Since", request.if_modified_since);
  }
  if (trailers) {
    writer.trusted_field("TE", "trailers");
    writer.trusted_field("Connection", "TE");
  }
}

usher_sign_input sign_input(const OwnerRequest& request, std::string_view target,
                            const filter::Signer& signer, Random& random) {
  usher_sign_input input{};
  input.struct_size = sizeof(input);
  input.has_body = request.body.exists() ? 1 : 0;
  input.consumer = host_str(request.consumer);
  input.method = host_str(request.head.method_name);
  input.target = host_str(target);
  input.tenant = host_str(request.context.tenant());
  if (signer.needs_body()) input.body = host_str(request.body.held());
  input.timestamp_ms = request.wall_ms;
  const std::uint64_t words[2] = {random.next(), random.next()};
  static_assert(sizeof(words) == sizeof(input.random));
  std::memcpy(input.random, words, sizeof(words));
  return input;
}

}  // namespace

Result<std::string_view> write_owner_head(const OwnerRequest& request, filter::WorkerSigner& signer,
                                          Random& random, std::span<char> buffer,
                                          std::string& reason) {
  // The rewritten target is made at the buffer's far end, out of the head's way.
  const std::size_t half = buffer.size() / 2;
  const std::string_view target = owner_target(request, buffer.subspan(half));
  if (target.empty()) return fail(ErrorCode::HeadersTooLarge, "the rewritten target is too large");

  http::HeadWriter writer(
      buffer.first(target.data() == buffer.data() + half ? half : buffer.size()));
  writer.request_line(request.head.method_name, target);
  writer.trusted_field("Host", request.authority);
  write_fields(request, signer.signer(), writer);
  request.context.write(writer, request.consumer, random);
  writer.field("X-Request-Timeout-Ms", static_cast<std::uint64_t>(std::max<std::int64_t>(
                                           0, request.time_left / std::chrono::milliseconds(1))));
  if (!request.made_key.empty()) writer.trusted_field("Idempotency-Key", request.made_key);
  if (request.retry_attempt > 0) {
    writer.field("X-Retry-Attempt", static_cast<std::uint64_t>(request.retry_attempt));
  }
  request.body.write_framing(writer, request.head.method);
  if (const Status signed_well =
          signer.sign(sign_input(request, target, signer.signer(), random), writer, reason);
      !signed_well) {
    return tl::unexpected(signed_well.error());
  }
  writer.end();
  if (!writer.ok())
    return fail(ErrorCode::HeadersTooLarge, "the head is too large with what is added to it");
  return writer.view();
}

}  // namespace usher::proxy
