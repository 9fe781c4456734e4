#include "http/byte_range.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

namespace usher::http {
namespace {

constexpr std::uint64_t kMost = std::numeric_limits<std::uint64_t>::max();

TEST(ByteRange, IsReadInItsThreeForms) {
  EXPECT_EQ(parse_byte_range("bytes=0-4"), (ByteRange{0, 4}));
  EXPECT_EQ(parse_byte_range("bytes=7-7"), (ByteRange{7, 7}));
  EXPECT_EQ(parse_byte_range("bytes=5-"), (ByteRange{5, std::nullopt}));
  EXPECT_EQ(parse_byte_range("bytes=-5"), (ByteRange{std::nullopt, 5}));
  EXPECT_EQ(parse_byte_range("bytes=-0"), (ByteRange{std::nullopt, 0}));
  EXPECT_EQ(parse_byte_range("Bytes=00-04"), (ByteRange{0, 4})) << "§14.1: units have no case";
  EXPECT_EQ(parse_byte_range("bytes=18446744073709551615-"), (ByteRange{kMost, std::nullopt}));
}

TEST(ByteRange, AnythingElseIsTheOwners) {
  for (const char* value : {"",
                            "bytes",
                            "bytes=",
                            "bytes=-",
                            "bytes=5",
                            "5-6",
                            "items=0-4",
                            "bytes=0-4,",
                            "bytes=0-1,3-4",
                            "bytes=,0-4",
                            "bytes=4-0",
                            "bytes= 0-4",
                            "bytes=0 -4",
                            "bytes=0- 4",
                            "bytes=0-4 ",
                            "bytes=0-4-",
                            "bytes=--4",
                            "bytes=0--4",
                            "bytes=+0-4",
                            "bytes=0x0-4",
                            "bytes=a-4",
                            "bytes=0-b",
                            "bytes =0-4",
                            "bytes:0-4",
                            "bytes=-18446744073709551616",
                            "bytes=18446744073709551616-",
                            "bytes=0-99999999999999999999999999999999999"}) {
    EXPECT_FALSE(parse_byte_range(value).has_value()) << value;
  }
}

TEST(ByteRange, OfAWhole) {
  const auto of = [](std::string_view value, std::size_t size) {
    return parse_byte_range(value)->of(size);
  };
  EXPECT_EQ(of("bytes=0-0", 10), (ByteSlice{0, 1}));
  EXPECT_EQ(of("bytes=0-9", 10), (ByteSlice{0, 10}));
  EXPECT_EQ(of("bytes=3-5", 10), (ByteSlice{3, 3}));
  EXPECT_EQ(of("bytes=9-", 10), (ByteSlice{9, 1}));
  EXPECT_EQ(of("bytes=3-10", 10), (ByteSlice{3, 7})) << "ends with the whole";
  EXPECT_EQ(of("bytes=3-18446744073709551615", 10), (ByteSlice{3, 7}));
  EXPECT_EQ(of("bytes=-1", 10), (ByteSlice{9, 1}));
  EXPECT_EQ(of("bytes=-10", 10), (ByteSlice{0, 10}));
  EXPECT_EQ(of("bytes=-11", 10), (ByteSlice{0, 10})) << "§14.1.2: all that there is";
  EXPECT_EQ(of("bytes=-18446744073709551615", 10), (ByteSlice{0, 10}));
  EXPECT_EQ(of("bytes=10-", 10), std::nullopt);
  EXPECT_EQ(of("bytes=10-20", 10), std::nullopt);
  EXPECT_EQ(of("bytes=18446744073709551615-18446744073709551615", 10), std::nullopt);
  EXPECT_EQ(of("bytes=-0", 10), std::nullopt);
  EXPECT_EQ(of("bytes=0-", 0), std::nullopt);
  EXPECT_EQ(of("bytes=-5", 0), std::nullopt);
}

// Whatever is asked of whatever size: within it, and what was asked for.
TEST(ByteRange, NeverLeadsOutside) {
  const std::uint64_t numbers[] = {0, 1, 2, 9, 10, 11, kMost / 2, kMost - 1, kMost};
  const std::size_t sizes[] = {0, 1, 2, 10, kMost / 2, kMost};
  for (const std::size_t size : sizes) {
    for (const std::uint64_t a : numbers) {
      for (const std::uint64_t b : numbers) {
        for (const ByteRange& range :
             {ByteRange{a, b}, ByteRange{a, std::nullopt}, ByteRange{std::nullopt, b}}) {
          if (range.first && range.last && b < a) continue;
          const auto slice = range.of(size);
          if (!slice) continue;
          EXPECT_GT(slice->size, 0u);
          EXPECT_LE(slice->begin, size);
          EXPECT_LE(slice->size, size - slice->begin);
          EXPECT_TRUE(!range.first || slice->begin == a);
          EXPECT_TRUE(!range.first || !range.last || slice->size - 1 <= b - a);
          EXPECT_TRUE(range.first || slice->size <= b);
        }
      }
    }
  }
}

TEST(ContentRange, SaysWhichPartOfWhat) {
  EXPECT_EQ(ContentRange({0, 1}, 10).text(), "bytes 0-0/10");
  EXPECT_EQ(ContentRange({3, 7}, 10).text(), "bytes 3-9/10");
  EXPECT_EQ(ContentRange(10).text(), "bytes */10");
  EXPECT_EQ(ContentRange(0).text(), "bytes */0");
  EXPECT_EQ(ContentRange({kMost - 1, 1}, kMost).text(),
            "bytes 18446744073709551614-18446744073709551614/18446744073709551615");
}

}  // namespace
}  // namespace usher::http
