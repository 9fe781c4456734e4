// DictionaryReader: the members of a Structured Fields dictionary (RFC 8941 §4.2.2), strictly: one
// byte out of place and the whole field says nothing.
//
//   DictionaryReader reader(field.value);
//   while (const auto member = reader.next()) …
//   if (reader.failed()) …  // what next() returned does not count
//
// Parameters are checked and passed over; so are the elements of inner lists.
//
// Thread: any. Pure: views of the value, no memory of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace usher::http {

struct DictionaryMember {
  enum class Type : std::uint8_t { Boolean, Integer, Decimal, String, Token, Bytes, InnerList };

  std::string_view key;
  Type type = Type::Boolean;
  bool boolean = true;       // of a Boolean
  std::int64_t integer = 0;  // of an Integer: at most 15 digits
};

class DictionaryReader {
 public:
  explicit DictionaryReader(std::string_view value);

  // Nothing at the end, and from the first error on.
  std::optional<DictionaryMember> next();
  bool failed() const { return failed_; }

 private:
  bool skip(char c);
  void skip_spaces();
  // Consume what they name; false: it is not there.
  bool read_member(DictionaryMember& member);
  bool read_comma();
  bool read_key(std::string_view& key);
  bool read_parameters();
  bool read_inner_list();
  bool read_bare_item(DictionaryMember& member);
  bool read_number(DictionaryMember& member);
  bool read_string();
  bool read_token();
  bool read_bytes();
  bool read_boolean(DictionaryMember& member);

  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace usher::http
