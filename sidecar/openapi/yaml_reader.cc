// libyaml's events, one after another, become values on a stack of open containers: what is nested
// deep costs no stack of the machine's.
#include "openapi/yaml_reader.h"

#include <yaml.h>

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <map>
#include <optional>
#include <vector>

#include "config/problem.h"

namespace usher::openapi {
namespace {

using config::Document;
using config::Problems;
using config::Value;

// libyaml counts characters, places are bytes. Marks move forward, but for a little.
class ByteOffsets {
 public:
  explicit ByteOffsets(std::string_view text) : text_(text) {}

  std::uint32_t of(const yaml_mark_t& mark) {
    while (characters_ < mark.index && bytes_ < text_.size()) {
      do {
        ++bytes_;
      } while (bytes_ < text_.size() && continues(text_[bytes_]));
      ++characters_;
    }
    while (characters_ > mark.index && bytes_ > 0) {
      do {
        --bytes_;
      } while (bytes_ > 0 && continues(text_[bytes_]));
      --characters_;
    }
    return static_cast<std::uint32_t>(bytes_);
  }

 private:
  static bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

  std::string_view text_;
  std::size_t characters_ = 0;
  std::size_t bytes_ = 0;
};

template <typename T>
std::optional<T> number_of(std::string_view text, int base = 10) {
  T number{};
  const char* end = text.data() + text.size();
  std::from_chars_result result{};
  if constexpr (std::is_integral_v<T>) {
    result = std::from_chars(text.data(), end, number, base);
  } else {
    result = std::from_chars(text.data(), end, number);
  }
  return result.ec == std::errc() && result.ptr == end ? std::optional<T>(number) : std::nullopt;
}

// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?, near enough: from_chars() checks the rest.
bool looks_like_number(std::string_view text) {
  return text.find_first_of("0123456789") != std::string_view::npos &&
         text.find_first_not_of("+-.0123456789eE") == std::string_view::npos &&
         text.front() != 'e' && text.front() != 'E';
}

void set_integer(Value& value, std::int64_t number) {
  value.type = Value::Type::Integer;
  value.integer = number;
  value.number = static_cast<double>(number);
}

// A plain scalar's type and value (YAML 1.2.2 §10.3.2).
void resolve(std::string_view text, Value& value) {
  value.type = Value::Type::String;
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") {
    value.type = Value::Type::Null;
  } else if (text == "true" || text == "True" || text == "TRUE") {
    value.type = Value::Type::Bool;
    value.boolean = true;
  } else if (text == "false" || text == "False" || text == "FALSE") {
    value.type = Value::Type::Bool;
  } else if (text.starts_with("0x") || text.starts_with("0o")) {
    const auto number = number_of<std::int64_t>(text.substr(2), text[1] == 'x' ? 16 : 8);
    if (number) set_integer(value, *number);
  } else if (looks_like_number(text)) {
    if (text.front() == '+') text.remove_prefix(1);
    if (const auto integer = number_of<std::int64_t>(text)) {
      set_integer(value, *integer);
    } else if (const auto number = number_of<double>(text)) {
      value.type = Value::Type::Fraction;
      value.number = *number;
    }
  }
  if (value.type == Value::Type::String) value.text = text;
}

std::size_t depth_of(const Value& value) {
  std::size_t depth = 0;
  for (const Value& child : value.children) depth = std::max(depth, depth_of(child));
  return value.children.empty() ? 0 : depth + 1;
}

// One event of libyaml's, freed with it.
class Event {
 public:
  explicit Event(yaml_parser_t& parser) : good_(yaml_parser_parse(&parser, &event_) != 0) {}
  ~Event() {
    if (good_) yaml_event_delete(&event_);
  }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;

  bool good() const { return good_; }
  const yaml_event_t& operator*() const { return event_; }

