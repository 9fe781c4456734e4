#include "config/object_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <map>

#include "config/spelling.h"
#include "config/units.h"

namespace usher::config {
namespace {

bool takes_policy_keys(Scope scope) {
  return scope == Scope::Defaults || scope == Scope::Service || scope == Scope::Endpoint;
}

std::vector<std::string_view> collect_keys(Scope scope) {
  std::vector<std::string_view> names;
  for (const Key& key : kKeys) {
    const bool policy = key.scope == Scope::Policy && takes_policy_keys(scope);
    if (key.scope == scope || policy) names.push_back(key.name);
  }
  return names;
}

// A key of the design that a later version will have: better than "unknown".
bool is_planned(Scope scope, std::string_view key) {
  return scope == Scope::Usher && key == "inbound";
}

// What one endpoint alone can say, written where it would be for many.
bool is_for_endpoints(Scope scope, std::string_view key) {
  return (scope == Scope::Defaults || scope == Scope::Service) &&
         std::any_of(kKeys.begin(), kKeys.end(), [&](const Key& known) {
           return known.scope == Scope::Endpoint && known.name == key;
         });
}

// The shortest text that reads back as `number`; no exponent where people would not write one.
std::string format_number(double number) {
  std::array<char, 32> text;
  const double size = std::abs(number);
  const bool plain = size < 1e15 && (size >= 1e-6 || size == 0);
  const auto format = plain ? std::chars_format::fixed : std::chars_format::general;
  return {text.data(), std::to_chars(text.begin(), text.end(), number, format).ptr};
}

std::string unknown_key(Scope scope, std::string_view key) {
  const auto known = keys_of(scope);
  if (is_planned(scope, key)) {
    return "the key " + in_quotes(key) + " is not available in this version; leave it out";
  }
  if (is_for_endpoints(scope, key)) {
    return "the key " + in_quotes(key) +
           " stands at endpoints only; write it at each that it is for";
  }
  std::string message = "unknown key " + in_quotes(key);
  const std::string_view close = nearest(key, known);
  if (!close.empty()) message += "; did you mean " + in_quotes(close) + "?";
  return message + (close.empty() ? "; allowed here: " : " Allowed here: ") + list_of(known);
}

}  // namespace

std::span<const std::string_view> keys_of(Scope scope) {
  static const auto kNames = [] {
    std::map<Scope, std::vector<std::string_view>> names;
    for (int i = 0; i <= static_cast<int>(Scope::Policy); ++i) {
      names[static_cast<Scope>(i)] = collect_keys(static_cast<Scope>(i));
    }
    return names;
  }();
  return kNames.at(scope);
}

bool is_service_name(std::string_view name) {
  constexpr std::size_t kMaxBytes = 64;
  return !name.empty() && name.size() <= kMaxBytes &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

ObjectReader::ObjectReader(const Value& value, Scope scope, Problems& problems)
    : object_(value.type == Value::Type::Object ? value : empty_object()),
      scope_(scope),
      problems_(problems) {
  if (&object_ != &value) wrong(value, value.name, "an object");
  if (scope == Scope::Auth) return;
  const auto known = keys_of(scope);
  for (const Value& member : object_.children) {
    if (std::find(known.begin(), known.end(), member.name) == known.end()) {
      problems_.add(name_place_of(member), unknown_key(scope, member.name));
    }
  }
}

const Value* ObjectReader::require(std::string_view key) {
  const Value* member = find(key);
  if (member != nullptr || &object_ == &empty_object()) return member;
  // Who misspelt it has been told.
  const bool misspelt =
      std::any_of(object_.children.begin(), object_.children.end(), [&](const Value& other) {
        return scope_ != Scope::Auth && nearest(other.name, keys_of(scope_)) == key;
      });
  if (!misspelt) problems_.add(place(), in_quotes(key) + " is missing; it is required here");
  return nullptr;
}

void ObjectReader::wrong(const Value& value, std::string_view key, std::string_view wanted,
                         std::string_view close) {
  std::string is(describe(value.type));
  if (value.type == Value::Type::String) is = in_quotes(value.text);
  if (value.type == Value::Type::Integer || value.type == Value::Type::Fraction) {
    constexpr std::size_t kMaxShown = 40;
    is = value.document->raw(value).substr(0, kMaxShown);
  }
  if (value.type == Value::Type::Bool) is = value.boolean ? "true" : "false";
  const std::string subject = key.empty() ? "this" : in_quotes(key);
  problems_.add(
      place_of(value),
      subject + " is " + is +
          (close.empty() ? "; expected " : "; did you mean " + in_quotes(close) + "? Expected ") +
          std::string(wanted));
}

void ObjectReader::not_one_of(const Value& value, std::string_view key,
                              std::span<const std::string_view> names) {
  const bool is_text = value.type == Value::Type::String;
  wrong(value, key, (names.size() == 1 ? "" : "one of ") + list_of(names),
        is_text ? nearest(value.text, names) : std::string_view());
}

std::optional<bool> ObjectReader::boolean(std::string_view key) {
  const Value* member = find(key);
  if (member == nullptr) return std::nullopt;
  if (member->type == Value::Type::Bool) return member->boolean;
  wrong(*member, key, "true or false");
  return std::nullopt;
}

std::optional<std::uint64_t> ObjectReader::integer(std::string_view key, std::uint64_t min,
                                                   std::uint64_t max) {
  const Value* member = find(key);
  if (member == nullptr) return std::nullopt;
  if (member->type == Value::Type::Integer && member->integer >= 0) {
    const auto number = static_cast<std::uint64_t>(member->integer);
    if (number >= min && number <= max) return number;
  }
  wrong(*member, key, "a whole number from " + std::to_string(min) + " to " + std::to_string(max));
  return std::nullopt;
}

std::optional<double> ObjectReader::number(std::string_view key, double min, double max) {
  const Value* member = find(key);
  if (member == nullptr) return std::nullopt;
  const bool is_number =
      member->type == Value::Type::Integer || member->type == Value::Type::Fraction;
  if (is_number && member->number >= min && member->number <= max) return member->number;
  wrong(*member, key, "a number from " + format_number(min) + " to " + format_number(max));
  return std::nullopt;
}

std::optional<Duration> ObjectReader::duration(std::string_view key, Duration min, Duration max) {
  const Value* member = find(key);
  if (member == nullptr) return std::nullopt;
  if (member->type == Value::Type::String) {
    const auto parsed = parse_duration(member->text);
    if (parsed && *parsed >= min && *parsed <= max) return parsed;
  }
  wrong(*member, key,
        "a duration from " + format_duration(min) + " to " + format_duration(max) +
            R"(, such as "250ms", "5s" or "1m")");
  return std::nullopt;
}

std::optional<std::size_t> ObjectReader::size(std::string_view key, std::size_t min,
                                              std::size_t max) {
  const Value* member = find(key);
  if (member == nullptr) return std::nullopt;
  if (member->type == Value::Type::String) {
    const auto parsed = parse_size(member->text);
    if (parsed && *parsed >= min && *parsed <= max) return parsed;
  }
  wrong(*member, key,
        "a size from " + format_size(min) + " to " + format_size(max) +
            R"(, such as "512B", "64KiB" or "1MiB")");
  return std::nullopt;
}

const std::string* ObjectReader::text_of(const Value& value, std::string_view key,
                                         std::string_view wanted) {
  if (value.type == Value::Type::String) return &value.text;
  wrong(value, key, wanted);
  return nullptr;
}

const std::string* ObjectReader::text(std::string_view key, std::string_view wanted) {
  const Value* member = find(key);
  return member == nullptr ? nullptr : text_of(*member, key, wanted);
}

std::span<const Value> ObjectReader::list(std::string_view key, std::string_view wanted) {
  const auto elements = any_list(key, wanted);
  if (!elements) return {};
  if (elements->empty()) {
    problems_.add(place_of(*find(key)),
                  in_quotes(key) + " is an empty list; expected " + std::string(wanted));
  }
  return *elements;
}

std::optional<std::span<const Value>> ObjectReader::any_list(std::string_view key,
                                                             std::string_view wanted) {
  const Value* member = find(key);
  if (member == nullptr) return std::nullopt;
  if (member->type == Value::Type::Array) return std::span<const Value>(member->children);
  wrong(*member, key, wanted);
  return std::nullopt;
}

std::optional<std::size_t> ObjectReader::choice_index(const Value& value, std::string_view key,
                                                      std::span<const std::string_view> names) {
  if (value.type == Value::Type::String) {
    const auto found = std::find(names.begin(), names.end(), value.text);
    if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
  }
  not_one_of(value, key, names);
  return std::nullopt;
}

}  // namespace usher::config
