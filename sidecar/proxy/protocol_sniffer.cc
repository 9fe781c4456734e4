#include "proxy/protocol_sniffer.h"

#include <algorithm>

namespace usher::proxy {
namespace {

// "VERSION-CONTROL", "MKWORKSPACE", "BASELINE-CONTROL": the longest that are registered.
constexpr std::size_t kMethodMax = 20;

bool is_method_byte(char c) {
  return (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

}  // namespace

Protocol sniff(std::string_view bytes, std::size_t line_max) {
  // Servers skip empty lines in front of a head (RFC 9112 §2.2), some any number of them: what
  // they may read as a call is not carried past its policy.
  const std::size_t start = bytes.find_first_not_of("\r\n");
  if (start == std::string_view::npos) {
    return bytes.size() > line_max ? Protocol::Raw : Protocol::Unknown;
  }
  bytes.remove_prefix(start);
  const std::size_t end = bytes.find('\n');
  const std::string_view line = bytes.substr(0, end);
  const std::size_t space = line.find(' ');
  const std::string_view method = line.substr(0, space);
  if (method.size() > kMethodMax || !std::all_of(method.begin(), method.end(), is_method_byte)) {
    return Protocol::Raw;
  }
  const bool has_method = space != 0 && space != std::string_view::npos;
  if (end == std::string_view::npos) {
    if (line.size() <= line_max) return Protocol::Unknown;
    return has_method ? Protocol::Http : Protocol::Raw;  // which is refused, or carried after all
  }
  const bool is_http = has_method && line.find(" HTTP/1.") != std::string_view::npos;
  return is_http ? Protocol::Http : Protocol::Raw;
}

}  // namespace usher::proxy
