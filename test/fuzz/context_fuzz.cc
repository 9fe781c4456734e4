// A call's fields: which options Connection lists, which fields pass on, which number a name has,
// and for whom and as part of which trace the call is. What is read is compared with naive
// readings; what is written must be well formed.
//
// Input: a byte for the policy, then field lines, as in a head but for the first one.
#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "fuzz/support/input.h"
#include "fuzz/support/strict_http.h"
#include "http/head_scanner.h"
#include "http/head_writer.h"
#include "http/hop_by_hop.h"
#include "http/parser.h"
#include "policy/request_context.h"

namespace {

using namespace usher::http;
using namespace usher::policy;
using namespace usher::fuzz;

std::string changed(std::string_view text, char (*change)(char)) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), change);
  return result;
}

char dashed(char c) {
  return c == '_' ? '-' : c;
}

char upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
}

void check_name(std::string_view name) {
  const FieldId id = field_id(name);
  USHER_CHECK(id == field_id(changed(name, usher::to_lower)));
  USHER_CHECK(id == field_id(changed(name, upper)));
  USHER_CHECK(field_id_folded(name) == field_id(changed(name, dashed)));
  if (begins_like(name, "x-internal-")) USHER_CHECK(field_id_folded(name) == FieldId::Protected);
  constexpr std::pair<std::string_view, FieldId> kKnown[] = {
      {"host", FieldId::Host},
      {"content-length", FieldId::ContentLength},
      {"transfer-encoding", FieldId::TransferEncoding},
      {"connection", FieldId::Connection},
      {"x-tenant-id", FieldId::TenantId},
      {"x-service-token", FieldId::Protected},
      {"x-calling-service", FieldId::CallingService},
  };
  for (const auto& [known, known_id] : kKnown) {
    USHER_CHECK(id == known_id || !same_name(name, known));
  }
}

std::vector<std::string> listed_options(const StrictMessage& head) {
  std::vector<std::string> options;
  for (const auto& [name, value] : head.fields) {
    if (!same_name(name, "connection")) continue;
    std::string_view rest = value;
    for (;;) {
      const std::size_t comma = rest.find(',');
      options.emplace_back(usher::trim(rest.substr(0, comma)));
      if (comma == std::string_view::npos) break;
      rest.remove_prefix(comma + 1);
    }
  }
  return options;
}

// What no consumer may have dropped.
bool is_vital(std::string_view name) {
  return begins_like(name, "x-internal-") || begins_like(name, "x-forwarded-") ||
         same_name(name, "host") || same_name(name, "authorization") ||
         same_name(name, "content-length") || same_name(name, "x-tenant-id");
}

void check_connection(const Fields& fields, const ConnectionOptions& options,
                      const StrictMessage& head) {
  bool close = false;
  std::size_t count = 0;
  for (const std::string& option : listed_options(head)) {
    if (option.empty()) continue;
    ++count;
    const bool is_close = same_name(option, "close");
    close = close || is_close;
    const bool is_own = is_close || same_name(option, "keep-alive");
    USHER_CHECK(!is_vital(option) && (is_own || options.contains(option)));
  }
  USHER_CHECK(close == options.close() && count <= ConnectionOptions::kMax);
  for (const Field& field : fields) {
    if (!passes_to_owner(field, options)) continue;
    USHER_CHECK(!begins_like(field.name, "x-internal-") && !same_name(field.name, "connection"));
    USHER_CHECK(!same_name(field.name, "host") && !same_name(field.name, "content-length"));
    USHER_CHECK(!options.contains(field.name));
    if (passes_to_consumer(field, options)) continue;
    USHER_CHECK(field.id == FieldId::Other);  // by its name with '_'
  }
}

bool is_uuid(const std::string& text) {
  std::string shape = text;
  for (char& c : shape) c = usher::is_hex_digit(c) ? 'h' : c;
  return shape == "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh";
}

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

void check_traceparent(const std::string& text) {
  USHER_CHECK(text.size() == 55 && text.starts_with("00-") && text[35] == '-' && text[52] == '-');
  USHER_CHECK(is_hex(text.substr(3, 32)) && text.substr(3, 32) != std::string(32, '0'));
  USHER_CHECK(is_hex(text.substr(36, 16)) && text.substr(36, 16) != std::string(16, '0'));
  USHER_CHECK(is_hex(text.substr(53)));
}

EndpointPolicy policy_of(std::uint8_t byte) {
  EndpointPolicy policy;
  policy.tenant = static_cast<TenantRule>(byte % 3);
  policy.tenant_format = static_cast<IdFormat>(byte / 4 % 3);
  policy.user_format = static_cast<IdFormat>(byte / 16 % 3);
  return policy;
}

void check_written(const StrictMessage& written, const StrictMessage& sent,
                   const EndpointPolicy& policy) {
  const std::string tenant = sent.value("x-tenant-id");
  USHER_CHECK(sent.count("x-tenant-id") <= 1 && sent.count("x-user-id") <= 1);
  USHER_CHECK(written.value("x-tenant-id") == tenant);
  USHER_CHECK(written.value("x-user-id") == sent.value("x-user-id"));
  if (policy.tenant == TenantRule::Required) USHER_CHECK(!tenant.empty());
  const bool is_checked = policy.tenant != TenantRule::None && !tenant.empty();
  if (is_checked && policy.tenant_format != IdFormat::Opaque) USHER_CHECK(is_uuid(tenant));
  for (const char* once : {"x-trace-id", "x-span-id", "traceparent", "x-calling-service"}) {
    USHER_CHECK(written.count(once) == 1 && !written.value(once).empty());
  }
  check_traceparent(written.value("traceparent"));
}

void check_context(const Fields& fields, const EndpointPolicy& policy, const StrictMessage& sent) {
  usher::Random random(1);
  RequestContext context;
  context.read_trace(fields, random);
  USHER_CHECK(!context.trace_id().empty() && context.trace_id().size() <= 128);
  if (!context.read_identity(fields, policy)) return;
  std::vector<char> buffer(64 * 1024);
  HeadWriter writer(buffer);
  writer.request_line("GET", "/");
  writer.field("Host", "x");
  context.write(writer, "gateway", random);
  writer.end();
  USHER_CHECK(writer.ok());
  const StrictReading reading = read_requests(writer.view());
  USHER_CHECK(reading.messages.size() == 1 && reading.rest == usher::fuzz::Verdict::Whole);
  check_written(reading.messages.front(), sent, policy);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  const EndpointPolicy policy = policy_of(input.byte());
  const std::string bytes =
      "GET / HTTP/1.1\r\nHost: x\r\n" + std::string(input.rest()) + "\r\n\r\n";
  std::size_t scanned = 0;
  const auto end = find_head_end(bytes, scanned);
  static RequestHead head;
  if (!end || !parse_request_head(std::string_view(bytes).substr(0, *end), {}, head)) return 0;
  const StrictReading reading = read_requests(std::string_view(bytes).substr(0, *end));
  const StrictMessage& sent = reading.messages.empty() ? reading.part : reading.messages.front();
  for (const Field& field : head.fields) check_name(field.name);
  ConnectionOptions options;
  if (options.read(head.fields)) check_connection(head.fields, options, sent);
  check_context(head.fields, policy, sent);
  return 0;
}