 private:
  yaml_event_t event_{};
  bool good_;
};

std::string_view text_of(const yaml_char_t* text) {
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

class Builder {
 public:
  Builder(const Document& document, std::string_view text, Problems& problems)
      : document_(document), text_(text), offsets_(text), problems_(problems) {
    yaml_parser_initialize(&parser_);
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                 text.size());
  }
  ~Builder() { yaml_parser_delete(&parser_); }
  Builder(const Builder&) = delete;
  Builder& operator=(const Builder&) = delete;

  bool build(Value& root) {
    root_ = &root;
    for (bool done = false; !done;) {
      const Event event(parser_);
      if (!event.good()) return explain_failure();
      done = (*event).type == YAML_STREAM_END_EVENT;
      if (!take(*event)) return false;
    }
    if (root.type == Value::Type::Object) return true;
    return stop(root.offset, "an object is expected: a line such as \"openapi: 3.1.0\"");
  }

 private:
  // A container that is not closed; what it is becomes known with its place among its siblings.
  struct Open {
    Value value;
    std::string anchor;
    std::optional<Value> name;  // of the member that comes next
  };

  bool stop(std::size_t offset, std::string message) {
    problems_.add({&document_, static_cast<std::uint32_t>(offset)}, std::move(message));
    return false;
  }

  bool explain_failure() {
    if (parser_.error == YAML_READER_ERROR) {
      return stop(std::min(parser_.problem_offset, text_.size()),
                  "bytes that are not UTF-8, or a control character; save the file as UTF-8");
    }
    std::string message = "not valid YAML here: ";
    message += parser_.problem == nullptr ? "out of memory" : parser_.problem;
    if (parser_.context != nullptr) message.append(" ").append(parser_.context);
    return stop(offsets_.of(parser_.problem_mark),
                message + "; look at its indentation and quotes");
  }

  bool take(const yaml_event_t& event) {
    const std::uint32_t offset = offsets_.of(event.start_mark);
    switch (event.type) {
      case YAML_DOCUMENT_START_EVENT:
        if (!has_root_) return true;
        return stop(offset, "a second document begins here; one file holds one description");
      case YAML_SCALAR_EVENT:
        return take_scalar(event, offset);
      case YAML_ALIAS_EVENT:
        return take_alias(text_of(event.data.alias.anchor), offset);
      case YAML_SEQUENCE_START_EVENT:
        return open(Value::Type::Array, text_of(event.data.sequence_start.anchor),
                    text_of(event.data.sequence_start.tag), offset);
      case YAML_MAPPING_START_EVENT:
        return open(Value::Type::Object, text_of(event.data.mapping_start.anchor),
                    text_of(event.data.mapping_start.tag), offset);
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT:
        return close();
      case YAML_NO_EVENT:
      case YAML_STREAM_START_EVENT:
      case YAML_STREAM_END_EVENT:
      case YAML_DOCUMENT_END_EVENT:
        break;
    }
    return true;
  }

  bool take_scalar(const yaml_event_t& event, std::uint32_t offset) {
    const auto& scalar = event.data.scalar;
    const std::string_view text(reinterpret_cast<const char*>(scalar.value), scalar.length);
    const std::string_view tag = text_of(scalar.tag);
    if (!is_json_tag(tag)) return refuse_tag(tag, offset);
    Value value;
    value.offset = offset;
    const bool plain = scalar.plain_implicit != 0 || (!tag.empty() && tag != YAML_STR_TAG);
    if (plain && tag != "!") {
      resolve(text, value);
    } else {
      value.type = Value::Type::String;
      value.text = text;
    }
    if (expects_name()) return take_name(text, offset);
    return place(std::move(value), text_of(scalar.anchor));
  }

  static bool is_json_tag(std::string_view tag) {
    for (const std::string_view known :
         {"", "!", YAML_STR_TAG, YAML_NULL_TAG, YAML_BOOL_TAG, YAML_INT_TAG, YAML_FLOAT_TAG,
          YAML_SEQ_TAG, YAML_MAP_TAG}) {
      if (tag == known) return true;
    }
    return false;
  }

  bool refuse_tag(std::string_view tag, std::uint32_t offset) {
    return stop(offset, "the tag " + config::in_quotes(tag) +
                            " has no counterpart in JSON; write the value itself");
  }

  bool expects_name() const {
    return !open_.empty() && open_.back().value.type == Value::Type::Object && !open_.back().name;
  }

  bool take_name(std::string_view text, std::uint32_t offset) {
    if (text == "<<") {
      return stop(offset,
                  "merge keys (\"<<\") are not part of OpenAPI; write the members out, or "
                  "use \"$ref\"");
    }
    Value name;
    name.text = text;
    name.offset = offset;
    open_.back().name = std::move(name);
    return true;
  }

  bool take_alias(std::string_view anchor, std::uint32_t offset) {
    if (expects_name()) return refuse_name(offset);
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) {
      return stop(offset, "the alias " + config::in_quotes(anchor) +
                              " stands for nothing above it; aliases stand behind the whole value "
                              "that their anchor names");
    }
    if (!count(found->second, offset)) return false;
    if (depth_of(found->second) + open_.size() > static_cast<std::size_t>(config::kMaxDepth)) {
      return refuse_depth(offset);
    }
    return place(found->second, {});
  }

