// What simdjson reports without a place (bytes that are not UTF-8, bad bytes in strings, a string
// that does not end) is looked for here before it parses; for the rest its cursor stands at the
// token at fault.
#include "config/json_reader.h"

#include <simdjson.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <unordered_map>

#include "base/bytes.h"
#include "config/json_faults.h"

namespace usher::config {
namespace {

namespace ondemand = simdjson::ondemand;

constexpr std::string_view kSpace = " \t\r\n";

// Where the first character that is not UTF-8 begins. REQUIRES: there is one.
std::size_t first_bad_utf8(std::string_view text) {
  std::size_t i = 0;
  while (i < text.size()) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    const std::string_view character = text.substr(i, size);
    if (!simdjson::validate_utf8(character.data(), character.size())) return i;
    i += character.size();
  }
  return i;
}

// Builds the tree. Recursion is bounded by kMaxDepth.
class TreeBuilder {
 public:
  explicit TreeBuilder(std::string_view text) : text_(text) {}

  bool build(ondemand::document& document, Value& root) {
    ondemand::value value;
    if (!fine(document.get_value().get(value)) || !build(value, root, 1)) {
      const char* location = nullptr;
      if (placed_) return false;
      const auto error = document.current_location().get(location);
      offset_ =
          error == simdjson::SUCCESS ? to_offset(location) : to_offset(text_.data() + text_.size());
      return false;
    }
    const char* location = nullptr;
    if (document.current_location().get(location) == simdjson::SUCCESS) {
      return stop(to_offset(location), "something stands behind the end of the object");
    }
    return true;
  }

  std::uint32_t offset() const { return offset_; }
  // Empty: one token is out of place.
  const std::string& message() const { return message_; }

 private:
  std::uint32_t to_offset(const char* location) const {
    const auto distance = static_cast<std::size_t>(location - text_.data());
    return static_cast<std::uint32_t>(std::min(distance, text_.size()));
  }

  static bool fine(simdjson::error_code error) { return error == simdjson::SUCCESS; }

  bool stop(std::uint32_t offset, std::string message) {
    offset_ = offset;
    message_ = std::move(message);
    placed_ = true;
    return false;
  }

  // A scalar's own fault: the token is known.
  bool fine_at(std::uint32_t offset, simdjson::error_code error) {
    if (error == simdjson::SUCCESS) return true;
    const bool is_string = error == simdjson::STRING_ERROR;
    return stop(offset, is_string ? "a wrong escape in this string; JSON's are expected"
                                  : explain_token(text_, offset));
  }

  bool build(ondemand::value value, Value& out, int depth) {
    const std::string_view token = value.raw_json_token();
    out.offset = to_offset(token.data());
    if (depth > kMaxDepth) {
      return stop(out.offset, "nested deeper than " + std::to_string(kMaxDepth) + " levels");
    }
    ondemand::json_type type{};
    if (!fine_at(out.offset, value.type().get(type))) return false;
    switch (type) {
      case ondemand::json_type::array:
        return build_array(value, out, depth);
      case ondemand::json_type::object:
        return build_object(value, out, depth);
      case ondemand::json_type::string: {
        std::string_view text;
        out.type = Value::Type::String;
        if (!fine_at(out.offset, value.get_string().get(text))) return false;
        out.text = text;
        return true;
      }
      case ondemand::json_type::number:
        return build_number(value, out);
      case ondemand::json_type::boolean:
        out.type = Value::Type::Bool;
        return fine_at(out.offset, value.get_bool().get(out.boolean));
      case ondemand::json_type::null:
        out.type = Value::Type::Null;
        return build_null(value, token, out);
    }
    return stop(out.offset, "not a JSON value");
  }

  bool build_null(ondemand::value value, std::string_view token, const Value& out) {
    const std::size_t end = token.find_last_not_of(kSpace) + 1;
    if (token.substr(0, end) != "null") {
      return stop(out.offset, explain_token(text_, out.offset));
    }
    bool null = false;
    return fine_at(out.offset, simdjson::simdjson_result<bool>(value.is_null()).get(null));
  }

  bool build_number(ondemand::value value, Value& out) {
    ondemand::number number;
    if (!fine_at(out.offset, value.get_number().get(number))) return false;
    out.type = number.is_int64() ? Value::Type::Integer : Value::Type::Fraction;
    if (number.is_int64()) out.integer = number.get_int64();
    out.number = number.as_double();
    return true;
  }

