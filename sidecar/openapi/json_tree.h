// Trees of config::Value that are made here, and trees as JSON text.
//
// Thread: any.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "config/json_reader.h"

namespace usher::openapi {

using config::Value;

Value make_object();
Value make_array();
Value make_text(std::string_view text);
Value make_integer(std::int64_t number);
Value make_number(double number);
Value make_bool(bool boolean);

// The member `name`, or null.
Value* find_member(Value& object, std::string_view name);
// Sets a member, in its old place where there is one of that name, else behind the others. The
// reference is good until the next member is added.
Value& put(Value& object, std::string_view name, Value value);
Value& put(Value& object, std::string_view name, std::string_view text);
// The same of an object that has no member of that name, without a look at the others.
Value& add(Value& object, std::string_view name, Value value);
Value& append(Value& array, Value value);

// The element behind a JSON pointer (RFC 6901) without its '#', or null.
const Value* at_pointer(const Value& root, std::string_view pointer);
// `name` as a part of one.
std::string escape_pointer(std::string_view name);

// The same value, whatever the order of members and wherever it stands.
bool same_value(const Value& a, const Value& b);

inline constexpr std::size_t kLineWidth = 100;
// As people write it: two spaces a level, and on one line what fits on it. `depth`: the level that
// it begins at. The outermost container is never on one line.
std::string to_json(const Value& value, std::size_t depth = 0);

}  // namespace usher::openapi
