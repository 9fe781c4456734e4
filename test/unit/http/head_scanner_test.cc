// The scanner against a reference that is too simple to be wrong, on mutants of real heads.
#include "http/head_scanner.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "http/grammar.h"

namespace usher::http {
namespace {

constexpr std::size_t kRefused = static_cast<std::size_t>(-1);

// The head's length, 0 when there is no end, kRefused.
std::size_t reference(const std::string& bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto c = static_cast<unsigned char>(bytes[i]);
    const bool line_start = i == 0 || bytes[i - 1] == '\n';
    if (c == '\n' && (i == 0 || bytes[i - 1] != '\r')) return kRefused;
    if (c != '\n' && i > 0 && bytes[i - 1] == '\r') return kRefused;
    if (c < 0x20 && c != '\t' && c != '\r' && c != '\n') return kRefused;
    if (c == 0x7f) return kRefused;
    if (line_start && (c == ' ' || c == '\t')) return kRefused;
    if (i == 2 && bytes.compare(0, 3, "\r\n\r") == 0) return kRefused;
    if (i >= 3 && bytes.compare(i - 3, 4, "\r\n\r\n") == 0) return i + 1;
  }
  return 0;
}

std::size_t verdict(const Result<std::size_t>& result) {
  return result ? *result : kRefused;
}

std::size_t scan_whole(std::string_view bytes) {
  std::size_t scanned = 0;
  return verdict(find_head_end(bytes, scanned));
}

std::size_t scan_in_pieces(std::string_view bytes, std::mt19937& random) {
  std::size_t scanned = 0;
  std::size_t size = 0;
  while (true) {
    const std::size_t result = verdict(find_head_end(bytes.substr(0, size), scanned));
    if (result != 0 || size == bytes.size()) return result;
    EXPECT_LE(scanned, size);
    size = std::min<std::size_t>(bytes.size(), size + 1 + random() % 40);
  }
}

std::string mutant(std::mt19937& random) {
  static const std::string kSeeds[] = {
      "GET /internal/tickets/1/status?x=1 HTTP/1.1\r\nHost: 127.0.0.1:9400\r\nAccept: */*\r\n"
      "X-Tenant-ID: 00000000-0000-4000-8000-000000000001\r\nX: \xc3\xa9\r\n\r\nbody",
      "\r\nPOST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nE:\r\n\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
  };
  static constexpr char kNasty[] = {'\r', '\n', '\0', '\t', ' ',    0x7f,
                                    0x1f, ' ',  ':',  'a',  '\x80', '\xff'};
  std::string bytes = kSeeds[random() % std::size(kSeeds)];
  for (unsigned edits = random() % 4; edits > 0 && !bytes.empty(); --edits) {
    const std::size_t at = random() % bytes.size();
    const char c =
        random() % 8 == 0 ? static_cast<char>(random()) : kNasty[random() % sizeof kNasty];
    switch (random() % 4) {
      case 0:
        bytes[at] = c;
        break;
      case 1:
        bytes.insert(at, 1, c);
        break;
      case 2:
        bytes.erase(at, 1);
        break;
      default:
        bytes.resize(at);
        break;
    }
  }
  return bytes;
}

TEST(HeadScanner, AgreesWithTheReferenceOnMutants) {
  std::mt19937 random(20240611);
  int refused = 0;
  int ended = 0;
  for (int i = 0; i < 60000; ++i) {
    const std::string bytes = mutant(random);
    const std::size_t expected = reference(bytes);
    ASSERT_EQ(scan_whole(bytes), expected)
        << "mutant " << i << ": " << testing::PrintToString(bytes);
    ASSERT_EQ(scan_in_pieces(bytes, random), expected) << "mutant " << i;
    refused += expected == kRefused ? 1 : 0;
    ended += expected != kRefused && expected != 0 ? 1 : 0;
  }
  EXPECT_GT(refused, 10000);  // the mutants are neither all good nor all bad
  EXPECT_GT(ended, 10000);
}

TEST(HeadScanner, StopsBehindTheHead) {
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  EXPECT_EQ(scan_whole(head), head.size());
  EXPECT_EQ(scan_whole(head + "\x01\n\r"), head.size());
  EXPECT_EQ(scan_whole(""), 0U);
}

// Both searches at every alignment and length, with the byte at every place.
TEST(FindControl, FindsEveryControlByteEverywhere) {
  for (int value = 0; value < 256; ++value) {
    const char c = static_cast<char>(value);
    for (const std::size_t size : {1U, 7U, 8U, 9U, 15U, 16U, 17U, 40U}) {
      for (std::size_t at = 0; at < size; ++at) {
        std::string text(size, '\x80');
        text[size / 2] = '\t';
        text[at] = c;
        const char* const end = text.data() + size;
        const char* const expected = is_control(c) ? text.data() + at : end;
        ASSERT_EQ(find_control(text.data(), end), expected)
            << value << " at " << at << " of " << size;
        ASSERT_EQ(find_control_portable(text.data(), end), expected) << value;
      }
    }
  }
}

TEST(FindControl, BothFindTheFirst) {
  std::mt19937 random(7);
  for (int i = 0; i < 20000; ++i) {
    std::string text(random() % 80, 'x');
    for (char& c : text) {
      if (random() % 24 == 0) c = static_cast<char>(random());
    }
    const char* const end = text.data() + text.size();
    const char* first = text.data();
    while (first != end && !is_control(*first)) ++first;
    ASSERT_EQ(find_control(text.data(), end), first);
    ASSERT_EQ(find_control_portable(text.data(), end), first);
  }
}

TEST(IsAscii, SeesTheHighBitEverywhere) {
  for (std::size_t size = 0; size < 20; ++size) {
    std::string text(size, 'x');
    EXPECT_TRUE(is_ascii(text));
    for (char& c : text) {
      c = '\x80';
      EXPECT_FALSE(is_ascii(text));
      c = 'x';
    }
  }
}

}  // namespace
}  // namespace usher::http
