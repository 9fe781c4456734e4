#include "fuzz/support/strict_http.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstring>
#include <optional>

namespace usher::fuzz {
namespace {

constexpr std::uint64_t kMaxChunk = std::uint64_t{1} << 62;

bool is_tchar(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         (c != '\0' && std::strchr("!#$%&'*+-.^_`|~", c) != nullptr);
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_tchar);
}

bool is_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
  });
}

bool is_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(" \t") - begin + 1));
}

char lower(char c) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

// What follows a head.
struct Framing {
  bool chunked = false;
  std::optional<std::uint64_t> length;
};

std::optional<Framing> framing_of(const StrictMessage& message) {
  const std::size_t codings = message.count("transfer-encoding");
  const std::size_t lengths = message.count("content-length");
  if (codings + lengths > 1 || (codings == 1 && message.minor == 0)) return std::nullopt;
  Framing framing;
  if (codings == 1) {
    if (!same_name(message.value("transfer-encoding"), "chunked")) return std::nullopt;
    framing.chunked = true;
  }
  if (lengths == 1) {
    const std::string text = message.value("content-length");
    if (!is_digits(text) || text.size() > 19) return std::nullopt;
    framing.length = std::stoull(text);
  }
  return framing;
}

// "Name: value" lines, each with its CRLF.
bool read_fields(std::string_view lines, StrictFields& fields) {
  while (!lines.empty()) {
    const std::size_t end = lines.find("\r\n");
    const std::string_view line = lines.substr(0, end);
    lines.remove_prefix(end + 2);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) return false;
    if (!is_text(line.substr(colon + 1))) return false;
    fields.emplace_back(line.substr(0, colon), trimmed(line.substr(colon + 1)));
  }
  return true;
}

bool read_version(std::string_view text, StrictMessage& message) {
  message.minor = text == "HTTP/1.0" ? 0 : 1;
  return text == "HTTP/1.1" || text == "HTTP/1.0";
}

bool read_request_line(std::string_view line, StrictMessage& message) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return false;
  message.method = line.substr(0, first);
  message.target = line.substr(first + 1, last - first - 1);
  const bool visible = std::all_of(message.target.begin(), message.target.end(),
                                   [](char c) { return c > 0x20 && c < 0x7f; });
  return is_token(message.method) && !message.target.empty() && visible &&
         read_version(line.substr(last + 1), message);
}

bool read_status_line(std::string_view line, StrictMessage& message) {
  if (line.size() < 12 || !read_version(line.substr(0, 8), message) || line[8] != ' ') return false;
  const std::string_view status = line.substr(9, 3);
  if (!is_digits(status) || (line.size() > 12 && line[12] != ' ') || !is_text(line)) return false;
  message.status = std::stoi(std::string(status));
  return message.status >= 100 && message.status <= 599 && message.status != 101;
}

// The head at the front of `bytes`, which it takes away.
template <typename ReadLine>
Verdict read_head(std::string_view& bytes, ReadLine read_line, StrictMessage& message) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return Verdict::Part;
  const std::size_t line = bytes.find("\r\n");
  const std::string_view fields = bytes.substr(line + 2, end - line);
  if (!read_line(bytes.substr(0, line), message) || !read_fields(fields, message.fields))
    return Verdict::Malformed;
  message.has_head = true;
  bytes.remove_prefix(end + 4);
  return Verdict::Whole;
}

Verdict read_body(std::string_view& bytes, const Framing& framing, StrictMessage& message) {
  if (framing.chunked) {
    StrictChunked chunked = read_chunked(bytes);
    message.body = std::move(chunked.body);
    message.trailers = std::move(chunked.trailers);
    bytes.remove_prefix(chunked.size);
    return chunked.verdict;
  }
  const std::uint64_t length = framing.length.value_or(0);
  message.body = bytes.substr(0, static_cast<std::size_t>(std::min(length, UINT64_MAX / 2)));
  bytes.remove_prefix(message.body.size());
  return message.body.size() == length ? Verdict::Whole : Verdict::Part;
}

