// What arrives by the channel of invalidations: what is read is what was written, and nothing else
// is read.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/check.h"
#include "cache/invalidation_message.h"

namespace {

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = usher::to_lower(c);
  return lower;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace usher::cache;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto message = parse_message(text);
  if (!message) return 0;
  std::string written;
  if (message->anywhere) {
    USHER_CHECK(message->tags.empty());
    write_message_anywhere(message->sender, *message->anywhere, written);
  } else {
    write_message(message->sender, message->tags, written);
  }
  USHER_CHECK(written == in_lower_case(text));
  return 0;
}
