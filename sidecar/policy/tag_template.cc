#include "policy/tag_template.h"

#include <algorithm>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "http/grammar.h"

namespace usher::policy {
namespace {

using Outcome = tl::expected<void, std::string>;

tl::unexpected<std::string> wrong(std::string message) {
  return tl::unexpected<std::string>(std::move(message));
}

std::string quoted(std::string_view text) {
  return '"' + std::string(text) + '"';
}

std::string braced(std::string_view text) {
  return '{' + std::string(text) + '}';
}

// "{a}, {b}"; "none" without any.
std::string list_of(std::span<const std::string> names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + braced(name);
  return list.empty() ? "none" : list;
}

// One reference token with ~1 and ~0 as what they stand for (RFC 6901 §4).
tl::expected<std::string, std::string> unescape_token(std::string_view raw) {
  std::string token;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '~') {
      token += raw[i];
      continue;
    }
    const char digit = i + 1 < raw.size() ? raw[i + 1] : '\0';
    if (digit != '0' && digit != '1') {
      return wrong("a '~' in " + quoted(raw) + " that is neither ~0 (for '~') nor ~1 (for '/')");
    }
    token += digit == '0' ? '~' : '/';
    ++i;
  }
  return token;
}

tl::expected<std::vector<std::string>, std::string> parse_pointer(std::string_view text) {
  if (!text.starts_with('/')) {
    return wrong("the JSON pointer " + quoted(text) +
                 " does not begin with '/'; write one as in {response:/tickets/*/id}");
  }
  std::vector<std::string> tokens;
  while (!text.empty()) {
    text.remove_prefix(1);
    const std::size_t end = std::min(text.find('/'), text.size());
    auto token = unescape_token(text.substr(0, end));
    if (!token) return wrong(std::move(token.error()));
    tokens.push_back(std::move(*token));
    text.remove_prefix(end);
  }
  return tokens;
}

void append_decoded(std::string& out, std::string_view raw) {
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '%' && i + 2 < raw.size() && is_hex_digit(raw[i + 1]) &&
        is_hex_digit(raw[i + 2])) {
      out += static_cast<char>(hex_value(raw[i + 1]) * 16 + hex_value(raw[i + 2]));
      i += 2;
    } else {
      out += raw[i];
    }
  }
}

}  // namespace

class TagTemplate::Parser {
 public:
  Parser(std::string_view text, std::span<const std::string> parameters)
      : rest_(text), parameters_(parameters) {
    result_.text_ = text;
  }

  tl::expected<TagTemplate, std::string> parse() {
    while (!rest_.empty()) {
      if (const Outcome read = rest_.front() == '{' ? placeholder() : literal(); !read) {
        return wrong(read.error());
      }
    }
    return std::move(result_);
  }

 private:
  Outcome literal() {
    const std::size_t end = std::min(rest_.find_first_of("{}"), rest_.size());
    if (end < rest_.size() && rest_[end] == '}') {
      return wrong("a '}' without its '{'; braces stand for values alone");
    }
    result_.pieces_.push_back({.text = std::string(rest_.substr(0, end))});
    rest_.remove_prefix(end);
    return {};
  }

  Outcome placeholder() {
    const std::size_t end = rest_.find_first_of("{}", 1);
    if (end == std::string_view::npos || rest_[end] == '{') return wrong("a '{' without its '}'");
    const std::string_view inside = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    const std::size_t colon = inside.find(':');
    if (colon == std::string_view::npos) return parameter(inside);
    return value(inside.substr(0, colon), inside.substr(colon + 1));
  }

  Outcome parameter(std::string_view name) {
    const auto found = std::ranges::find(parameters_, name);
    if (found == parameters_.end()) {
      return wrong("the path has no parameter " + braced(name) + "; it has " +
                   list_of(parameters_));
    }
    result_.pieces_.push_back(
        {.text = {}, .parameter = static_cast<int>(found - parameters_.begin())});
    return {};
  }

  Outcome value(std::string_view source, std::string_view pointer) {
    if (source != "response" && source != "request") {
      return wrong(braced(std::string(source) + ":…") +
                   " is not known; a value is {response:/pointer} or {request:/pointer}");
    }
    if (result_.source_ != Source::None) {
      return wrong("more than one JSON pointer; write two tags with one each");
    }
    auto tokens = parse_pointer(pointer);
    if (!tokens) return wrong(std::move(tokens.error()));
    result_.source_ = source == "response" ? Source::Response : Source::Request;
    result_.pointer_ = std::move(*tokens);
    result_.pieces_.push_back({.text = {}, .is_value = true});
    return {};
  }

  std::string_view rest_;
  std::span<const std::string> parameters_;
  TagTemplate result_;
};

tl::expected<TagTemplate, std::string> TagTemplate::parse(std::string_view text,
                                                          std::span<const std::string> parameters) {
  if (text.empty()) return wrong("a tag is not empty; write one as in \"ticket:{ticketId}\"");
  if (text.size() > kMaxBytes) {
    return wrong("a tag is longer than " + std::to_string(kMaxBytes) + " bytes");
  }
  if (std::ranges::any_of(text, http::is_control)) return wrong("a control character in a tag");
  return Parser(text, parameters).parse();
}

std::string TagTemplate::expand(std::span<const std::string_view> parameters,
                                std::string_view value) const {
  std::string tag;
  for (const Piece& piece : pieces_) {
    if (piece.is_value) {
      tag += value;
    } else if (piece.parameter < 0) {
      tag += piece.text;
    } else {
      const auto index = static_cast<std::size_t>(piece.parameter);
      USHER_CHECK(index < parameters.size());
      append_decoded(tag, parameters[index]);
    }
  }
  return tag;
}

}  // namespace usher::policy