Verdict read_request(std::string_view& bytes, StrictMessage& message) {
  if (bytes.starts_with("\r\n")) bytes.remove_prefix(2);
  const Verdict head = read_head(bytes, read_request_line, message);
  if (head != Verdict::Whole) return head;
  const std::size_t hosts = message.count("host");
  const auto framing = framing_of(message);
  if (hosts > 1 || (hosts == 0 && message.minor == 1) || !framing) return Verdict::Malformed;
  return read_body(bytes, *framing, message);
}

Verdict read_response(std::string_view& bytes, std::string_view method, bool ended,
                      StrictMessage& message) {
  const Verdict head = read_head(bytes, read_status_line, message);
  if (head != Verdict::Whole) return head;
  const auto framing = framing_of(message);
  if (!framing) return Verdict::Malformed;
  const int status = message.status;
  if (method == "HEAD" || status < 200 || status == 204 || status == 304) return Verdict::Whole;
  if (framing->chunked || framing->length) return read_body(bytes, *framing, message);
  message.body = bytes;
  bytes = {};
  return ended ? Verdict::Whole : Verdict::Part;
}

// ";name=value" at the front of an extension; false when it is malformed.
bool take_extension(std::string_view& line) {
  const auto take_token = [&line] {
    const auto* const end = std::find_if_not(line.begin(), line.end(), is_tchar);
    const auto size = static_cast<std::size_t>(end - line.begin());
    line.remove_prefix(size);
    return size > 0;
  };
  if (!line.starts_with(';')) return false;
  line.remove_prefix(1);
  if (!take_token()) return false;
  if (!line.starts_with('=')) return true;
  line.remove_prefix(1);
  if (!line.starts_with('"')) return take_token();
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (line[i] == '"') {
      line.remove_prefix(i + 1);
      return true;
    }
    if (line[i] == '\\') ++i;
  }
  return false;
}

std::optional<std::uint64_t> read_chunk_line(std::string_view line) {
  const std::size_t digits = std::min(line.find(';'), line.size());
  const std::string size(line.substr(0, digits));
  if (digits == 0 || digits > 16 || !is_text(line)) return std::nullopt;
  if (size.find_first_not_of("0123456789abcdefABCDEF") != std::string::npos) return std::nullopt;
  line.remove_prefix(digits);
  while (!line.empty()) {
    if (!take_extension(line)) return std::nullopt;
  }
  const std::uint64_t value = std::stoull(size, nullptr, 16);
  return value <= kMaxChunk ? std::optional(value) : std::nullopt;
}

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::any_of(names.begin(), names.end(),
                     [name](std::string_view other) { return same_name(name, other); });
}

bool frames_or_routes(std::string_view name) {
  std::string folded(name);
  std::replace(folded.begin(), folded.end(), '_', '-');
  return is_one_of(folded, {"content-length", "transfer-encoding", "host"});
}

bool is_passable_trailer(std::string_view name) {
  if (name.find('_') != std::string_view::npos || frames_or_routes(name)) return false;
  const auto prefixes = {"x-internal-", "content-", "if-", "proxy-", "x-forwarded-"};
  return std::none_of(prefixes.begin(), prefixes.end(),
                      [name](std::string_view prefix) { return begins_like(name, prefix); }) &&
         !is_one_of(name, {"connection",      "keep-alive",      "te",
                           "trailer",         "upgrade",         "expect",
                           "authorization",   "cookie",          "set-cookie",
                           "range",           "cache-control",   "location",
                           "traceparent",     "x-trace-id",      "x-span-id",
                           "x-tenant-id",     "x-user-id",       "x-request-timeout-ms",
                           "x-retry-attempt", "idempotency-key", "x-calling-service",
                           "x-service-token", "x-service-name",  "x-signature",
                           "x-timestamp",     "x-nonce"});
}

