// Request targets and authorities: the verdict is a naive reader's, which decodes first and looks
// then.
#include <arpa/inet.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "base/check.h"
#include "fuzz/support/input.h"
#include "http/target.h"

namespace {

constexpr std::string_view kAlphanumeric =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

bool is_of(std::string_view text, std::string_view others) {
  return std::all_of(text.begin(), text.end(), [others](char c) {
    return kAlphanumeric.find(c) != std::string_view::npos ||
           others.find(c) != std::string_view::npos;
  });
}

// Nothing when an escape is broken, or stands for NUL.
std::optional<std::string> decoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdefABCDEF";
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      result += text[i];
      continue;
    }
    const std::string digits(text.substr(i + 1, 2));
    if (digits.size() < 2 || digits.find_first_not_of(kDigits) != std::string::npos) return {};
    result += static_cast<char>(std::strtol(digits.c_str(), nullptr, 16));
    if (result.back() == '\0') return {};
    i += 2;
  }
  return result;
}

bool has_dot_segment(std::string_view path) {
  for (;;) {
    const std::size_t end = path.find_first_of("/\\;");
    const std::string_view segment = path.substr(0, end);
    if (segment == "." || segment == "..") return true;
    if (end == std::string_view::npos) return false;
    path.remove_prefix(end + 1);
  }
}

bool is_naive_target(std::string_view text) {
  if (!text.starts_with('/') || text.starts_with("//")) return false;
  const std::size_t mark = std::min(text.find('?'), text.size());
  const std::string_view path = text.substr(0, mark);
  if (!is_of(path, "-._~!$&'()*+,=:@/%")) return false;
  if (!is_of(text.substr(mark), "-._~!$&'()*+,;=:@/%?[]")) return false;
  const auto plain_path = decoded(path);
  return plain_path && !has_dot_segment(*plain_path) && decoded(text.substr(mark));
}

bool is_naive_port(std::string_view text) {
  const std::string copy(text);
  return !copy.empty() && copy.size() <= 5 &&
         copy.find_first_not_of("0123456789") == std::string::npos &&
         std::strtol(copy.c_str(), nullptr, 10) <= 65535;
}

bool is_naive_authority(std::string_view text) {
  std::string_view host = text;
  const std::size_t colon = text.rfind(':');
  const std::size_t bracket = text.rfind(']');
  if (colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket)) {
    host = text.substr(0, colon);
    if (!is_naive_port(text.substr(colon + 1))) return false;
  }
  if (!host.starts_with('[')) return !host.empty() && is_of(host, "-._~");
  if (host.find(']') != host.size() - 1 || host.find('\0') != std::string_view::npos) return false;
  in6_addr address;
  const std::string literal(host.substr(1, host.size() - 2));
  return ::inet_pton(AF_INET6, literal.c_str(), &address) == 1;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = usher::fuzz::Input(data, size).rest();
  USHER_CHECK(usher::http::check_target(text).has_value() == is_naive_target(text));
  USHER_CHECK(usher::http::is_authority(text) == is_naive_authority(text));
  const usher::http::Target target = usher::http::split_target(text);
  const std::string path(target.path);
  USHER_CHECK(path.find('?') == std::string::npos);
  const bool has_query = path.size() < text.size();
  USHER_CHECK(text == (has_query ? path + "?" + std::string(target.query) : path));
  return 0;
}
