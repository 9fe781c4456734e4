// Small text helpers: ASCII case, percent-encoding, splitting, globs and UUID shapes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace owners {

std::string lower(std::string_view text);
bool equals_ignoring_case(std::string_view left, std::string_view right);
std::string_view trim(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);

// decodeURIComponent: nullopt on a bad escape or on bytes that are not UTF-8.
std::optional<std::string> decode_uri_component(std::string_view text);

// The first value of a query parameter, decoded as a form ('+' is a space).
std::optional<std::string> query_value(std::string_view query, std::string_view name);

// '*' stands for any run of characters, '/' included; everything else for itself.
bool glob_matches(std::string_view pattern, std::string_view text);

// 8-4-4-4-12 hexadecimal digits, any version and case.
bool is_uuid(std::string_view text);
// The shared middleware's rule: version 1-5 and variant 8, 9, a or b besides.
bool is_strict_uuid(std::string_view text);

bool is_utf8(std::string_view text);

}  // namespace owners
