// The heads of HTTP/1.1 messages as views: what a parser found, ready for decisions and for writing
// out again.
//
// The views point into the bytes that were parsed; whoever keeps a head keeps those bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "http/field_id.h"

namespace usher::http {

struct Field {
  std::string_view name;   // as the sender spelt it
  std::string_view value;  // trimmed
  FieldId id;
};

// The bound on fields that `Fields` can hold; limits.header_count may only lower it.
inline constexpr std::size_t kMaxFields = 128;

// The fields of one head in their order.
class Fields {
 public:
  bool add(std::string_view name, std::string_view value, FieldId id) {
    if (size_ == kMaxFields) return false;
    // Member by member: a Field built on the stack and copied costs a failed store forwarding.
    Field& field = fields_[size_++];
    field.name = name;
    field.value = value;
    field.id = id;
    return true;
  }
  bool add(const Field& field) { return add(field.name, field.value, field.id); }
  void clear() { size_ = 0; }
  std::size_t size() const { return size_; }
  const Field* begin() const { return fields_.data(); }
  const Field* end() const { return fields_.data() + size_; }

  // The first field of that number, or null. Linear: heads are short and this stays in the cache.
  const Field* find(FieldId id) const {
    for (const Field& field : *this) {
      if (field.id == id) return &field;
    }
    return nullptr;
  }

 private:
  std::array<Field, kMaxFields> fields_;  // only the first size_ are ever read
  std::size_t size_ = 0;
};

// RFC 9110 §9, and the others that the parser knows. `Other` is a known, well-formed method that no
// endpoint may use.
enum class Method : std::uint8_t { Get, Head, Post, Put, Delete, Patch, Options, Connect, Other };

std::string_view to_string(Method method);

// How a message's body is delimited (RFC 9112 §6.3).
enum class Framing : std::uint8_t {
  None,           // no body
  ContentLength,  // `content_length` bytes
  Chunked,
  UntilClose,  // responses only
};

struct RequestHead {
  Method method = Method::Other;
  std::string_view method_name;
  std::string_view
      target;  // origin-form: path and query; of absolute-form the part after the authority
  std::string_view authority;  // of an absolute-form target, else empty
  std::string_view host;       // the Host field's value, empty on HTTP/1.0 without one
  Fields fields;
  Framing framing = Framing::None;
  std::uint64_t content_length = 0;
  bool http_1_0 = false;
  bool keep_alive = true;        // the consumer lets the connection be used again
  bool expect_continue = false;  // Expect: 100-continue, and a body follows
  bool asterisk = false;         // OPTIONS *
  bool upgrade = false;          // asks for a protocol that is not HTTP (Reading::Everything)
};

struct ResponseHead {
  int status = 0;
  Fields fields;
  Framing framing = Framing::None;
  std::uint64_t content_length = 0;
  bool has_content_length = false;  // also where there is no body: HEAD and 304
  bool http_1_0 = false;
  bool keep_alive = true;  // the owner lets the connection be used again
};

}  // namespace usher::http
