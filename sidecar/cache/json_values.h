// The values at a JSON pointer of an answer or a call, with "*" for every element of an array.
//
// Thread: the owner's; the parser's memory is used again.  Bounds: kMaxValues values, documents of
// kMaxBytes; what is beyond is not looked at, and the caller is told.
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

  JsonValues();
  ~JsonValues();

  // Calls `sink` with each string, or number or boolean as it is written, at `pointer`. False when
  // `json` cannot be read, is too large or has too many: then not all tags are known, and the
  // answer must not be kept. A place that is not there has no values.
  bool each(std::string_view json, const std::vector<std::string>& pointer,
            const std::function<void(std::string_view)>& sink);

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace usher::cache
