// List: the elements of a comma-separated field value (RFC 9110 §5.6.1).
//
//   for (const std::string_view option : List(field.value)) …
//
// A comma within quotation marks separates nothing; a mark that is never closed quotes nothing, so
// that no directive can hide behind it. Elements are trimmed. Empty ones are told too, so that
// whoever has a bound can count them; one behind the last comma is not.
//
// Thread: any. Pure: views of the value, no memory of its own.
#pragma once

#include <cstddef>
#include <iterator>
#include <string_view>

#include "base/bytes.h"

namespace usher::http {

class List {
 public:
  enum class Quotes : unsigned char {
    Strings,     // a backslash escapes the next byte (§5.6.4)
    EntityTags,  // it is a byte like others (§8.8.3)
  };

  constexpr explicit List(std::string_view value, Quotes quotes = Quotes::Strings)
      : value_(value), quotes_(quotes) {}

  class Iterator {
   public:
    constexpr Iterator(std::string_view rest, Quotes quotes) : rest_(rest), quotes_(quotes) {
      ++*this;
    }

    constexpr std::string_view operator*() const { return element_; }
    constexpr Iterator& operator++() {
      is_end_ = rest_.empty();
      const std::size_t end = element_end();
      element_ = trim(rest_.substr(0, end));
      rest_.remove_prefix(end < rest_.size() ? end + 1 : end);
      return *this;
    }
    constexpr bool operator==(std::default_sentinel_t) const { return is_end_; }

   private:
    // Of its comma, or the value's end.
    constexpr std::size_t element_end() {
      std::size_t end = 0;
      while (end < rest_.size() && rest_[end] != ',') {
        end = rest_[end] == '"' && !is_open_ ? quoted_end(end) : end + 1;
      }
      return end;
    }

    // Behind the mark that closes the one at `open`.
    constexpr std::size_t quoted_end(std::size_t open) {
      for (std::size_t i = open + 1; i < rest_.size(); ++i) {
        if (rest_[i] == '"') return i + 1;
        if (rest_[i] == '\\' && quotes_ == Quotes::Strings) ++i;
      }
      is_open_ = true;
      return open + 1;
    }

    std::string_view rest_;
    std::string_view element_;
    Quotes quotes_;
    bool is_open_ = false;  // a mark was never closed, so none behind it is: not looked for again
    bool is_end_ = false;
  };

  constexpr Iterator begin() const { return {value_, quotes_}; }
  constexpr std::default_sentinel_t end() const { return {}; }

 private:
  std::string_view value_;
  Quotes quotes_;
};

}  // namespace usher::http
