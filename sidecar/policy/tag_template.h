// TagTemplate: "ticket:{ticketId}", "ticket:{response:/tickets/*/id}": a name for what an answer
// was made of, so that a call that changes it can name the same.
//
// {name} is a path parameter, decoded; {response:/pointer} are the values at a JSON pointer (RFC
// 6901) of the cached answer, {request:/pointer} of a mutation's body; * stands for every element
// of an array. One template has at most one pointer. Braces stand for nothing else.
//
// Thread: any; immutable once parsed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace usher::policy {

class TagTemplate {
 public:
  enum class Source : std::uint8_t { None, Response, Request };

  static constexpr std::size_t kMaxBytes = 256;  // of a template

  // `parameters` are the names that the endpoint's path has, in order. Errors: a sentence that says
  // what is wrong with `text` and what would be right.
  static tl::expected<TagTemplate, std::string> parse(std::string_view text,
                                                      std::span<const std::string> parameters);

  const std::string& text() const { return text_; }
  Source source() const { return source_; }
  // The reference tokens of its pointer, unescaped; "*" is every element.
  const std::vector<std::string>& pointer() const { return pointer_; }

  // The tag for one value of its pointer ("" without one). `parameters` are raw bytes of the path,
  // as many as parse() was told of; what looks like an escape in them and is none stays as it is.
  std::string expand(std::span<const std::string_view> parameters, std::string_view value) const;

 private:
  class Parser;

  struct Piece {
    std::string text;
    int parameter = -1;     // else: of the path
    bool is_value = false;  // the pointer's
  };

  std::string text_;
  Source source_ = Source::None;
  std::vector<std::string> pointer_;
  std::vector<Piece> pieces_;
};

}  // namespace usher::policy
