#include "explain/parsed_call.h"

#include "base/bytes.h"
#include "http/grammar.h"
#include "http/head_scanner.h"
#include "http/head_writer.h"
#include "http/parser.h"

namespace usher::explain {
namespace {

constexpr std::string_view kScheme = "http://";

// What is wrong with one header; empty: nothing. `has_host`: it is the Host field.
std::string read_header(const std::string& header, std::string& bytes, bool& has_host) {
  const std::size_t colon = header.find(':');
  const std::string_view text = header;
  const std::string_view name = text.substr(0, colon);
  if (colon == std::string::npos || !http::is_token(name)) {
    return "the header \"" + header + "\" is none; expected \"name: value\"";
  }
  const std::string_view value = trim(text.substr(colon + 1));
  if (!http::is_field_value(value)) {
    return "the header " + std::string(name) + " has bytes that no header may have";
  }
  if (equals_ignoring_case(name, "content-length") ||
      equals_ignoring_case(name, "transfer-encoding")) {
    return "the header " + std::string(name) +
           " frames a body, which is not given here; leave "
           "it out";
  }
  has_host = has_host || equals_ignoring_case(name, "host");
  bytes.append(name).append(": ").append(value).append("\r\n");
  return {};
}

}  // namespace

tl::expected<std::unique_ptr<ParsedCall>, std::string> ParsedCall::parse(const Asked& asked) {
  const std::string_view url = asked.url;
  if (!http::is_token(asked.method)) {
    return tl::unexpected("the method \"" + asked.method + "\" is none; expected GET, POST, …");
  }
  if (!url.starts_with('/') && !url.starts_with(kScheme)) {
    return tl::unexpected("the URL \"" + asked.url +
                          "\" is neither a path such as /internal/tickets/7 nor begins with "
                          "http://");
  }
  std::unique_ptr<ParsedCall> call(new ParsedCall);
  std::string fields;
  bool has_host = false;
  for (const std::string& header : asked.headers) {
    if (std::string wrong = read_header(header, fields, has_host); !wrong.empty()) {
      return tl::unexpected(std::move(wrong));
    }
  }
  if (!has_host) {
    const std::string_view rest = url.starts_with(kScheme) ? url.substr(kScheme.size()) : "usher";
    fields.append("Host: ").append(rest.substr(0, rest.find_first_of("/?#"))).append("\r\n");
  }
  call->bytes_ = asked.method + " " + asked.url + " HTTP/1.1\r\n" + fields + "\r\n";
  std::size_t scanned = 0;
  const auto end = http::find_head_end(call->bytes_, scanned);
  if (!end) return tl::unexpected(std::string(end.error().detail));
  if (*end != call->bytes_.size())
    return tl::unexpected(std::string("the call has a line break in it"));
  const Status parsed = http::parse_request_head(call->bytes_, http::HeadLimits(), call->head_);
  if (!parsed) return tl::unexpected(std::string(parsed.error().detail));
  return call;
}

bool ParsedCall::may_have_body() const {
  return head_.method == http::Method::Post || head_.method == http::Method::Put ||
         head_.method == http::Method::Patch;
}

}  // namespace usher::explain
