// Bodies: what is framing and what is body, however the bytes are cut.
#include "http/body_decoder.h"

#include <vector>

#include "unit/http/http_cases.h"

namespace usher::http {
namespace {

struct Outcome {
  std::string body;
  std::string rest;  // behind the body's end
  bool refused = false;
  bool complete = false;

  bool operator==(const Outcome&) const = default;
};

// Feeds `pieces` one after another.
Outcome decode(BodyDecoder& decoder, const std::vector<std::string_view>& pieces) {
  Outcome outcome;
  for (std::string_view piece : pieces) {
    while (!piece.empty() && !decoder.complete()) {
      const Result<std::string_view> run = decoder.next(piece);
      if (!run) {
        EXPECT_EQ(run.error().code, ErrorCode::BadRequest);
        EXPECT_FALSE(decoder.next(piece).has_value());  // stays where it failed
        outcome.refused = true;
        return outcome;
      }
      outcome.body += *run;
    }
    outcome.rest += piece;
  }
  outcome.complete = decoder.complete();
  return outcome;
}

Outcome decode(Framing framing, std::uint64_t length, const std::vector<std::string_view>& pieces) {
  BodyDecoder decoder;
  decoder.start(framing, length);
  return decode(decoder, pieces);
}

// A refused body may have handed out more or less of itself before the fault: only the verdict
// counts.
Outcome comparable(Outcome outcome) {
  if (outcome.refused) return Outcome{.body = {}, .rest = {}, .refused = true, .complete = false};
  return outcome;
}

Outcome decode_in_all_ways(Framing framing, std::uint64_t length, std::string_view bytes) {
  const Outcome whole = decode(framing, length, {bytes});
  if (bytes.size() > 3000) return whole;
  std::vector<std::string_view> single;
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    const Outcome split = decode(framing, length, {bytes.substr(0, cut), bytes.substr(cut)});
    EXPECT_EQ(comparable(split), comparable(whole)) << "cut at " << cut;
    single.push_back(bytes.substr(cut, 1));
  }
  EXPECT_EQ(comparable(decode(framing, length, single)), comparable(whole)) << "byte by byte";
  return whole;
}

struct Case {
  const char* name;
  std::string bytes;
};

const std::vector<Case>& refused() {
  static const std::vector<Case> all = {
      {"17 hex digits", "00000000000000003\r\nabc\r\n0\r\n\r\n"},
      {"24 leading zeros", "000000000000000000000003\r\nabc\r\n0\r\n\r\n"},
      {"size of 2 to the 64 less 1", "ffffffffffffffff\r\nabc\r\n"},
      {"size above 2 to the 62", "4000000000000001\r\nabc\r\n"},
      {"size with 0x", "0x3\r\nabc\r\n0\r\n\r\n"},
      {"size with a plus", "+3\r\nabc\r\n0\r\n\r\n"},
      {"negative size", "-3\r\nabc\r\n0\r\n\r\n"},
      {"space before the size", " 3\r\nabc\r\n0\r\n\r\n"},
      {"space behind the size", "3 \r\nabc\r\n0\r\n\r\n"},
      {"tab behind the size", "3\t\r\nabc\r\n0\r\n\r\n"},
      {"empty size", "\r\nabc\r\n0\r\n\r\n"},
      {"no size but an extension", ";a=b\r\nabc\r\n0\r\n\r\n"},
      {"bare LF behind the size", "3\nabc\r\n0\r\n\r\n"},
      {"CR and another byte behind the size", "3\rXabc\r\n0\r\n\r\n"},
      {"bare CR in an extension", "3;a\rb\r\nabc\r\n0\r\n\r\n"},
      {"bare CR in an extension value", "3;a=b\rX\nabc\r\n0\r\n\r\n"},
      {"bare LF behind an extension", "3;a\nabc\r\n0\r\n\r\n"},
      {"bare LF behind an extension value", "3;a=b\nabc\r\n0\r\n\r\n"},
      {"NUL in an extension", bytes_of("3;a\0\r\nabc\r\n0\r\n\r\n")},
      {"CR in a quoted extension", "3;a=\"\r\n\"\r\nabc\r\n0\r\n\r\n"},
      {"LF in a quoted pair", "3;a=\"\\\n\"\r\nabc\r\n0\r\n\r\n"},
      {"text behind a quoted extension", "3;a=\"b\"c\r\nabc\r\n0\r\n\r\n"},
      {"empty extension", "3;\r\nabc\r\n0\r\n\r\n"},
      {"space in an extension", "3; a=b\r\nabc\r\n0\r\n\r\n"},
      {"extension without a value behind the sign", "3;a=\r\nabc\r\n0\r\n\r\n"},
      {"chunk not followed by CRLF", "3\r\nabcXX0\r\n\r\n"},
      {"chunk followed by two CRs", "3\r\nabc\r\r0\r\n\r\n"},
      {"chunk followed by LF", "3\r\nabc\n0\r\n\r\n"},
      {"chunk longer by one byte", "3\r\nabcd\r\n0\r\n\r\n"},
      {"chunk longer by two bytes", "3\r\nabcde\r\n0\r\n\r\n"},
      {"last chunk ended by LF", "0\r\n\n"},
      {"last chunk without CRLF", "0\n\r\n"},
      {"CR and another byte at the end", "0\r\n\rX"},
      {"extension too long", "3;" + std::string(256, 'a') + "\r\nabc\r\n0\r\n\r\n"},
      {"folded trailer", "0\r\nX: a\r\n b\r\n\r\n"},
      {"trailer that begins with a tab", "0\r\n\tX: a\r\n\r\n"},
      {"trailer without a colon", "0\r\nX\r\n\r\n"},
      {"trailer without a name", "0\r\n: a\r\n\r\n"},
      {"trailer with a space in its name", "0\r\nX : a\r\n\r\n"},
      {"trailer ended by LF", "0\r\nX: a\n\r\n"},
      {"trailer with a bare CR", "0\r\nX: a\rb\r\n\r\n"},
      {"trailer with a NUL", bytes_of("0\r\nX: \0\r\n\r\n")},
      {"next request as trailer", "0\r\nGET /s HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"Content-Length as trailer", "0\r\nContent-Length: 3\r\n\r\n"},
      {"Transfer-Encoding as trailer", "0\r\nX: a\r\ntransfer-encoding: chunked\r\n\r\n"},
      {"Transfer-Encoding with an underscore as trailer", "0\r\nTransfer_Encoding: x\r\n\r\n"},
      {"Host as trailer", "0\r\nHOST: b\r\n\r\n"},
      {"trailers too long", "0\r\nX: " + std::string(8192, 'a') + "\r\n\r\n"},
  };
  return all;
}

class ChunkedRefused : public testing::TestWithParam<Case> {};

TEST_P(ChunkedRefused, HoweverItIsCut) {
  EXPECT_TRUE(decode_in_all_ways(Framing::Chunked, 0, GetParam().bytes).refused);
}

INSTANTIATE_TEST_SUITE_P(Table, ChunkedRefused, testing::ValuesIn(refused()),
                         [](const auto& param) { return test_name(param.param.name); });

class ChunkedAccepted : public testing::TestWithParam<Case> {};

TEST_P(ChunkedAccepted, HoweverItIsCut) {
  const Outcome outcome = decode_in_all_ways(Framing::Chunked, 0, GetParam().bytes + "REST");
  EXPECT_EQ(outcome,
            (Outcome{.body = "abcdefghijklm", .rest = "REST", .refused = false, .complete = true}));
}

INSTANTIATE_TEST_SUITE_P(
    Table, ChunkedAccepted,
    testing::Values(Case{"plain", "d\r\nabcdefghijklm\r\n0\r\n\r\n"},
                    Case{"upper case", "D\r\nabcdefghijklm\r\n0\r\n\r\n"},
                    Case{"several chunks", "3\r\nabc\r\n1\r\nd\r\n9\r\nefghijklm\r\n0\r\n\r\n"},
                    Case{"16 digits",
                         "000000000000000d\r\nabcdefghijklm\r\n0000000000000000\r\n\r\n"},
                    Case{"extensions", "d;a;b=c;d=\"e;\\\"\"\r\nabcdefghijklm\r\n0;x\r\n\r\n"},
                    Case{"trailers", "d\r\nabcdefghijklm\r\n0\r\nX:\r\nY: a b\t\xe4\r\n\r\n"},
                    Case{"trailers that do not pass",
                         "d\r\nabcdefghijklm\r\n0\r\nX-Tenant-ID: a\r\nCookie: b\r\n\r\n"}),
    [](const auto& param) { return test_name(param.param.name); });

TEST(BodyDecoder, ContentLength) {
  EXPECT_EQ(decode_in_all_ways(Framing::ContentLength, 3, "abcdef"),
            (Outcome{.body = "abc", .rest = "def", .refused = false, .complete = true}));
  const Outcome cut = decode(Framing::ContentLength, 9, {"abcdef"});
  EXPECT_EQ(cut.body, "abcdef");
  EXPECT_FALSE(cut.complete);
}

TEST(BodyDecoder, NoBody) {
  BodyDecoder decoder;
  decoder.start(Framing::None, 0);
  EXPECT_TRUE(decoder.complete());
  decoder.start(Framing::ContentLength, 0);
  EXPECT_TRUE(decoder.complete());
  std::string_view input = "GET";
  EXPECT_EQ(*decoder.next(input), "");
  EXPECT_EQ(input, "GET");
}

TEST(BodyDecoder, UntilClose) {
  BodyDecoder decoder;
  decoder.start(Framing::UntilClose, 0);
  EXPECT_EQ(decode(decoder, {"abc", "def"}).body, "abcdef");
  EXPECT_FALSE(decoder.complete());
  EXPECT_TRUE(decoder.complete_at_close());
}

TEST(BodyDecoder, CutChunkedBodyIsNotWhole) {
  const std::string whole = "3;a=\"b\"\r\nabc\r\n0\r\nX: y\r\n\r\n";
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    BodyDecoder decoder;
    decoder.start(Framing::Chunked, 0);
    EXPECT_FALSE(decode(decoder, {std::string_view(whole).substr(0, cut)}).refused);
    EXPECT_FALSE(decoder.complete_at_close()) << cut;
  }
}

TEST(BodyDecoder, ExtensionsOfAllChunksAreBounded) {
  const std::string chunk = "1;" + std::string(200, 'a') + "\r\nx\r\n";
  std::string body;
  for (int i = 0; i < 20; ++i) body += chunk;
  EXPECT_FALSE(decode(Framing::Chunked, 0, {body}).refused);
  EXPECT_TRUE(decode(Framing::Chunked, 0, {body + chunk}).refused);
}

// One trailer after another, as they are sent on.
std::string trailers_of(std::string_view bytes) {
  BodyDecoder decoder;
  decoder.start(Framing::Chunked, 0);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    EXPECT_EQ(decoder.trailers(), "");
    std::string_view byte = bytes.substr(i, 1);
    EXPECT_TRUE(decoder.next(byte).has_value());
  }
  EXPECT_TRUE(decoder.complete());
  return std::string(decoder.trailers());
}

