#include "safety/strict_http.h"

#include <algorithm>
#include <cstdint>

namespace e2e {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kHex = "0123456789abcdefABCDEF";
constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view kBlank = " \t";

struct Fault {
  const char* what;
};

bool only_of(std::string_view text, std::initializer_list<std::string_view> sets) {
  return std::ranges::all_of(text, [&](char c) {
    return std::ranges::any_of(sets, [c](std::string_view set) { return set.find(c) != set.npos; });
  });
}

void want(bool holds, const char* what) {
  if (!holds) throw Fault{what};
}

bool is_token(std::string_view text) {
  return !text.empty() && only_of(text, {kLetters, kDigits, "!#$%&'*+-.^_`|~"});
}

bool is_text(std::string_view text) {
  return std::ranges::none_of(text, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t') || byte == 0x7f;
  });
}

std::string_view without_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(kBlank);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string lower(std::string_view text) {
  std::string copy(text);
  for (char& c : copy) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return copy;
}

// Takes lines and bytes off the front; says when they are not all there.
struct Input {
  std::string_view rest;

  struct Incomplete {};

  std::string_view line() {
    const auto end = rest.find_first_of("\r\n");
    if (end == rest.npos || (rest[end] == '\r' && end + 1 == rest.size())) throw Incomplete{};
    want(rest[end] == '\r' && rest[end + 1] == '\n', "a bare CR or LF");
    const std::string_view text = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    return text;
  }
  std::string_view bytes(std::uint64_t size) {
    if (rest.size() < size) throw Incomplete{};
    const std::string_view text = rest.substr(0, size);
    rest.remove_prefix(size);
    return text;
  }
};

void read_fields(Input& input, Fields& fields) {
  for (std::string_view line = input.line(); !line.empty(); line = input.line()) {
    const auto colon = line.find(':');
    want(colon != line.npos, "a line without a colon");
    want(is_token(line.substr(0, colon)), "a name that is no token");
    want(is_text(line.substr(colon + 1)), "a control character in a value");
    fields.emplace_back(line.substr(0, colon), without_blanks(line.substr(colon + 1)));
  }
}

std::string_view version_of(std::string_view text, StrictMessage& message) {
  want(text == "HTTP/1.1" || text == "HTTP/1.0", "another version");
  message.http_1_0 = text.back() == '0';
  return text;
}

void read_request_line(std::string_view line, StrictMessage& request) {
  const auto first = line.find(' ');
  const auto last = line.rfind(' ');
  want(first != line.npos && first != last, "a request line that is not of three parts");
  request.start_line = line;
  request.method = line.substr(0, first);
  request.target = line.substr(first + 1, last - first - 1);
  version_of(line.substr(last + 1), request);
  want(is_token(request.method), "a method that is no token");
  // '[' and ']' stand in queries as the WHATWG URL standard writes them.
  want(!request.target.empty() &&
           only_of(request.target, {kLetters, kDigits, "-._~:/?[]@!$&'()*+,;=%"}),
       "a byte that no target may hold");
}

void read_status_line(std::string_view line, StrictMessage& response) {
  want(line.size() >= 13 && line[8] == ' ' && line[12] == ' ', "a malformed status line");
  version_of(line.substr(0, 8), response);
  want(only_of(line.substr(9, 3), {kDigits}) && line[9] >= '1' && line[9] <= '5', "a bad status");
  want(is_text(line), "a control character in the reason");
  response.start_line = line;
  response.status = std::stoi(std::string(line.substr(9, 3)));
}

void check_host(const StrictMessage& request) {
  const std::vector<std::string> hosts = request.fields.all("Host");
  want(hosts.size() == 1 || (hosts.empty() && request.http_1_0), "not one Host");
  for (const std::string& host : hosts) {
    want(!host.empty() && only_of(host, {kLetters, kDigits, "-._~:[]"}), "a malformed Host");
  }
}

// "chunked", a number of bytes, or nothing.
struct Length {
  bool chunked = false;
  bool given = false;
  std::uint64_t bytes = 0;
};

Length length_of(const StrictMessage& message) {
  const std::vector<std::string> codings = message.fields.all("Transfer-Encoding");
  const std::vector<std::string> lengths = message.fields.all("Content-Length");
  want(codings.size() + lengths.size() <= 1, "more than one body length");
  if (!codings.empty()) {
    want(lower(codings.front()) == "chunked", "a Transfer-Encoding that is not chunked");
    want(!message.http_1_0, "Transfer-Encoding on HTTP/1.0");
    return {.chunked = true, .given = true};
  }
  if (lengths.empty()) return {};
  const std::string& text = lengths.front();
  want(!text.empty() && text.size() < 20 && only_of(text, {kDigits}), "no Content-Length");
  return {.given = true, .bytes = std::stoull(text)};
}