  bool refuse_depth(std::uint32_t offset) {
    return stop(offset, "nested deeper than " + std::to_string(config::kMaxDepth) + " levels");
  }

  bool refuse_name(std::uint32_t offset) {
    return stop(offset, "a member's name must be a string");
  }

  // Of a value that is repeated.
  bool count(const Value& value, std::uint32_t offset) {
    for (const Value& child : value.children) {
      if (!count(child, offset)) return false;
    }
    return count_one(offset);
  }

  bool count_one(std::uint32_t offset) {
    if (++values_ <= kMaxYamlValues) return true;
    return stop(offset, "more than " + std::to_string(kMaxYamlValues) +
                            " values, with those that aliases repeat; split the file");
  }

  bool open(Value::Type type, std::string_view anchor, std::string_view tag, std::uint32_t offset) {
    if (expects_name()) return refuse_name(offset);
    if (!is_json_tag(tag)) return refuse_tag(tag, offset);
    if (open_.size() >= static_cast<std::size_t>(config::kMaxDepth)) return refuse_depth(offset);
    Open& container = open_.emplace_back();
    container.value.type = type;
    container.value.offset = offset;
    container.anchor = anchor;
    return true;
  }

  bool close() {
    Open container = std::move(open_.back());
    open_.pop_back();
    return place(std::move(container.value), container.anchor);
  }

  // Gives a whole value its place: in the container that is open, or as the root.
  bool place(Value value, std::string_view anchor) {
    if (!count_one(value.offset)) return false;
    if (!anchor.empty()) anchors_.insert_or_assign(std::string(anchor), value);
    if (open_.empty()) {
      has_root_ = true;
      *root_ = std::move(value);
      return true;
    }
    Open& parent = open_.back();
    if (parent.name) {
      value.name = std::move(parent.name->text);
      value.name_offset = parent.name->offset;
      parent.name.reset();
    }
    parent.value.children.push_back(std::move(value));
    return true;
  }

  const Document& document_;
  std::string_view text_;
  ByteOffsets offsets_;
  Problems& problems_;
  yaml_parser_t parser_{};
  Value* root_ = nullptr;
  bool has_root_ = false;  // it is whole
  std::vector<Open> open_;
  std::map<std::string, Value, std::less<>> anchors_;
  std::size_t values_ = 0;
};

bool ends_with_any(std::string_view file, std::initializer_list<std::string_view> ends) {
  return std::any_of(ends.begin(), ends.end(),
                     [&](std::string_view end) { return file.ends_with(end); });
}

}  // namespace

std::unique_ptr<Document> read_yaml(std::string file, std::string text, Problems& problems) {
  const auto read = [&](const Document& document, std::string_view bytes, Value& root) {
    return Builder(document, bytes, problems).build(root);
  };
  return Document::parse_with(read, std::move(file), 0, std::move(text), problems);
}

std::unique_ptr<Document> read_json_or_yaml(std::string file, std::string text,
                                            Problems& problems) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  const bool like_json = first != std::string::npos && text[first] == '{';
  const bool yaml = ends_with_any(file, {".yaml", ".yml"});
  if (ends_with_any(file, {".json"}) || (like_json && !yaml)) {
    return Document::parse(std::move(file), 0, std::move(text), problems);
  }
  return read_yaml(std::move(file), std::move(text), problems);
}

}  // namespace usher::openapi