TEST(BodyDecoder, TrailersAreWrittenAnew) {
  EXPECT_EQ(trailers_of("0\r\n\r\n"), "");
  EXPECT_EQ(trailers_of("0\r\nX-Sum:abc\r\nServer-Timing: \t db;dur=5 \r\nX-Empty:  \r\n\r\n"),
            "X-Sum: abc\r\nServer-Timing: db;dur=5\r\nX-Empty: \r\n");
}

// RFC 9110 §8.8.3: an entity tag may come late.
TEST(BodyDecoder, TrailersMayBeValidators) {
  EXPECT_EQ(trailers_of("0\r\nETag: \"1\"\r\nLast-Modified: x\r\n\r\n"),
            "ETag: \"1\"\r\nLast-Modified: x\r\n");
}

TEST(BodyDecoder, TrailersThatOnlyAHeadMaySayAreDropped) {
  EXPECT_EQ(
      trailers_of("0\r\nX-First: 1\r\nAuthorization: Basic eA==\r\nContent-Type: a/b\r\n"
                  "x-internal-signature: 0\r\nX-Tenant-ID: t\r\nx_internal_service: s\r\n"
                  "If-Match: *\r\nSet-Cookie: a=b\r\nX-Under_Score: 1\r\nConnection: close\r\n"
                  "X-Last: 2\r\n\r\n"),
      "X-First: 1\r\nX-Last: 2\r\n");
}

