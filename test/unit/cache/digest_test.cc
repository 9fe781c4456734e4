#include "cache/digest.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <set>
#include <vector>

namespace usher::cache {
namespace {

Digest digest_of(const std::vector<std::string>& parts) {
  Hasher hasher;
  hasher.begin();
  for (const std::string& part : parts) hasher.add(part);
  return hasher.end();
}

std::string sha256_hex(const std::string& message) {
  Digest digest;
  EVP_Digest(message.data(), message.size(), digest.bytes.data(), nullptr, EVP_sha256(), nullptr);
  return to_hex(digest);
}

// printf '\003abc' | sha256sum
TEST(Digest, IsSha256OfPartsWithTheirLengths) {
  EXPECT_EQ(to_hex(digest_of({"abc"})),
            "1a60c38bbdf04315e5d12747a45f7e02d9da3ea6e7dea87270e4acf8c900d110");
}

TEST(Digest, OfNoPartIsThatOfNothing) {
  EXPECT_EQ(to_hex(digest_of({})),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Digest, TellsListsOfPartsApart) {
  const std::vector<std::vector<std::string>> lists = {{},
                                                       {""},
                                                       {"", ""},
                                                       {"ab"},
                                                       {"a", "b"},
                                                       {"b", "a"},
                                                       {"ab", ""},
                                                       {"", "ab"},
                                                       {"\x01"
                                                        "a"},
                                                       {std::string("\0", 1)},
                                                       {std::string(127, 'a')},
                                                       {std::string(128, 'a')},
                                                       {std::string(128, 'a'), ""}};
  std::set<std::string> digests;
  for (const auto& list : lists) digests.insert(to_hex(digest_of(list)));
  EXPECT_EQ(digests.size(), lists.size());
}

// Whatever of it is buffered: sizes around those of the buffer.
TEST(Digest, IsTheSameHoweverPartsFillTheBuffer) {
  for (std::size_t size = 0; size < 1100; ++size) {
    const std::string part(size, 'x');
    Hasher hasher;
    hasher.begin();
    hasher.add("begin");
    hasher.add(part);
    hasher.add("end");
    const Digest digest = hasher.end();
    std::string message =
        "\x05"
        "begin";
    for (std::size_t rest = size;; rest >>= 7) {
      message += static_cast<char>(rest < 128 ? rest : 128 | (rest & 127));
      if (rest < 128) break;
    }
    // As one part without its length, which is what stands before it.
    message += part +
               "\x03"
               "end";
    EXPECT_EQ(to_hex(digest), sha256_hex(message)) << size;
  }
}

TEST(Digest, HasherIsUsedAgain) {
  Hasher hasher;
  hasher.begin();
  hasher.add("first");
  hasher.begin();  // what was begun is forgotten
  hasher.add("abc");
  EXPECT_EQ(hasher.end(), digest_of({"abc"}));
  hasher.begin();
  hasher.add("abc");
  EXPECT_EQ(hasher.end(), digest_of({"abc"}));
}

TEST(Digest, NumberIsEightBytes) {
  Hasher hasher;
  hasher.begin();
  hasher.add(std::uint64_t{0x0102030405060708});
  EXPECT_EQ(hasher.end(), digest_of({"\x08\x07\x06\x05\x04\x03\x02\x01"}));
}

TEST(Digest, WordsAreItsBytes) {
  const Digest digest = digest_of({"abc"});
  std::set<std::uint64_t> words;
  for (std::size_t i = 0; i < 4; ++i) words.insert(digest.word(i));
  EXPECT_EQ(words.size(), 4U);
  EXPECT_EQ(to_hex(digest, 2), to_hex(digest).substr(0, 4));
}

}  // namespace
}  // namespace usher::cache
