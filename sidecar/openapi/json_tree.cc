#include "openapi/json_tree.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "base/log.h"

namespace usher::openapi {
namespace {

Value make(Value::Type type) {
  Value value;
  value.type = type;
  return value;
}

// Line ends as people write them.
void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (std::size_t end = 0; (end = text.find('\n')) != std::string_view::npos;) {
    append_json_escaped(out, text.substr(0, end));
    out += "\\n";
    text.remove_prefix(end + 1);
  }
  append_json_escaped(out, text);
  out += '"';
}

void append_number(std::string& out, double number) {
  std::array<char, 32> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  out.append(buffer.data(), end);
}

void append_scalar(std::string& out, const Value& value) {
  switch (value.type) {
    case Value::Type::Null:
      out += "null";
      break;
    case Value::Type::Bool:
      out += value.boolean ? "true" : "false";
      break;
    case Value::Type::Integer:
      out += std::to_string(value.integer);
      break;
    case Value::Type::Fraction:
      append_number(out, value.number);
      break;
    case Value::Type::String:
      append_quoted(out, value.text);
      break;
    case Value::Type::Array:
    case Value::Type::Object:
      out += value.type == Value::Type::Array ? "[]" : "{}";  // without children
      break;
  }
}

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void write(const Value& value, std::size_t depth) {
    if (value.children.empty()) {
      append_scalar(out_, value);
      return;
    }
    const bool object = value.type == Value::Type::Object;
    out_ += object ? '{' : '[';
    for (const Value& child : value.children) {
      out_ += &child == value.children.data() ? "\n" : ",\n";
      out_.append(2 * (depth + 1), ' ');
      if (object) append_name(child);
      write_child(child, depth + 1, &child == &value.children.back() ? 0 : 1);
    }
    out_ += '\n';
    out_.append(2 * depth, ' ');
    out_ += object ? '}' : ']';
  }

 private:
  void append_name(const Value& member) {
    append_quoted(out_, member.name);
    out_ += ": ";
  }

  // On the rest of its line if it fits there with `behind` bytes more.
  void write_child(const Value& child, std::size_t depth, std::size_t behind) {
    const std::size_t begin = out_.size();
    const std::size_t newline = out_.rfind('\n');
    const std::size_t used = begin - newline - 1 + behind;
    if (child.children.empty()) {
      append_scalar(out_, child);
    } else if (!write_flat(child, begin + (used < kLineWidth ? kLineWidth - used : 0))) {
      out_.resize(begin);
      write(child, depth);
    }
  }

  // False as soon as the text is longer than `end`.
  bool write_flat(const Value& value, std::size_t end) {
    if (value.children.empty()) {
      append_scalar(out_, value);
      return out_.size() <= end;
    }
    const bool object = value.type == Value::Type::Object;
    out_ += object ? "{ " : "[";
    for (const Value& child : value.children) {
      if (&child != value.children.data()) out_ += ", ";
      if (object) append_name(child);
      if (!write_flat(child, end)) return false;
    }
    out_ += object ? " }" : "]";
    return out_.size() <= end;
  }

  std::string& out_;
};

std::string unescape_pointer(std::string_view token) {
  std::string name;
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] == '~' && i + 1 < token.size()) {
      name += token[++i] == '1' ? '/' : '~';
    } else {
      name += token[i];
    }
  }
  return name;
}

const Value* step(const Value& value, const std::string& token) {
  if (value.type == Value::Type::Object) return value.find(token);
  std::size_t index = 0;
  const char* end = token.data() + token.size();
  const auto [rest, error] = std::from_chars(token.data(), end, index);
  const bool good = error == std::errc() && rest == end && index < value.children.size();
  return value.type == Value::Type::Array && good ? &value.children[index] : nullptr;
}

bool same_scalar(const Value& a, const Value& b) {
  switch (a.type) {
    case Value::Type::Bool:
      return a.boolean == b.boolean;
    case Value::Type::Integer:
      return a.integer == b.integer;
    case Value::Type::Fraction:
      return a.number == b.number;
    case Value::Type::String:
      return a.text == b.text;
    case Value::Type::Null:
    case Value::Type::Array:
    case Value::Type::Object:
      break;
  }
  return true;
}

}  // namespace

Value make_object() {
  return make(Value::Type::Object);
}

Value make_array() {
  return make(Value::Type::Array);
}

Value make_text(std::string_view text) {
  Value value = make(Value::Type::String);
  value.text = text;
  return value;
}

Value make_integer(std::int64_t number) {
  Value value = make(Value::Type::Integer);
  value.integer = number;
  value.number = static_cast<double>(number);
  return value;
}

Value make_number(double number) {
  Value value = make(Value::Type::Fraction);
  value.number = number;
  return value;
}

Value make_bool(bool boolean) {
  Value value = make(Value::Type::Bool);
  value.boolean = boolean;
  return value;
}

Value* find_member(Value& object, std::string_view name) {
  const auto found = std::find_if(object.children.begin(), object.children.end(),
                                  [&](const Value& child) { return child.name == name; });
  return found == object.children.end() ? nullptr : &*found;
}

Value& put(Value& object, std::string_view name, Value value) {
  value.name = name;
  if (Value* old = find_member(object, name)) return *old = std::move(value);
  return object.children.emplace_back(std::move(value));
}

Value& put(Value& object, std::string_view name, std::string_view text) {
  return put(object, name, make_text(text));
}

Value& add(Value& object, std::string_view name, Value value) {
  value.name = name;
  return object.children.emplace_back(std::move(value));
}

Value& append(Value& array, Value value) {
  value.name.clear();
  return array.children.emplace_back(std::move(value));
}

const Value* at_pointer(const Value& root, std::string_view pointer) {
  const Value* value = &root;
  while (!pointer.empty() && value != nullptr) {
    if (pointer.front() != '/') return nullptr;
    const std::size_t end = std::min(pointer.find('/', 1), pointer.size());
    value = step(*value, unescape_pointer(pointer.substr(1, end - 1)));
    pointer.remove_prefix(end);
  }
  return value;
}

std::string escape_pointer(std::string_view name) {
  std::string token;
  for (const char c : name) {
    if (c == '~' || c == '/') {
      token += c == '~' ? "~0" : "~1";
    } else {
      token += c;
    }
  }
  return token;
}

bool same_value(const Value& a, const Value& b) {
  if (a.type != b.type || a.children.size() != b.children.size() || !same_scalar(a, b)) {
    return false;
  }
  for (std::size_t i = 0; i < a.children.size(); ++i) {
    const Value* other =
        a.type == Value::Type::Object ? b.find(a.children[i].name) : &b.children[i];
    if (other == nullptr || !same_value(a.children[i], *other)) return false;
  }
  return true;
}

std::string to_json(const Value& value, std::size_t depth) {
  std::string text;
  Writer(text).write(value, depth);
  return text;
}

}  // namespace usher::openapi
