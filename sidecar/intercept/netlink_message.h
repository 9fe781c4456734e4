// NetlinkMessages: bytes of netlink messages with their attributes, one behind the other.
//
// Owner: whoever builds them.  Thread: any. Pure: sends nothing.
// Source: Linux, include/uapi/linux/netlink.h and nfnetlink.h; lengths in host order and without
// the padding to 4 bytes, nf_tables' numbers in network order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace usher::intercept {

class NetlinkMessages {
 public:
  // Begins a message to nf_tables, which ends where the next begins. `type`: NFT_MSG_*; `flags`:
  // beside NLM_F_REQUEST; `what`: for an error's text, "set ports".
  void begin(std::uint8_t type, std::uint8_t family, std::uint16_t flags, std::string what);
  // Around messages that take effect together. `generation` is the rule set's that they were made
  // for: with another one the kernel answers ERESTART.
  void begin_batch(std::uint32_t generation);
  void end_batch();

  void put(std::uint16_t attribute, std::span<const std::uint8_t> bytes);
  void put_u32(std::uint16_t attribute, std::uint32_t value);     // in network order
  void put_text(std::uint16_t attribute, std::string_view text);  // with a 0 behind it

  // An attribute that holds attributes, until unnest() with what nest() returned.
  std::size_t nest(std::uint16_t attribute);
  void unnest(std::size_t nested);

  const std::vector<std::uint8_t>& bytes() const { return bytes_; }
  // Of the message with this sequence number, from 0.
  const std::string& what(std::uint32_t sequence) const { return what_.at(sequence); }
  std::uint32_t count() const { return static_cast<std::uint32_t>(what_.size()); }
  // The last that asks for an answer (NLM_F_ACK).
  std::uint32_t last_answered() const { return last_answered_; }

 private:
  void add_head(std::uint16_t type, std::uint16_t flags, std::uint8_t family,
                std::uint16_t resource, std::string what);
  void append(const void* data, std::size_t size);
  void close_message();

  std::vector<std::uint8_t> bytes_;
  std::vector<std::string> what_;
  std::size_t message_ = 0;  // where the last message begins
  std::uint32_t last_answered_ = 0;
};

}  // namespace usher::intercept
