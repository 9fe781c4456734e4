#include "cache/invalidation_message.h"

#include "cache/hex.h"

namespace usher::cache {
namespace {

constexpr std::string_view kVersion = "1 ";
constexpr std::string_view kTags = " tags";
constexpr std::string_view kText = " text ";
constexpr std::size_t kNumberDigits = 16;
constexpr std::size_t kTagDigits = 2 * sizeof(Tag::id);

void begin_message(std::uint64_t sender, std::string_view kind, std::string& message) {
  message.assign(kVersion);
  append_hex(message, sender);
  message.append(kind);
}

// False unless `text` begins with `word`, which then leaves it.
bool take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) return false;
  text.remove_prefix(word.size());
  return true;
}

std::optional<std::uint64_t> take_number(std::string_view& text) {
  const auto number = parse_hex(text.substr(0, kNumberDigits));
  if (number) text.remove_prefix(kNumberDigits);
  return number;
}

}  // namespace

void write_message(std::uint64_t sender, std::span<const Tag> tags, std::string& message) {
  begin_message(sender, kTags, message);
  for (const Tag& tag : tags) {
    message.push_back(' ');
    append_hex(message, tag.id);
  }
}

void write_message_anywhere(std::uint64_t sender, std::uint64_t anywhere, std::string& message) {
  begin_message(sender, kText, message);
  append_hex(message, anywhere);
}

std::optional<InvalidationMessage> parse_message(std::string_view text) {
  InvalidationMessage message;
  if (!take(text, kVersion)) return std::nullopt;
  const auto sender = take_number(text);
  if (!sender) return std::nullopt;
  message.sender = *sender;
  if (take(text, kText)) {
    message.anywhere = take_number(text);
    if (!message.anywhere || !text.empty()) return std::nullopt;
    return message;
  }
  if (!take(text, kTags)) return std::nullopt;
  while (!text.empty()) {
    Tag tag;
    if (!take(text, " ") || !parse_hex(text.substr(0, kTagDigits), tag.id)) return std::nullopt;
    text.remove_prefix(kTagDigits);
    message.tags.push_back(tag);
  }
  return message;
}

}  // namespace usher::cache
