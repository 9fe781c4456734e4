#include "cache/redis_slots.h"

#include <array>

#include "base/bytes.h"

namespace usher::cache {
namespace {

// CRC-16/XMODEM.
constexpr std::array<std::uint16_t, 256> kCrcTable = [] {
  std::array<std::uint16_t, 256> table{};
  for (unsigned i = 0; i < table.size(); ++i) {
    unsigned crc = i << 8;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x8000u) != 0 ? (crc << 1) ^ 0x1021u : crc << 1;
    table[i] = static_cast<std::uint16_t>(crc);
  }
  return table;
}();

std::optional<std::uint16_t> port_of(std::uint64_t number) {
  if (number == 0 || number > UINT16_MAX) return std::nullopt;
  return static_cast<std::uint16_t>(number);
}

// A node that does not know its own host says nothing, or "?".
std::string host_of(std::string_view host, const RedisAddress& asked) {
  return host.empty() || host == "?" ? asked.host : std::string(host);
}

}  // namespace

unsigned slot_of(std::string_view key) {
  const auto open = key.find('{');
  if (open != std::string_view::npos) {
    const auto close = key.find('}', open + 1);
    if (close != std::string_view::npos && close > open + 1) {
      key = key.substr(open + 1, close - open - 1);
    }
  }
  unsigned crc = 0;
  for (const char c : key) {
    crc = ((crc << 8) ^ kCrcTable[((crc >> 8) ^ static_cast<unsigned char>(c)) & 0xff]) & 0xffff;
  }
  return crc % kRedisSlots;
}

std::optional<Redirection> parse_redirection(std::string_view error, const RedisAddress& asked) {
  Redirection found;
  found.only_once = error.starts_with("ASK ");
  if (!found.only_once && !error.starts_with("MOVED ")) return std::nullopt;
  error.remove_prefix(error.find(' ') + 1);
  const auto space = error.find(' ');
  const auto colon = error.rfind(':');
  if (space == std::string_view::npos || colon == std::string_view::npos || colon < space) {
    return std::nullopt;
  }
  const auto slot = parse_decimal(error.substr(0, space));
  const auto port = port_of(parse_decimal(error.substr(colon + 1)).value_or(0));
  if (!slot || *slot >= kRedisSlots || !port) return std::nullopt;
  found.slot = static_cast<unsigned>(*slot);
  found.to = {host_of(error.substr(space + 1, colon - space - 1), asked), *port, ""};
  return found;
}

std::vector<SlotRange> parse_slots(const RedisReply& reply, const RedisAddress& asked) {
  std::vector<SlotRange> ranges;
  for (std::size_t i = 0; i < reply.size(); ++i) {
    const RedisReply& range = reply[i];
    if (range.size() < 3 || range[2].size() < 2) continue;
    const std::int64_t first = range[0].integer();
    const std::int64_t last = range[1].integer();
    const std::int64_t number = range[2][1].integer();
    const auto port = port_of(number < 0 ? 0 : static_cast<std::uint64_t>(number));
    if (first < 0 || last < first || last >= kRedisSlots || !port) continue;
    ranges.push_back({static_cast<unsigned>(first), static_cast<unsigned>(last),
                      RedisAddress{host_of(range[2][0].text(), asked), *port, ""}});
  }
  return ranges;
}

}  // namespace usher::cache
