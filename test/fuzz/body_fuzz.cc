// Chunked bodies: whatever way the bytes are cut, the body, its end and the verdict are the same.
// The first byte of the input says how to cut.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "http/body_decoder.h"

namespace {

using namespace usher::http;

struct Outcome {
  std::string body;
  std::size_t taken = 0;
  bool refused = false;
  bool complete = false;
};

Outcome decode(std::string_view bytes, std::size_t step) {
  BodyDecoder decoder;
  decoder.start(Framing::Chunked, 0);
  Outcome outcome;
  while (outcome.taken < bytes.size() && !decoder.complete() && !outcome.refused) {
    std::string_view piece = bytes.substr(outcome.taken, step);
    while (!piece.empty() && !decoder.complete()) {
      const std::size_t before = piece.size();
      const auto run = decoder.next(piece);
      outcome.taken += before - piece.size();
      if (!run) {
        outcome.refused = true;
        break;
      }
      USHER_CHECK(run->data() == nullptr ||
                  (run->data() >= bytes.data() &&
                   run->data() + run->size() <= bytes.data() + bytes.size()));
      outcome.body += *run;
    }
  }
  outcome.complete = decoder.complete();
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome whole = decode(bytes, bytes.size() + 1);
  const Outcome cut = decode(bytes, 1U + data[0] % 16U);
  USHER_CHECK(whole.refused == cut.refused && whole.complete == cut.complete);
  USHER_CHECK(whole.taken == cut.taken && whole.body == cut.body);
  USHER_CHECK(!(whole.refused && whole.complete));
  return 0;
}
