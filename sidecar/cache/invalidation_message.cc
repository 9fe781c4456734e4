#include "cache/invalidation_message.h"

#include "cache/hex.h"

namespace usher::cache {
namespace {

void begin_message(std::uint64_t sender, std::string_view kind, std::string& message) {
  message.assign("1 ");
  append_hex(message, sender);
  message.append(" ").append(kind);
}

// The word before the first space; it and the space leave `text`.
std::string_view take_word(std::string_view& text) {
  const std::size_t end = text.find(' ');
  const std::string_view word = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return word;
}

}  // namespace

void write_message(std::uint64_t sender, std::span<const Tag> tags, std::string& message) {
  begin_message(sender, "tags", message);
  for (const Tag& tag : tags) {
    message.push_back(' ');
    append_hex(message, tag.id);
  }
}

void write_message_anywhere(std::uint64_t sender, std::uint64_t anywhere, std::string& message) {
  begin_message(sender, "text ", message);
  append_hex(message, anywhere);
}

std::optional<InvalidationMessage> parse_message(std::string_view text) {
  InvalidationMessage message;
  if (take_word(text) != "1") return std::nullopt;
  const auto sender = parse_hex(take_word(text));
  if (!sender) return std::nullopt;
  message.sender = *sender;
  const std::string_view kind = take_word(text);
  if (kind == "text") {
    message.anywhere = parse_hex(text);
    if (!message.anywhere) return std::nullopt;
    return message;
  }
  if (kind != "tags") return std::nullopt;
  while (!text.empty()) {
    Tag tag;
    if (!parse_hex(take_word(text), tag.id)) return std::nullopt;
    message.tags.push_back(tag);
  }
  return message;
}

}  // namespace usher::cache
