#include "intercept/netlink_message.h"

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include <array>
#include <cstring>
#include <utility>

namespace usher::intercept {

void NetlinkMessages::append(const void* data, std::size_t size) {
  const auto* begin = static_cast<const std::uint8_t*>(data);
  bytes_.insert(bytes_.end(), begin, begin + size);
  bytes_.resize(NLMSG_ALIGN(bytes_.size()));
}

void NetlinkMessages::close_message() {
  const auto length = static_cast<std::uint32_t>(bytes_.size() - message_);
  std::memcpy(bytes_.data() + message_, &length, sizeof(length));
}

void NetlinkMessages::add_head(std::uint16_t type, std::uint16_t flags, std::uint8_t family,
                               std::uint16_t resource, std::string what) {
  message_ = bytes_.size();
  if ((flags & NLM_F_ACK) != 0) last_answered_ = count();
  const nlmsghdr head{.nlmsg_len = 0,
                      .nlmsg_type = type,
                      .nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags),
                      .nlmsg_seq = count(),
                      .nlmsg_pid = 0};
  append(&head, sizeof(head));
  const nfgenmsg general{
      .nfgen_family = family, .version = NFNETLINK_V0, .res_id = htons(resource)};
  append(&general, sizeof(general));
  what_.push_back(std::move(what));
  close_message();
}

void NetlinkMessages::begin(std::uint8_t type, std::uint8_t family, std::uint16_t flags,
                            std::string what) {
  constexpr unsigned kSubsystemShift = 8;
  add_head(static_cast<std::uint16_t>(NFNL_SUBSYS_NFTABLES << kSubsystemShift | type), flags,
           family, 0, std::move(what));
}

void NetlinkMessages::begin_batch(std::uint32_t generation) {
  add_head(NFNL_MSG_BATCH_BEGIN, 0, 0, NFNL_SUBSYS_NFTABLES, "the transaction");
  put_u32(NFNL_BATCH_GENID, generation);
}

void NetlinkMessages::end_batch() {
  add_head(NFNL_MSG_BATCH_END, 0, 0, NFNL_SUBSYS_NFTABLES, "the end of the transaction");
}

void NetlinkMessages::put(std::uint16_t attribute, std::span<const std::uint8_t> bytes) {
  const nlattr head{.nla_len = static_cast<std::uint16_t>(sizeof(nlattr) + bytes.size()),
                    .nla_type = attribute};
  append(&head, sizeof(head));
  append(bytes.data(), bytes.size());
  close_message();
}

void NetlinkMessages::put_u32(std::uint16_t attribute, std::uint32_t value) {
  const std::uint32_t ordered = htonl(value);
  std::array<std::uint8_t, sizeof(ordered)> bytes{};
  std::memcpy(bytes.data(), &ordered, sizeof(ordered));
  put(attribute, bytes);
}

void NetlinkMessages::put_text(std::uint16_t attribute, std::string_view text) {
  std::vector<std::uint8_t> bytes(text.begin(), text.end());
  bytes.push_back(0);
  put(attribute, bytes);
}

std::size_t NetlinkMessages::nest(std::uint16_t attribute) {
  const std::size_t at = bytes_.size();
  const nlattr head{.nla_len = sizeof(nlattr),
                    .nla_type = static_cast<std::uint16_t>(attribute | NLA_F_NESTED)};
  append(&head, sizeof(head));
  return at;
}

void NetlinkMessages::unnest(std::size_t nested) {
  const auto length = static_cast<std::uint16_t>(bytes_.size() - nested);
  std::memcpy(bytes_.data() + nested, &length, sizeof(length));
  close_message();
}

}  // namespace usher::intercept
