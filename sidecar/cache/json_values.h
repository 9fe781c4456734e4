// The values at a JSON pointer of an answer or a call, with "*" for every element of an array.
//
// Thread: the owner's; the parser's memory is used again, but for large documents.
// Bounds: kMaxValues values, documents of kMaxBytes, pointers of kMaxDepth tokens; what is beyond
// is not looked at, and the caller is told. Source: RFC 8259, RFC 6901 (array indices).
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace usher::cache {

class JsonValues {
 public:
  static constexpr std::size_t kMaxValues = 1000;
  static constexpr std::size_t kMaxBytes = 1024 * 1024;
  static constexpr std::size_t kMaxDepth = 64;

  JsonValues();
  ~JsonValues();

  // Calls `sink` with each string, decoded, or number or boolean as it is written, at `pointer`;
  // with all of them where an object has a name twice: readers differ in which one they take. A
  // place that is not there, null, an object or an array has no values.
  // False when `json` cannot be read, is too large or has too many: then not all tags are known,
  // and the answer must not be kept. Of what `pointer` does not lead to only brackets and quotes
  // are read.
  bool each(std::string_view json, const std::vector<std::string>& pointer,
            const std::function<void(std::string_view)>& sink);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace usher::cache
