// The string that is signed, as a template: literal text and placeholders in braces, for example
// "{service}:{timestamp}:{target}". Braces have no other use. Immutable once parsed, so any thread
// may read it.
#ifndef USHER_PLUGINS_HMAC_PAYLOAD_H
#define USHER_PLUGINS_HMAC_PAYLOAD_H

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace usher::plugins {

// What a placeholder stands for, attempt by attempt. {service} is none of them: it never changes
// and becomes literal text.
enum class Field {
  Literal,    // text of the template itself
  Timestamp,  // decimal, in the configured unit
  Nonce,
  Method,
  Target,    // path and query, byte for byte as the owner will read them
  Path,      // the target up to "?"
  Query,     // the target after "?", empty without one
  Body,      // in the configured form
  BodyHash,  // SHA-256 of it, lower-case hexadecimal
  Tenant
};
inline constexpr size_t kFieldCount = 10;

// The texts of the fields, by their number. kLiteral's is not used.
using FieldTexts = std::array<std::string_view, kFieldCount>;

class Payload {
 public:
  struct Part {
    Field field;
    std::string text;  // of kLiteral
  };

  // Replaces what was there by the template `text`. Returns what is wrong with it, empty when
  // nothing is.
  std::string parse(std::string_view text, std::string_view service);

  bool uses(Field field) const;
  bool needs_body() const { return uses(Field::Body) || uses(Field::BodyHash); }

  const std::vector<Part>& parts() const { return parts_; }

 private:
  void add_literal(std::string_view text);

  std::vector<Part> parts_;
};

}  // namespace usher::plugins

#endif  // USHER_PLUGINS_HMAC_PAYLOAD_H
