// InvalidationMessage: what sidecars tell each other by the channel, as text.
//
//   "1 <sender> tags <tag id>…"       these are invalid
//   "1 <sender> text <anywhere>"      a tag's text is, in every scope
// in hexadecimal digits, one space between words.
//
// Thread: any.  Errors: a message that is not one of these is nothing; its reader has to take it
// for "everything".
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cache/tag.h"

namespace usher::cache {

struct InvalidationMessage {
  std::uint64_t sender = 0;  // OpenInvalidations::sender()
  std::vector<Tag> tags;     // their ids alone
  std::optional<std::uint64_t> anywhere;
};

// Into `message`, which is used again and again.
void write_message(std::uint64_t sender, std::span<const Tag> tags, std::string& message);
void write_message_anywhere(std::uint64_t sender, std::uint64_t anywhere, std::string& message);

std::optional<InvalidationMessage> parse_message(std::string_view text);

}  // namespace usher::cache
