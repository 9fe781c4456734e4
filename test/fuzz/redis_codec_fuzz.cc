// Replies of Redis: whatever way the bytes are cut, the replies and the verdict are the same; what
// was read is written and reads the same again; nothing grows beyond its bounds.
//
// Input: a byte for the pieces, then the bytes of replies.
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "cache/redis_codec.h"
#include "cache/redis_slots.h"
#include "fuzz/support/input.h"

namespace {

using namespace usher::cache;
using usher::fuzz::Input;
using usher::fuzz::Pieces;
using Status = ReplyReader::Status;
using Type = RedisReply::Type;

// As a server would write it, but for the one kind of nothing instead of two.
void write(const RedisReply& reply, std::string& bytes) {
  const std::string text(reply.text());
  switch (reply.type()) {
    case Type::Nil:
      bytes += "$-1\r\n";
      break;
    case Type::Status:
      bytes += "+" + text + "\r\n";
      break;
    case Type::Error:
      bytes += "-" + text + "\r\n";
      break;
    case Type::Integer:
      bytes += ":" + std::to_string(reply.integer()) + "\r\n";
      break;
    case Type::String:
      bytes += "$" + std::to_string(text.size()) + "\r\n" + text + "\r\n";
      break;
    case Type::Array:
      bytes += "*" + std::to_string(reply.size()) + "\r\n";
      for (std::size_t i = 0; i < reply.size(); ++i) write(reply[i], bytes);
      break;
  }
}

// What a cluster's client makes of it.
void check_meaning(const RedisReply& reply) {
  const RedisAddress asked{"asked", 1, ""};
  for (const SlotRange& range : parse_slots(reply, asked)) {
    USHER_CHECK(range.first <= range.last && range.last < kRedisSlots);
    USHER_CHECK(range.master.port != 0 && !range.master.host.empty());
  }
  if (const auto redirection = parse_redirection(reply.text(), asked)) {
    USHER_CHECK(redirection->slot < kRedisSlots && redirection->to.port != 0);
    USHER_CHECK(!redirection->to.host.empty());
  }
  static_cast<void>(reply.integer());
}

struct Outcome {
  std::vector<std::string> replies;
  bool is_broken = false;

  bool operator==(const Outcome&) const = default;
};

Outcome read(std::string_view bytes, std::uint8_t cut, const ReplyLimits& limits = {}) {
  ReplyReader reader(limits);
  Outcome outcome;
  for (Pieces pieces(bytes, cut); !pieces.empty() && !outcome.is_broken;) {
    const std::string piece(pieces.next());  // memory of its own
    reader.feed(piece);
    Status status;
    while ((status = reader.next()) == Status::Reply) {
      outcome.replies.emplace_back();
      write(reader.reply(), outcome.replies.back());
      check_meaning(reader.reply());
    }
    outcome.is_broken = status == Status::Broken;
    // An object takes some hundred bytes, a pointer to it eight.
    USHER_CHECK(reader.held_bytes() <=
                2 * (limits.bytes + piece.size()) + 200 * (limits.elements + 2));
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  const std::uint8_t cut = input.byte();
  const std::string_view bytes = input.rest();
  const Outcome whole = read(bytes, '0');
  USHER_CHECK(whole == read(bytes, cut));
  for (const std::string& reply : whole.replies) {
    USHER_CHECK(read(reply, '0').replies == std::vector<std::string>{reply});
  }
  read(bytes, cut, {100, 10});
  return 0;
}