// *( ";" token [ "=" ( token / quoted-string ) ] )
void check_extensions(std::string_view text) {
  while (!text.empty()) {
    want(text.front() == ';', "a malformed chunk extension");
    text.remove_prefix(1);
    const auto name_end = std::min(text.find_first_of("=;"), text.size());
    want(is_token(text.substr(0, name_end)), "a chunk extension without a name");
    text.remove_prefix(name_end);
    if (text.empty() || text.front() == ';') continue;
    text.remove_prefix(1);
    if (!text.starts_with('"')) {
      const auto value_end = std::min(text.find(';'), text.size());
      want(is_token(text.substr(0, value_end)), "a malformed chunk extension's value");
      text.remove_prefix(value_end);
      continue;
    }
    std::size_t at = 1;
    while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
    want(at < text.size(), "an open quoted-string");
    text.remove_prefix(at + 1);
  }
}

// Trailers that say where a message ends or goes are an attack; others are the recipient's to judge
// (RFC 9110 §6.5.1).
void check_trailers(const Fields& trailers) {
  for (const char* forbidden : {"Content-Length", "Transfer-Encoding", "Host"}) {
    want(!trailers.has(forbidden), "a trailer of framing or routing");
  }
}

void read_chunks(Input& input, StrictMessage& message) {
  for (;;) {
    const std::string_view line = input.line();
    want(is_text(line), "a control character in a chunk line");
    const auto digits = std::min(line.find_first_not_of(kHex), line.size());
    want(digits > 0 && digits <= 16, "no chunk size");
    check_extensions(line.substr(digits));
    const std::uint64_t size = std::stoull(std::string(line.substr(0, digits)), nullptr, 16);
    if (size == 0) break;
    message.body += input.bytes(size);
    want(input.bytes(2) == "\r\n", "a chunk that does not end in CRLF");
  }
  read_fields(input, message.trailers);
  check_trailers(message.trailers);
}

template <typename Read>
Reading read_strictly(std::string_view bytes, StrictMessage& message, Read read) {
  message = {};
  Input input{bytes};
  try {
    read(input);
  } catch (const Input::Incomplete&) {
    return Reading::Incomplete;
  } catch (const Fault& fault) {
    message.fault = fault.what;
    return Reading::Malformed;
  }
  message.size = bytes.size() - input.rest.size();
  return Reading::Whole;
}

}  // namespace

Reading read_strict_request(std::string_view bytes, StrictMessage& request) {
  return read_strictly(bytes, request, [&](Input& input) {
    if (input.rest.starts_with("\r\n")) input.bytes(2);
    read_request_line(input.line(), request);
    read_fields(input, request.fields);
    check_host(request);
    const Length length = length_of(request);
    if (length.chunked) {
      read_chunks(input, request);
    } else {
      request.body = input.bytes(length.bytes);
    }
  });
}

Reading read_strict_response(std::string_view bytes, std::string_view request_method, bool ended,
                             StrictMessage& response) {
  return read_strictly(bytes, response, [&](Input& input) {
    read_status_line(input.line(), response);
    read_fields(input, response.fields);
    const Length length = length_of(response);
    const bool without_length = response.status < 200 || response.status == 204;
    want(!without_length || !length.given, "a length where there may be none");
    if (without_length || response.status == 304 || request_method == "HEAD") return;
    if (length.chunked) {
      read_chunks(input, response);
    } else if (length.given) {
      response.body = input.bytes(length.bytes);
    } else {
      if (!ended) throw Input::Incomplete{};
      response.body = input.bytes(input.rest.size());
    }
  });
}

std::string normal_form(const StrictMessage& message, const std::vector<std::string>& left_out) {
  std::string text = message.start_line + "\r\n";
  for (const auto& [name, value] : message.fields) {
    const auto same = [&name](const std::string& other) { return same_name(name, other); };
    if (std::ranges::none_of(left_out, same)) text += name + ": " + value + "\r\n";
  }
  text += "\r\n" + message.body;
  for (const auto& [name, value] : message.trailers) {
    text += "trailer " + name + ": " + value + "\r\n";
  }
  return text;
}

}  // namespace e2e
