#include "cache/invalidation_message.h"

#include <gtest/gtest.h>

namespace usher::cache {
namespace {

TEST(InvalidationMessage, OfTagsIsReadAgain) {
  Hasher hasher;
  const std::vector<Tag> tags = {make_tag(hasher, {1}, "a"), make_tag(hasher, {1}, "b")};
  std::string text = "what was there before";
  write_message(0x0123456789abcdef, tags, text);
  EXPECT_TRUE(text.starts_with("1 0123456789abcdef tags ")) << text;
  const auto message = parse_message(text);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->sender, 0x0123456789abcdefU);
  EXPECT_FALSE(message->anywhere);
  ASSERT_EQ(message->tags.size(), 2U);
  EXPECT_EQ(message->tags[0].id, tags[0].id);
  EXPECT_EQ(message->tags[1].id, tags[1].id);
}

TEST(InvalidationMessage, MayBeOfNoTagAtAll) {
  std::string text;
  write_message(7, {}, text);
  const auto message = parse_message(text);
  ASSERT_TRUE(message);
  EXPECT_TRUE(message->tags.empty());
}

TEST(InvalidationMessage, OfATextIsReadAgain) {
  std::string text;
  write_message_anywhere(7, 0xfedcba9876543210, text);
  EXPECT_EQ(text, "1 0000000000000007 text fedcba9876543210");
  const auto message = parse_message(text);
  ASSERT_TRUE(message);
  EXPECT_EQ(message->sender, 7U);
  EXPECT_EQ(message->anywhere, 0xfedcba9876543210);
  EXPECT_TRUE(message->tags.empty());
}

TEST(InvalidationMessage, IsNothingWhereAnythingIsAmiss) {
  const std::string sender = "1 0000000000000007 ";
  const std::string tag(32, 'a');
  ASSERT_TRUE(parse_message(sender + "tags " + tag + " " + tag));
  for (const std::string& text :
       {std::string(), std::string("1"), std::string("1 "), sender, sender + "tag " + tag,
        "2" + sender.substr(1) + "tags " + tag, "1 7 tags " + tag, sender + "tags  " + tag,
        sender + "tags " + tag + "a", sender + "tags " + tag + " ", sender + "tags ",
        sender + "tags " + tag + "  " + tag, sender + "tags " + std::string(32, 'g'),
        sender + "text", sender + "text ", sender + "text " + tag,
        sender + "text 0000000000000001 ", sender + "tags " + tag + "\n",
        " " + sender + "tags " + tag}) {
    EXPECT_FALSE(parse_message(text)) << text;
  }
}

}  // namespace
}  // namespace usher::cache
