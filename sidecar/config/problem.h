// Problem: one mistake in the configuration, with its place; Problems: all of them.
//
// Thread: main.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace usher::config {

class Document;

// Error: the configuration is refused. Warning: it is legal, but hardly meant so.
enum class Severity : std::uint8_t { Error, Warning };

// One mistake: printed as "file:line:column: what is wrong; what would be right", a warning with
// "warning: " before what it says.
struct Problem {
  std::string file;
  std::uint32_t line = 0;    // from 1; 0: the whole file
  std::uint32_t column = 0;  // from 1, in bytes
  std::string message;
  Severity severity = Severity::Error;
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

// Bounds: kMax errors and as many warnings; those behind are counted and said in one more.
class Problems {
 public:
  static constexpr std::size_t kMax = 1000;

  // Control characters of the message are escaped: a problem is one line.
  void add(Place place, std::string message) { add(place, std::move(message), Severity::Error); }
  void warn(Place place, std::string message) { add(place, std::move(message), Severity::Warning); }
  // About a file or directory that could not be read.
  void add(std::string file, std::string message);

  // Errors alone.
  bool empty() const { return size() == 0; }
  std::size_t size() const { return errors_; }

  // All, warnings too, in the order of files, lines and columns, each once: usher.json first, then
  // the services by name.
  std::vector<Problem> take();

 private:
  struct Entry {
    std::uint32_t file_order;
    Problem problem;
  };
  void add(Place place, std::string message, Severity severity);
  bool has_room(Severity severity);

  std::vector<Entry> entries_;
  std::unordered_set<std::uint64_t> seen_;  // what has been added, as numbers
  std::size_t errors_ = 0;                  // those without room included
  std::size_t warnings_ = 0;
};

}  // namespace usher::config
