// JSON as JavaScript rewrites it: what JSON.stringify(JSON.parse(text)) gives, byte for byte
// (ECMA-262 sections 25.5.1 and 25.5.2). Owners written in JavaScript hash a body after reading and
// writing it, so a caller that hashes the bytes it sends would fail there.
//
// What changes on the way: white space goes; numbers become doubles and take their shortest form
// (js_number.h); strings are escaped where they must be and nowhere else; of members with the same
// key the last value stays in the place of the first; keys that are array indices (0 to 2^32 - 2,
// written without leading zeros) come first, ascending.
//
// The text is decoded as Fastify does it: a byte order mark at the start is skipped, and bytes that
// are no UTF-8 become U+FFFD.
#ifndef USHER_PLUGINS_COMMON_JS_JSON_H
#define USHER_PLUGINS_COMMON_JS_JSON_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace usher::plugins {

// What JavaScript makes of the value as a whole; kFalsy: false, 0 or "".
enum class JsKind { Null, Falsy, Truthy };

enum class JsKeyOrder {
  Insertion,  // as JavaScript keeps them
  Sorted      // as after sorting each object's keys by UTF-16 units and rebuilding the object
};

// Not safe for two threads at once: it keeps its memory for the next text, so that a worker that
// rewrites bodies of a like size allocates nothing.
class JsJson {
 public:
  // Deeper nesting counts as "not JSON". JavaScript has no such limit, but nobody's bodies come
  // near it.
  static constexpr size_t kMaxDepth = 512;

  // Larger texts count as "not JSON" too.
  static constexpr size_t kMaxSize = size_t{256} << 20;

  // Rewrites `text`; result() has the outcome. Nothing when it is not JSON.
  std::optional<JsKind> rewrite(std::string_view text, JsKeyOrder order);

  // Valid until the next rewrite.
  std::string_view result() const { return out_; }

 private:
  // Text that is ready to be written, in the source or, where it had to change, in rewritten_.
  struct Span {
    uint32_t begin;
    uint32_t size;
    bool rewritten;
  };
  enum class Type : uint8_t { Scalar, Array, Object };
  // Values in the order they were read. The children of one follow it; `end` is where they end.
  struct Node {
    Span key;   // of a member, quotes included
    Span text;  // of a scalar
    uint32_t end;
    Type type;
  };
  struct Member {
    uint32_t node;
    uint32_t rank;   // place among the members: that of the first with the same key
    uint32_t index;  // the key as an array index, else kNoArrayIndex
  };

  void skip_space();
  bool take(char c);
  bool read_value(Span key, size_t depth);
  bool read_members(size_t depth);
  bool read_elements(size_t depth);
  bool read_word(std::string_view word, Span& span);
  bool read_number(Span& span);
  bool read_string(Span& span);
  bool read_escapes();
  bool read_escape();
  bool read_unit(uint32_t& unit);

  std::string_view text_of(Span span) const;
  void write(uint32_t index, JsKeyOrder order);
  void write_array(uint32_t index, JsKeyOrder order);
  void write_object(uint32_t index, JsKeyOrder order);
  bool has_duplicates(size_t base) const;
  void drop_duplicates(size_t base);
  void sort_members(size_t base, JsKeyOrder order);

  std::string_view source_;
  size_t position_ = 0;
  std::string repaired_;
  std::string rewritten_;
  std::vector<Node> nodes_;
  std::vector<Member> members_;  // of the objects being written, the innermost last
  std::string out_;
};

}  // namespace usher::plugins

#endif  // USHER_PLUGINS_COMMON_JS_JSON_H
