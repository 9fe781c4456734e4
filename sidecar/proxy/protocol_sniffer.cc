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
  // An empty line in front of a head may pass (RFC 9112 §2.2).
  if (bytes == "\r") return Protocol::Unknown;
  if (bytes.starts_with("\r\n")) bytes.remove_prefix(2);
  const std::size_t end = bytes.find('\n');
  std::string_view line = bytes.substr(0, end);
  const std::size_t space = line.find(' ');
  const std::string_view method = line.substr(0, space);
  if (method.size() > kMethodMax || !std::all_of(method.begin(), method.end(), is_method_byte)) {
    return Protocol::Raw;
  }
  if (end == std::string_view::npos) {
    return line.size() > line_max ? Protocol::Raw : Protocol::Unknown;
  }
  if (line.ends_with('\r')) line.remove_suffix(1);
  const bool is_http = space != 0 && space != std::string_view::npos &&
                       (line.ends_with(" HTTP/1.1") || line.ends_with(" HTTP/1.0"));
  return is_http ? Protocol::Http : Protocol::Raw;
}

}  // namespace usher::proxy
