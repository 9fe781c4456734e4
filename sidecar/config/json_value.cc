#include "config/json_value.h"

#include "base/log.h"
#include "config/json_reader.h"

namespace usher::config {

const Value* Value::find(std::string_view member) const {
  for (const Value& child : children) {
    if (child.name == member) return &child;
  }
  return nullptr;
}

const Value& empty_object() {
  static const Value kEmpty = [] {
    Value value;
    value.type = Value::Type::Object;
    return value;
  }();
  return kEmpty;
}

std::string_view describe(Value::Type type) {
  switch (type) {
    case Value::Type::Null:
      return "null";
    case Value::Type::Bool:
      return "true or false";
    case Value::Type::Integer:
      return "a number";
    case Value::Type::Fraction:
      return "a number with a fraction or beyond 64 bits";
    case Value::Type::String:
      return "a string";
    case Value::Type::Array:
      return "an array";
    case Value::Type::Object:
      return "an object";
  }
  return "";
}

std::string compact_json(const Value& value, std::string_view without) {
  const bool is_object = value.type == Value::Type::Object;
  if (!is_object && value.type != Value::Type::Array) {
    return std::string(value.document->raw(value));
  }
  std::string text(1, is_object ? '{' : '[');
  for (const Value& child : value.children) {
    if (is_object && !without.empty() && child.name == without) continue;
    if (text.size() > 1) text += ',';
    if (is_object) {
      text += '"';
      append_json_escaped(text, child.name);
      text += "\":";
    }
    text += compact_json(child);
  }
  text += is_object ? '}' : ']';
  return text;
}

}  // namespace usher::config
