// What of an answer's head is kept.
#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "cache/entry.h"
#include "cache/kept_fields.h"
#include "http/hop_by_hop.h"

namespace usher::cache {
namespace {

// Said anew with each answer, or of the one call or consumer that it was fetched for. Framing and
// hop-by-hop fields do not pass to consumers anyway.
constexpr std::string_view kNotKept[] = {
    "age",
    "set-cookie",
    "traceparent",
    "tracestate",
    "x-correlation-id",
    "x-request-id",
    "x-response-time",
    "x-span-id",
    "x-trace-id",
    "x-server-time",
    "proxy-authentication-info",
};
constexpr std::string_view kNotKeptPrefixes[] = {"usher-", "ratelimit", "x-ratelimit-",
                                                 "x-rate-limit-"};

// What hangs on the very bytes that are kept, so that a 304 says nothing of it.
constexpr std::string_view kOfTheBody[] = {"content-encoding", "content-length", "content-range",
                                           "content-md5"};
// By which the kept bytes are known: they keep the one that they came with (§4.3.4 of RFC 9111
// updates an answer by a 304 of its own tag alone).
constexpr std::string_view kTag = "etag";

bool is_one_of(std::span<const std::string_view> names, std::string_view name) {
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view one) { return equals_ignoring_case(one, name); });
}

bool is_kept(const http::Field& field, const http::ConnectionOptions& connection) {
  if (!http::passes_to_consumer(field, connection) || is_one_of(kNotKept, field.name)) return false;
  return std::none_of(std::begin(kNotKeptPrefixes), std::end(kNotKeptPrefixes),
                      [&](std::string_view prefix) {
                        return equals_ignoring_case(prefix, field.name.substr(0, prefix.size()));
                      });
}

void append(std::string& buffer, const http::Field& field) {
  buffer.append(field.name).append(": ").append(field.value).append("\r\n");
}

}  // namespace

bool write_lines(const http::ResponseHead& head, std::string& buffer) {
  buffer.clear();
  http::ConnectionOptions connection;
  if (!connection.read(head.fields)) return false;
  for (const http::Field& field : head.fields) {
    if (is_kept(field, connection)) append(buffer, field);
  }
  return true;
}

bool merge_lines(std::string_view kept, const http::ResponseHead& not_modified,
                 std::string& buffer) {
  buffer.clear();
  http::ConnectionOptions connection;
  if (!connection.read(not_modified.fields)) return false;
  const bool keeps_tag = !find_value(kept, kTag).empty();
  const auto is_news = [&](const http::Field& field) {
    return is_kept(field, connection) && !is_one_of(kOfTheBody, field.name) &&
           !(keeps_tag && equals_ignoring_case(field.name, kTag));
  };
  while (!kept.empty()) {
    const std::string_view line = kept.substr(0, kept.find("\r\n") + 2);
    const std::string_view name = line.substr(0, line.find(':'));
    const bool replaced = std::any_of(
        not_modified.fields.begin(), not_modified.fields.end(), [&](const http::Field& field) {
          return equals_ignoring_case(field.name, name) && is_news(field);
        });
    if (!replaced) buffer.append(line);
    kept.remove_prefix(line.size());
  }
  for (const http::Field& field : not_modified.fields) {
    if (is_news(field)) append(buffer, field);
  }
  return true;
}

}  // namespace usher::cache
