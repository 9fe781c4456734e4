// Problem: one mistake in the configuration, with its place; Problems: all of them.
//
// Thread: main.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace usher::config {

class Document;

// One mistake: printed as "file:line:column: what is wrong; what would be right".
struct Problem {
  std::string file;
  std::uint32_t line = 0;    // from 1; 0: the whole file
  std::uint32_t column = 0;  // from 1, in bytes
  std::string message;
};
std::string to_string(const Problem& problem);

// Where something stands.
struct Place {
  const Document* document = nullptr;
  std::uint32_t offset = 0;
};
template <typename T>
struct Placed {
  T value;
  Place place;
};
// "file:line:column", for messages that name a second place.
std::string to_string(Place place);

// `text` in quotes, escaped, and cut when it is long: for messages.
std::string in_quotes(std::string_view text);

// Bounds: kMax problems; those behind are counted and said in one more.
class Problems {
 public:
  static constexpr std::size_t kMax = 1000;

  // Control characters of the message are escaped: a problem is one line.
  void add(Place place, std::string message);
  // About a file or directory that could not be read.
  void add(std::string file, std::string message);

  bool empty() const { return problems_.empty(); }
  std::size_t size() const { return problems_.size(); }

  // All, in the order of files, lines and columns, each once: usher.json first, then the services
  // by name.
  std::vector<Problem> take();

 private:
  struct Entry {
    std::uint32_t file_order;
    Problem problem;
  };
  void add(std::uint32_t file_order, Problem problem);

  std::vector<Entry> problems_;
  std::size_t dropped_ = 0;
};

}  // namespace usher::config