// Whenever that is said: before the trailers, or behind them.
TEST(BodyDecoder, TrailersAreDroppedByName) {
  for (const bool is_said_first : {true, false}) {
    BodyDecoder decoder;
    decoder.start(Framing::Chunked, 0);
    const auto drop = [&decoder] {
      for (const char* name : {"X-Hop", "x-sig", "TE"}) decoder.drop_trailer(name);
    };
    if (is_said_first) drop();
    std::string_view bytes = "0\r\nX-Hop: 1\r\nX-Hop2: 2\r\nX-SIG: 3\r\nX-Last: 4\r\n\r\n";
    EXPECT_TRUE(decoder.next(bytes).has_value());
    if (!is_said_first) drop();
    EXPECT_EQ(decoder.trailers(), "X-Hop2: 2\r\nX-Last: 4\r\n");
    decoder.start(Framing::Chunked, 0);
    bytes = "0\r\nX-Hop: 1\r\n\r\n";
    EXPECT_TRUE(decoder.next(bytes).has_value());
    EXPECT_EQ(decoder.trailers(), "X-Hop: 1\r\n") << "the next body's own";
  }
}

// A run of data comes out as one view of the input, whatever its size.
TEST(BodyDecoder, CopiesNothing) {
  const std::string bytes = "100000\r\n" + std::string(0x100000, 'x') + "\r\n0\r\n\r\n";
  BodyDecoder decoder;
  decoder.start(Framing::Chunked, 0);
  std::string_view input = bytes;
  const auto run = decoder.next(input);
  ASSERT_TRUE(run.has_value());
  EXPECT_EQ(run->data(), bytes.data() + 8);
  EXPECT_EQ(run->size(), 0x100000U);
}

TEST(BodyDecoder, StartsAnew) {
  BodyDecoder decoder;
  decoder.start(Framing::Chunked, 0);
  EXPECT_TRUE(decode(decoder, {"0\r\nX: y\r\nbad\r\n"}).refused);
  decoder.start(Framing::Chunked, 0);
  EXPECT_TRUE(decode(decoder, {"0\r\n\r\n"}).complete);
}

}  // namespace
}  // namespace usher::http