  bool build_array(ondemand::value value, Value& out, int depth) {
    out.type = Value::Type::Array;
    ondemand::array array;
    if (!fine(value.get_array().get(array))) return false;
    for (auto element : array) {
      ondemand::value item;
      if (!fine(std::move(element).get(item))) return false;
      if (!build(item, out.children.emplace_back(), depth + 1)) return false;
    }
    return true;
  }

  bool build_object(ondemand::value value, Value& out, int depth) {
    out.type = Value::Type::Object;
    ondemand::object object;
    if (!fine(value.get_object().get(object))) return false;
    for (auto element : object) {
      ondemand::field field;
      if (!fine(std::move(element).get(field))) return false;
      Value& member = out.children.emplace_back();
      member.name_offset = to_offset(field.key().raw() - 1);
      std::string_view name;
      if (!fine_at(member.name_offset, field.unescaped_key().get(name))) return false;
      member.name = name;
      if (!build(field.value(), member, depth + 1)) return false;
    }
    return true;
  }

  std::string_view text_;
  std::uint32_t offset_ = 0;
  std::string message_;
  bool placed_ = false;
};

}  // namespace

std::string library_version() {
  return std::to_string(simdjson::SIMDJSON_VERSION_MAJOR) + "." +
         std::to_string(simdjson::SIMDJSON_VERSION_MINOR) + "." +
         std::to_string(simdjson::SIMDJSON_VERSION_REVISION);
}

namespace {

// What made the parser stop at `offset`: what it knows itself, else a bracket's fault, which shows
// far behind the bracket, else that of the token.
JsonFault explain_fault(std::string_view text, std::size_t offset, const std::string& known) {
  if (!known.empty()) return {.offset = offset, .message = known};
  auto bracket = find_bracket_fault(text);
  // A comma too many before the one that fits is the nearer fault.
  std::string token = explain_token(text, offset);
  if (bracket && token.starts_with("not valid JSON")) return *std::move(bracket);
  return {.offset = offset, .message = std::move(token)};
}

// Has each value of the tree know its document.
void own(const Document& document, Value& value) {
  value.document = &document;
  for (Value& child : value.children) own(document, child);
}

}  // namespace

std::unique_ptr<Document> Document::parse(std::string file, std::uint32_t order, std::string text,
                                          Problems& problems) {
  std::unique_ptr<Document> document(new Document(std::move(file), order, std::move(text)));
  if (!document->check_text(problems)) return nullptr;

  std::string& bytes = document->text_;
  const std::size_t size = bytes.size();
  bytes.resize(size +
               simdjson::SIMDJSON_PADDING);  // simdjson reads that far, and zeros are harmless
  bytes.resize(size);
  ondemand::parser parser;
  ondemand::document json;
  const simdjson::padded_string_view view(bytes.data(), bytes.size(), bytes.capacity());
  if (const auto error = parser.iterate(view).get(json)) {
    problems.add({document.get(), 0}, simdjson::error_message(error));
    return nullptr;
  }
  TreeBuilder builder(bytes);
  if (!builder.build(json, document->root_)) {
    const auto fault = explain_fault(bytes, builder.offset(), builder.message());
    problems.add({document.get(), static_cast<std::uint32_t>(fault.offset)}, fault.message);
    return nullptr;
  }
  if (!document->check_names(document->root_, problems)) return nullptr;
  own(*document, document->root_);
  return document;
}

std::unique_ptr<Document> Document::read(const std::filesystem::path& directory,
                                         const std::filesystem::path& name, std::uint32_t order,
                                         Problems& problems) {
  const std::string path = (directory / name).string();
  std::string text;
  std::string error;
  std::error_code unknown;
  const auto type = std::filesystem::status(path, unknown).type();
  // A pipe would keep who reads it for ever.
  if (type == std::filesystem::file_type::fifo || type == std::filesystem::file_type::directory) {
    problems.add(path, "is not a file; expected one with a JSON object");
    return nullptr;
  }
  if (!read_file(path, kMaxFileBytes, text, error)) {
    problems.add(path, std::move(error));
    return nullptr;
  }
  auto document = parse(path, order, std::move(text), problems);
  if (document != nullptr) document->directory_ = directory;
  return document;
}

Document::Document(std::string file, std::uint32_t order, std::string text)
    : file_(std::move(file)), order_(order), text_(std::move(text)) {
  for (std::size_t i = text_.find('\n'); i != std::string::npos; i = text_.find('\n', i + 1)) {
    lines_.push_back(static_cast<std::uint32_t>(i + 1));
  }
}

