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
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/json_value.h"
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

class Document {
 public:
  // Parses `text`. Null after a mistake, which goes to `problems`. `file` is its name in messages,
  // `order` its place among the files in the list of problems.
  static std::unique_ptr<Document> parse(std::string file, std::uint32_t order, std::string text,
                                         Problems& problems);
  // The same for the file `name` in `directory`.
  static std::unique_ptr<Document> read(const std::filesystem::path& directory,
                                        const std::filesystem::path& name, std::uint32_t order,
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
  // What relative paths in it are relative to.
  const std::filesystem::path& directory() const { return directory_; }
  std::uint32_t order() const { return order_; }
  const std::string& text() const { return text_; }
  const Value& root() const { return root_; }
  Value& root() { return root_; }

  Position position(std::uint32_t offset) const;
  Place place(const Value& value) const { return {this, value.offset}; }
  Place name_place(const Value& member) const { return {this, member.name_offset}; }
  // The bytes of a value as they stand in the file.
  std::string_view raw(const Value& value) const;

 private:
  Document(std::string file, std::uint32_t order, std::string text);
  bool check_size(Problems& problems) const;
  bool check_text(Problems& problems) const;
  bool check_names(const Value& object, Problems& problems) const;

  std::string file_;
  std::filesystem::path directory_;
  std::uint32_t order_ = 0;
  std::string text_;
  std::vector<std::uint32_t> lines_ = {0};  // where each begins
  Value root_;
};

// The whole of a file of at most `max_bytes`; else `error` says why not.
bool read_file(const std::string& path, std::size_t max_bytes, std::string& text,
               std::string& error);

}  // namespace usher::config