// Trailers and the empty line behind them.
Verdict read_trailers(std::string_view& rest, StrictFields& trailers) {
  for (;;) {
    const std::size_t end = rest.find("\r\n");
    if (end == std::string_view::npos) return Verdict::Part;
    const bool good = read_fields(rest.substr(0, end == 0 ? 0 : end + 2), trailers);
    rest.remove_prefix(end + 2);
    if (!good || (end != 0 && frames_or_routes(trailers.back().first))) return Verdict::Malformed;
    if (end == 0) return Verdict::Whole;
  }
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

bool begins_like(std::string_view name, std::string_view prefix) {
  std::string folded(name.substr(0, prefix.size()));
  std::replace(folded.begin(), folded.end(), '_', '-');
  return same_name(folded, prefix);
}

bool is_part_of(const StrictFields& some, const StrictFields& all) {
  auto next = all.begin();
  for (const auto& field : some) {
    next = std::find(next, all.end(), field);
    if (next == all.end()) return false;
    ++next;
  }
  return true;
}

bool are_passable_trailers(const StrictFields& passed, const StrictMessage& sent) {
  return is_part_of(passed, sent.trailers) &&
         std::all_of(passed.begin(), passed.end(), [&sent](const auto& trailer) {
           return is_passable_trailer(trailer.first) && !sent.nominates(trailer.first);
         });
}

std::size_t StrictMessage::count(std::string_view name) const {
  return static_cast<std::size_t>(std::count_if(
      fields.begin(), fields.end(), [name](const auto& f) { return same_name(f.first, name); }));
}

std::string StrictMessage::value(std::string_view name) const {
  for (const auto& [key, text] : fields) {
    if (same_name(key, name)) return text;
  }
  return "";
}

bool StrictMessage::nominates(std::string_view name) const {
  for (const auto& [key, text] : fields) {
    if (!same_name(key, "connection")) continue;
    for (std::string_view rest = text; !rest.empty();) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      if (same_name(trimmed(rest.substr(0, comma)), name)) return true;
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  return false;
}

StrictChunked read_chunked(std::string_view bytes) {
  StrictChunked result;
  std::string_view rest = bytes;
  for (;;) {
    const std::size_t end = rest.find("\r\n");
    if (end == std::string_view::npos) return result;
    const auto size = read_chunk_line(rest.substr(0, end));
    result.verdict = Verdict::Malformed;
    if (!size) return result;
    rest.remove_prefix(end + 2);
    if (*size == 0) {
      result.verdict = read_trailers(rest, result.trailers);
      result.size = result.verdict == Verdict::Whole ? bytes.size() - rest.size() : 0;
      return result;
    }
    const std::string_view data = rest.substr(0, *size);
    result.body += data;
    rest.remove_prefix(data.size());
    const std::string_view mark = rest.substr(0, 2);
    if (mark != std::string_view("\r\n").substr(0, mark.size())) return result;
    result.verdict = Verdict::Part;
    if (data.size() < *size || mark.size() < 2) return result;
    rest.remove_prefix(2);
  }
}

StrictReading read_requests(std::string_view bytes) {
  StrictReading reading;
  while (!bytes.empty() && reading.rest == Verdict::Whole) {
    StrictMessage message;
    reading.rest = read_request(bytes, message);
    if (reading.rest == Verdict::Whole) {
      reading.messages.push_back(std::move(message));
    } else {
      reading.part = std::move(message);
    }
  }
  return reading;
}

StrictReading read_responses(std::string_view bytes, const std::vector<std::string>& methods,
                             bool ended) {
  StrictReading reading;
  std::size_t finals = 0;
  while (!bytes.empty() && reading.rest == Verdict::Whole) {
    StrictMessage message;
    const std::string method = finals < methods.size() ? methods[finals] : "GET";
    reading.rest = read_response(bytes, method, ended, message);
    if (reading.rest == Verdict::Whole) {
      if (message.status >= 200) ++finals;
      reading.messages.push_back(std::move(message));
    } else {
      reading.part = std::move(message);
    }
  }
  return reading;
}

}  // namespace usher::fuzz
