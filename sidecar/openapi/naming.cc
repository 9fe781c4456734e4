#include "openapi/naming.h"

#include <algorithm>

#include "base/bytes.h"

namespace usher::openapi {
namespace {

constexpr std::size_t kMaxName = 64;

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

// Where a new word begins: get|Ticket, HTTP|Server.
bool begins_word(std::string_view text, std::size_t i) {
  if (i == 0 || !is_upper(text[i])) return false;
  const char before = text[i - 1];
  return is_lower(before) || is_digit(before) ||
         (is_upper(before) && i + 1 < text.size() && is_lower(text[i + 1]));
}

void cut(std::string& name, std::size_t size) {
  if (name.size() > size) name.resize(size);
  while (name.ends_with('-')) name.pop_back();
}

bool is_path_byte(char c) {
  constexpr std::string_view kOthers = "-._~!$&'()*+,;=:@%";
  return is_digit(c) || is_lower(c) || is_upper(c) || kOthers.find(c) != std::string_view::npos;
}

std::string escape_literal(std::string_view segment) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string text;
  for (const char c : segment) {
    if (is_path_byte(c)) {
      text += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      text += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return text;
}

// The name with what a parameter's may not have replaced.
std::string parameter_name(std::string_view name) {
  std::string result;
  for (const char c : name) {
    result += is_digit(c) || is_lower(c) || is_upper(c) ? c : '_';
  }
  if (result.empty() || is_digit(result.front())) result.insert(0, "_");
  return result;
}

// The segment in the configuration's form; false where it has braces in another way.
bool convert_segment(std::string_view segment, MatchPath& path) {
  const auto braces =
      std::count_if(segment.begin(), segment.end(), [](char c) { return c == '{' || c == '}'; });
  if (braces == 0) {
    path.text.append("/").append(escape_literal(segment));
    return true;
  }
  const bool whole = braces == 2 && segment.front() == '{' && segment.back() == '}';
  if (!whole) return false;
  const std::string_view name = segment.substr(1, segment.size() - 2);
  const std::string usable = parameter_name(name);
  if (usable != name) path.renamed.push_back(std::string(name) + " → " + usable);
  path.text.append("/{").append(usable).append("}");
  return true;
}

}  // namespace

std::string kebab_case(std::string_view text) {
  std::string name;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool usable = is_digit(c) || is_lower(c) || is_upper(c);
    const bool separated = name.empty() || name.back() == '-';
    if ((!usable || begins_word(text, i)) && !separated) name += '-';
    if (usable) name += to_lower(c);
  }
  cut(name, kMaxName);
  return name;
}

std::string NameSet::take_similar(const std::string& name) {
  if (take(name)) return name;
  for (int& number = last_numbers_.emplace(name, 1).first->second;;) {
    const std::string suffix = "-" + std::to_string(++number);
    std::string similar = name;
    cut(similar, kMaxName - suffix.size());
    similar += suffix;
    if (take(similar)) return similar;
  }
}

MatchPath match_path(std::string_view path) {
  MatchPath result;
  const auto refuse = [&](std::string error) {
    result.text.clear();
    result.error = std::move(error);
    return result;
  };
  if (path.find_first_of("?#") != std::string_view::npos) {
    return refuse("a query or fragment is no part of a path");
  }
  for (std::size_t begin = 1; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view segment = path.substr(begin, end - begin);
    if (!convert_segment(segment, result)) {
      return refuse("in Usher a parameter is a whole segment, as in \"/{name}/\"; " +
                    std::string(segment) + " is not");
    }
    begin = end + 1;
  }
  auto parsed = route::PathTemplate::parse(result.text);
  return parsed ? result : refuse(std::move(parsed.error()));
}

std::string shape_of(http::Method method, const route::PathTemplate& path) {
  std::string shape(http::to_string(method));
  for (const auto& segment : path.segments()) {
    // With its length, since a decoded literal may hold any byte.
    shape += segment.is_parameter()
                 ? std::string("/{}")
                 : "/" + std::to_string(segment.literal.size()) + ":" + segment.literal;
  }
  return shape;
}

}  // namespace usher::openapi
