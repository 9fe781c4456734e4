// Document: a JSON file as a tree whose every key and value knows its place.
//
// Strict RFC 8259: no comments, no trailing commas, no byte order mark, no duplicate keys, and
// nothing behind the value, which must be an object. simdjson's On-Demand front end parses; its
// pointers into the text are the places.
//
// Thread: main. Bounds: kMaxFileBytes, kMaxDepth.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/problem.h"

namespace usher::config {

// Of simdjson, as compiled in.
std::string library_version();

inline constexpr std::size_t kMaxFileBytes = 16 * 1024 * 1024;
inline constexpr int kMaxDepth = 64;

struct Position {
  std::uint32_t line = 0;    // from 1
  std::uint32_t column = 0;  // from 1, in bytes
};

struct Value {
  enum class Type : std::uint8_t { Null, Bool, Integer, Fraction, String, Array, Object };

  Type type = Type::Null;
  bool boolean = false;
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

// An object without members.
const Value& empty_object();

// "a string", "a number", …: for messages.
std::string_view describe(Value::Type type);

class Document {
 public:
  // Parses `text`. Null after a mistake, which goes to `problems`. `file` is its name in messages,
  // `order` its place among the files in the list of problems.
  static std::unique_ptr<Document> parse(std::string file, std::uint32_t order, std::string text,
                                         Problems& problems);
  // The same for the file at that path.
  static std::unique_ptr<Document> read(const std::string& path, std::uint32_t order,
                                        Problems& problems);

  // The same for a text that is not JSON: `read` makes the tree of it, or reports a mistake and
  // returns false.
  using Reader = std::function<bool(const Document&, std::string_view text, Value& root)>;
  static std::unique_ptr<Document> parse_with(const Reader& read, std::string file,
                                              std::uint32_t order, std::string text,
                                              Problems& problems);

  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  const std::string& file() const { return file_; }
  std::uint32_t order() const { return order_; }
  const Value& root() const { return root_; }

  Position position(std::uint32_t offset) const;
  Place place(const Value& value) const { return {this, value.offset}; }
  Place name_place(const Value& member) const { return {this, member.name_offset}; }
  // The bytes of a value as they stand in the file.
  std::string_view raw(const Value& value) const;

 private:
  Document() = default;
  bool check_size(Problems& problems) const;
  bool check_text(Problems& problems) const;
  bool check_names(const Value& object, Problems& problems) const;

  std::string file_;
  std::uint32_t order_ = 0;
  std::string text_;
  Value root_;
};

// The whole of a file of at most `max_bytes`; else `error` says why not.
bool read_file(const std::string& path, std::size_t max_bytes, std::string& text,
               std::string& error);

}  // namespace usher::config
