#include "http/target.h"

#include <arpa/inet.h>

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace usher::http {

namespace {

enum class Class : std::uint8_t { Refused, Plain, Separator, Dot, Percent, Query };

// pchar and '/' of RFC 3986 §3.3. '[' and ']' are not in it (see check_query()).
constexpr auto kClasses = [] {
  std::array<Class, 256> table{};
  const auto set = [&table](std::string_view bytes, Class value) {
    for (const char c : bytes) table[static_cast<unsigned char>(c)] = value;
  };
  set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", Class::Plain);
  set("-_~!$&'()*+,=:@", Class::Plain);
  set("/;", Class::Separator);
  set(".", Class::Dot);
  set("%", Class::Percent);
  set("?", Class::Query);
  return table;
}();

Class class_of(char c) {
  return kClasses[static_cast<unsigned char>(c)];
}

// The byte that text[at], a percent sign, and its two digits stand for; negative when it is no
// escape.
int unescape(std::string_view text, std::size_t at) {
  if (text.size() - at < 3 || !is_hex_digit(text[at + 1]) || !is_hex_digit(text[at + 2])) return -1;
  return hex_value(text[at + 1]) * 16 + hex_value(text[at + 2]);
}

// What an escaped byte means for the segments of a path.
Class class_of_escaped(int byte) {
  if (byte == '/' || byte == '\\' || byte == ';') return Class::Separator;
  return byte == '.' ? Class::Dot : Class::Plain;
}

constexpr std::string_view kBadEscape = "broken percent-escape in the target";
constexpr std::string_view kNulEscape = "NUL in the target";
constexpr std::string_view kBadByte = "byte that no target may hold";
// Fastify's router ends the path at it (useSemicolonDelimiter), so that "users/admins;x" would be
// one endpoint to Usher and another to the owner. A client that means the character escapes it.
constexpr std::string_view kSemicolon = "semicolon in the path";
constexpr std::string_view kDotSegment = "dot segment in the target";

// Checks the path; the result is where it ends. A segment of one or two dots is a step in the tree
// to one server and a name to another. Separators count in every spelling, for a server that
// decodes before it splits: '/', "%2F", '\' as
// "%5C", and ';', which some read as the end of a segment.
Result<std::size_t> check_path(std::string_view target) {
  constexpr std::size_t kNotOnlyDots = 3;
  std::size_t dots = 0;  // of a segment that so far is only dots
  std::size_t at = 0;
  for (; at < target.size(); ++at) {
    Class kind = class_of(target[at]);
    if (kind == Class::Plain) {
      dots = kNotOnlyDots;
      continue;
    }
    if (kind == Class::Refused) return fail(ErrorCode::BadRequest, kBadByte);
    if (target[at] == ';') return fail(ErrorCode::BadRequest, kSemicolon);
    if (kind == Class::Query) break;
    if (kind == Class::Percent) {
      const int byte = unescape(target, at);
      if (byte < 0) return fail(ErrorCode::BadRequest, kBadEscape);
      if (byte == 0) return fail(ErrorCode::BadRequest, kNulEscape);
      kind = class_of_escaped(byte);
      at += 2;
    }
    const bool step = dots == 1 || dots == 2;
    if (kind == Class::Separator && step) return fail(ErrorCode::BadRequest, kDotSegment);
    dots = kind == Class::Separator ? 0 : kind == Class::Dot ? dots + 1 : kNotOnlyDots;
  }
  if (dots == 1 || dots == 2) return fail(ErrorCode::BadRequest, kDotSegment);
  return at;
}

// '[' and ']' pass here although RFC 3986 §3.4 wants them escaped: the WHATWG URL standard leaves
// them as they are, and so do browsers, Node's URL and axios ("roles[]=a"). They delimit nothing in
// a query.
Status check_query(std::string_view query) {
  for (std::size_t at = 0; at < query.size(); ++at) {
    const char c = query[at];
    switch (class_of(c)) {
      case Class::Refused:
        if (c != '[' && c != ']') return fail(ErrorCode::BadRequest, kBadByte);
        break;
      case Class::Percent: {
        const int byte = unescape(query, at);
        if (byte < 0) return fail(ErrorCode::BadRequest, kBadEscape);
        if (byte == 0) return fail(ErrorCode::BadRequest, kNulEscape);
        at += 2;
        break;
      }
      case Class::Plain:
      case Class::Separator:
      case Class::Dot:
      case Class::Query:
        break;
    }
  }
  return {};
}

bool is_port(std::string_view text) {
  const auto port = parse_decimal(text);
  return port && text.size() <= 5 && *port <= 65535;
}

// What DNS and hosts files can name. RFC 3986's reg-name has more (sub-delims, percent-escapes),
// which no resolver knows and which only ever arrives from somebody who tries how it is split.
bool is_host_name(std::string_view text) {
  for (const char c : text) {
    const char lower = to_lower(c);
    const bool letter = lower >= 'a' && lower <= 'z';
    if (!letter && !is_digit(c) && c != '-' && c != '.' && c != '_' && c != '~') return false;
  }
  return !text.empty();
}

bool is_ipv6_address(std::string_view text) {
  std::array<char, INET6_ADDRSTRLEN> copy{};
  // inet_pton would not look behind a NUL.
  if (text.size() >= copy.size() || text.find('\0') != std::string_view::npos) return false;
  text.copy(copy.data(), text.size());
  in6_addr address;
  return inet_pton(AF_INET6, copy.data(), &address) == 1;
}

}  // namespace

Target split_target(std::string_view target) {
  const std::size_t mark = target.find('?');
  if (mark == std::string_view::npos) return {target, {}};
  return {target.substr(0, mark), target.substr(mark + 1)};
}

Status check_target(std::string_view target) {
  if (target.empty() || target.front() != '/') {
    return fail(ErrorCode::BadRequest, "target does not begin with '/'");
  }
  // A reference that begins with "//" names an authority (RFC 3986 §4.2).
  if (target.starts_with("//")) return fail(ErrorCode::BadRequest, "target begins with '//'");
  const Result<std::size_t> path_end = check_path(target);
  if (!path_end) return tl::unexpected(path_end.error());
  return check_query(target.substr(*path_end));
}

bool is_authority(std::string_view text) {
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos || !is_ipv6_address(text.substr(1, close - 1)))
      return false;
    const std::string_view rest = text.substr(close + 1);
    return rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
  }
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return is_host_name(text);
  return is_host_name(text.substr(0, colon)) && is_port(text.substr(colon + 1));
}

}  // namespace usher::http