std::unique_ptr<Document> Document::parse_with(const Reader& read, std::string file,
                                               std::uint32_t order, std::string text,
                                               Problems& problems) {
  std::unique_ptr<Document> document(new Document(std::move(file), order, std::move(text)));
  if (!document->check_size(problems)) return nullptr;
  if (!read(*document, document->text_, document->root_)) return nullptr;
  if (!document->check_names(document->root_, problems)) return nullptr;
  own(*document, document->root_);
  return document;
}

bool Document::check_size(Problems& problems) const {
  const bool large = text_.size() > kMaxFileBytes;
  if (!large && !text_.starts_with("\xef\xbb\xbf")) return true;
  problems.add({this, 0}, large ? "the file is larger than 16 MiB"
                                : "a byte order mark; save the file as UTF-8 without one");
  return false;
}

bool Document::check_text(Problems& problems) const {
  const auto stop = [&](std::size_t offset, std::string message) {
    problems.add({this, static_cast<std::uint32_t>(offset)}, std::move(message));
    return false;
  };
  if (!check_size(problems)) return false;
  if (!simdjson::validate_utf8(text_)) {
    return stop(first_bad_utf8(text_), "bytes that are not UTF-8; save the file as UTF-8");
  }
  const std::size_t first = text_.find_first_not_of(kSpace);
  if (first == std::string::npos) return stop(0, "the file is empty; a JSON object is expected");
  if (text_[first] != '{') return stop(first, "a JSON object is expected; it begins with '{'");
  auto fault = find_string_fault(text_);
  if (fault) return stop(fault->offset, std::move(fault->message));
  const std::size_t last = text_.find_last_not_of(kSpace);
  if (text_[last] == '}') return true;
  fault = find_bracket_fault(text_);
  if (fault) return stop(fault->offset, std::move(fault->message));
  return stop(last, "something stands behind the end of the object");
}

// Parsers differ in which of two equal names wins, and so would whoever reads the file.
bool Document::check_names(const Value& value, Problems& problems) const {
  bool good = true;
  std::unordered_map<std::string_view, const Value*> seen;
  for (const Value& child : value.children) {
    if (value.type == Value::Type::Object) {
      const auto [other, is_new] = seen.emplace(child.name, &child);
      if (!is_new) {
        problems.add(name_place(child),
                     "the key " + in_quotes(child.name) + " stands twice, first at " +
                         to_string(name_place(*other->second)) + "; leave out one");
        good = false;
      }
    }
    if (!child.children.empty()) good = check_names(child, problems) && good;
  }
  return good;
}

Position Document::position(std::uint32_t offset) const {
  const auto next = std::upper_bound(lines_.begin(), lines_.end(), offset);
  return {.line = static_cast<std::uint32_t>(next - lines_.begin()),
          .column = offset - *std::prev(next) + 1};
}

std::string_view Document::raw(const Value& value) const {
  const std::string_view rest = std::string_view(text_).substr(value.offset);
  std::size_t depth = 0;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const char c = rest[i];
    if (c == '"') {
      for (++i; rest[i] != '"'; ++i) i += rest[i] == '\\' ? 1 : 0;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      --depth;
    } else if (depth == 0) {  // a number or a word
      return rest.substr(0, rest.find_first_of(",]} \t\r\n"));
    }
    if (depth == 0) return rest.substr(0, i + 1);
  }
  return {};
}

bool read_file(const std::string& path, std::size_t max_bytes, std::string& text,
               std::string& error) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"),
                                                             &std::fclose);
  if (file == nullptr) {
    error = std::string("cannot be opened: ") + std::strerror(errno);
    return false;
  }
  text.clear();
  std::size_t count = 0;
  do {
    constexpr std::size_t kStep = 64 * 1024;
    const std::size_t size = text.size();
    text.resize(size + kStep);
    count = std::fread(text.data() + size, 1, kStep, file.get());
    text.resize(size + count);
  } while (count > 0 && text.size() <= max_bytes);
  if (std::ferror(file.get()) != 0) {
    error = std::string("cannot be read: ") + std::strerror(errno);
    return false;
  }
  if (text.size() > max_bytes) {
    error = "is larger than the " + std::to_string(max_bytes / 1024) + " KiB that are read";
    return false;
  }
  return true;
}

}  // namespace usher::config
