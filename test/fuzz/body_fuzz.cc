// Bodies: whatever way the bytes are cut, the body, its end and the verdict are the same, and they
// are those of a second, naive reader, but for the bounds that Usher sets.
//
// Input: a byte for the pieces, then the bytes of a chunked body.
#include <algorithm>
#include <string>
#include <string_view>

#include "base/check.h"
#include "fuzz/support/input.h"
#include "fuzz/support/strict_http.h"
#include "http/body_decoder.h"

namespace {

using namespace usher::http;
using namespace usher::fuzz;

struct Outcome {
  std::string body;
  std::string trailers;
  std::size_t taken = 0;
  bool refused = false;
  bool complete = false;

  bool operator==(const Outcome&) const = default;
};

// Feeds one piece that has memory of its own; what is left of it stays in the view.
bool feed(BodyDecoder& decoder, std::string_view& piece, std::string& body) {
  while (!piece.empty() && !decoder.complete()) {
    const char* const end = piece.data() + piece.size();
    const std::string_view before = piece;
    const auto run = decoder.next(piece);
    USHER_CHECK(piece.data() + piece.size() == end);
    if (!run) return false;
    USHER_CHECK(run->empty() || (run->data() >= before.data() && run->data() < piece.data()));
    body += *run;
  }
  return true;
}

Outcome decode(std::string_view bytes, std::uint8_t cut, Framing framing, std::uint64_t length) {
  BodyDecoder decoder;
  decoder.start(framing, length);
  Outcome outcome;
  for (Pieces pieces(bytes, cut); !pieces.empty() && !decoder.complete() && !outcome.refused;) {
    std::string_view piece = pieces.next();
    const std::size_t size = piece.size();
    outcome.refused = !feed(decoder, piece, outcome.body);
    outcome.taken += size - piece.size();
  }
  outcome.complete = decoder.complete();
  outcome.trailers = decoder.trailers();
  USHER_CHECK(!(outcome.refused && outcome.complete));
  return outcome;
}

// True where a bound of the decoder may have been reached.
bool is_long(std::string_view bytes) {
  constexpr std::size_t kSmallest =
      std::min({BodyDecoder::kMaxChunkLineBytes, BodyDecoder::kMaxExtensionBytes,
                BodyDecoder::kMaxTrailerBytes});
  return bytes.size() >= kSmallest;
}

// The lines that pass on, as a body of no bytes would end in them.
StrictFields trailers_of(const Outcome& outcome) {
  const StrictChunked read = read_chunked("0\r\n" + outcome.trailers + "\r\n");
  USHER_CHECK(read.verdict == Verdict::Whole);
  return read.trailers;
}

void check_chunked(std::string_view bytes, std::uint8_t cut) {
  const Outcome outcome = decode(bytes, '0', Framing::Chunked, 0);
  USHER_CHECK(outcome == decode(bytes, cut, Framing::Chunked, 0));
  const StrictChunked naive = read_chunked(bytes);
  if (outcome.complete) {
    USHER_CHECK(naive.verdict == Verdict::Whole && naive.size == outcome.taken);
    USHER_CHECK(naive.body == outcome.body);
    StrictMessage sent;
    sent.trailers = naive.trailers;
    USHER_CHECK(are_passable_trailers(trailers_of(outcome), sent));
  } else if (outcome.refused) {
    // The naive one says nothing of a line before it has its end.
    USHER_CHECK(naive.verdict != Verdict::Whole || is_long(bytes));
  } else {
    USHER_CHECK(naive.verdict == Verdict::Part && naive.body == outcome.body);
    USHER_CHECK(outcome.trailers.empty());
  }
}

void check_length(std::string_view bytes, std::uint8_t cut, std::uint64_t length) {
  const Outcome outcome = decode(bytes, cut, Framing::ContentLength, length);
  USHER_CHECK(outcome.body == bytes.substr(0, static_cast<std::size_t>(length)));
  USHER_CHECK(outcome.complete == (bytes.size() >= length) && !outcome.refused);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  const std::uint8_t cut = input.byte();
  const std::string_view bytes = input.rest();
  check_chunked(bytes, cut);
  check_length(bytes, cut, cut);
  const Outcome rest = decode(bytes, cut, Framing::UntilClose, 0);
  USHER_CHECK(rest.body == bytes && !rest.complete && !rest.refused);
  return 0;
}
