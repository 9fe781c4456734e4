// JsonWriter: JSON as it is written, for pages and commands: knows where a comma belongs.
//
// Names and brackets are the caller's to get right. Thread: any, one object each.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

#include "base/log.h"

namespace usher {

class JsonWriter {
 public:
  JsonWriter& open(char bracket) {
    separate();
    text_ += bracket;
    return *this;
  }
  JsonWriter& close(char bracket) {
    text_ += bracket;
    return *this;
  }
  JsonWriter& name(std::string_view name) {
    string(name);
    text_ += ':';
    return *this;
  }
  JsonWriter& string(std::string_view value) {
    separate();
    text_ += '"';
    append_json_escaped(text_, value);
    text_ += '"';
    return *this;
  }
  // true, false, null.
  JsonWriter& literal(std::string_view value) {
    separate();
    text_ += value;
    return *this;
  }
  JsonWriter& number(std::string_view member, std::integral auto value) {
    name(member);
    text_ += std::to_string(value);
    return *this;
  }
  // The page, a line.
  std::string take() { return std::move(text_) + "\n"; }

 private:
  void separate() {
    constexpr std::string_view kNoComma = "{[:";
    if (!text_.empty() && kNoComma.find(text_.back()) == std::string_view::npos) text_ += ',';
  }

  std::string text_;
};

}  // namespace usher
