// Value: a JSON value whose every key and value knows its place.
//
// Owner: its Document.  Thread: any, while nobody changes it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/problem.h"

namespace usher::config {

struct Value {
  enum class Type : std::uint8_t { Null, Bool, Integer, Fraction, String, Array, Object };

  Type type = Type::Null;
  bool boolean = false;
  // Where it was read; null: nowhere. Values of one tree may be of several documents (overlay.h).
  const Document* document = nullptr;
  std::uint32_t offset = 0;       // of its first byte in the file
  std::uint32_t name_offset = 0;  // of a member: of its name
  std::int64_t integer = 0;
  double number = 0;            // of an Integer or Fraction
  std::string text;             // of a String, unescaped
  std::string name;             // of a member of an object
  std::vector<Value> children;  // of an Array or Object, in their order

  // The member `member` of an object, or null.
  const Value* find(std::string_view member) const;
};

// An object without members, and without a place.
const Value& empty_object();

// "a string", "a number", …: for messages.
std::string_view describe(Value::Type type);

inline Place place_of(const Value& value) {
  return {value.document, value.offset};
}
inline Place name_place_of(const Value& member) {
  return {member.document, member.name_offset};
}

// `value` as JSON without blanks; scalars as they stand in their files. Of an object without the
// member `without`.
std::string compact_json(const Value& value, std::string_view without = {});

}  // namespace usher::config
