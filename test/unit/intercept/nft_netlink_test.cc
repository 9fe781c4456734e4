#include "intercept/nft_netlink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include <algorithm>
#include <cstring>

namespace usher::intercept {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::Le;

template <typename T>
T read(const std::vector<std::uint8_t>& bytes, std::size_t at) {
  T value{};
  EXPECT_LE(at + sizeof(T), bytes.size());
  std::memcpy(&value, bytes.data() + at, sizeof(T));
  return value;
}

struct Message {
  nlmsghdr head{};
  nfgenmsg general{};
  std::size_t begin = 0;  // of its attributes
  std::size_t end = 0;
};

std::vector<Message> messages_of(const NetlinkMessages& messages) {
  const std::vector<std::uint8_t>& bytes = messages.bytes();
  std::vector<Message> result;
  for (std::size_t at = 0; at < bytes.size();) {
    Message message;
    message.head = read<nlmsghdr>(bytes, at);
    message.general = read<nfgenmsg>(bytes, at + NLMSG_HDRLEN);
    message.begin = at + NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(nfgenmsg));
    message.end = at + message.head.nlmsg_len;
    EXPECT_EQ(message.head.nlmsg_seq, result.size());
    EXPECT_EQ(message.head.nlmsg_len % NLMSG_ALIGNTO, 0U);
    EXPECT_LE(message.end, bytes.size());
    if (message.head.nlmsg_len < NLMSG_HDRLEN) break;
    at = message.end;
    result.push_back(message);
  }
  return result;
}

// Attributes fill what holds them exactly, down to the last one.
void check_attributes(const std::vector<std::uint8_t>& bytes, std::size_t begin, std::size_t end) {
  std::size_t at = begin;
  while (at < end) {
    ASSERT_LE(at + NLA_HDRLEN, end);
    const auto head = read<nlattr>(bytes, at);
    ASSERT_GE(head.nla_len, NLA_HDRLEN);
    ASSERT_LE(at + head.nla_len, end);
    if ((head.nla_type & NLA_F_NESTED) != 0) {
      check_attributes(bytes, at + NLA_HDRLEN, at + head.nla_len);
    }
    for (std::size_t pad = at + head.nla_len; pad < at + NLA_ALIGN(head.nla_len); ++pad) {
      ASSERT_EQ(bytes.at(pad), 0);
    }
    at += NLA_ALIGN(head.nla_len);
  }
  EXPECT_EQ(at, end);
}

std::vector<int> types_of(const NetlinkMessages& messages) {
  std::vector<int> types;
  for (const Message& message : messages_of(messages)) {
    types.push_back(message.head.nlmsg_type & 0xff);
  }
  return types;
}

TEST(NftNetlink, IsOneTransaction) {
  const NetlinkMessages up = nft_up(plan_rules({.ports = {"80"}}).value(), 0x01020304);
  EXPECT_THAT(types_of(up), ElementsAre(NFNL_MSG_BATCH_BEGIN, NFT_MSG_NEWTABLE, NFT_MSG_DELTABLE,
                                        NFT_MSG_NEWTABLE,                    //
                                        NFT_MSG_NEWSET, NFT_MSG_NEWSETELEM,  // exclude4
                                        NFT_MSG_NEWSET, NFT_MSG_NEWSETELEM,  // exclude6
                                        NFT_MSG_NEWSET, NFT_MSG_NEWSETELEM,  // ports
                                        NFT_MSG_NEWCHAIN,                    //
                                        NFT_MSG_NEWRULE, NFT_MSG_NEWRULE,    //
                                        NFT_MSG_NEWRULE, NFT_MSG_NEWRULE,    //
                                        NFT_MSG_NEWRULE, NFNL_MSG_BATCH_END));
  EXPECT_EQ(up.last_answered(), up.count() - 2);
  EXPECT_EQ(up.what(4), "set exclude4");
  // The generation that it was made for, in network order.
  const std::size_t generation = messages_of(up).front().begin + NLA_HDRLEN;
  EXPECT_EQ(up.bytes().at(generation), 1);
  EXPECT_EQ(up.bytes().at(generation + 3), 4);
}

TEST(NftNetlink, SpeaksToNfTables) {
  const std::vector<Message> up = messages_of(nft_up(plan_rules({.ports = {"80"}}).value(), 1));
  for (std::size_t i = 1; i + 1 < up.size(); ++i) {
    EXPECT_EQ(up[i].head.nlmsg_type >> 8, NFNL_SUBSYS_NFTABLES);
    EXPECT_EQ(up[i].head.nlmsg_flags & NLM_F_ACK, NLM_F_ACK);
    EXPECT_EQ(up[i].general.nfgen_family, NFPROTO_INET);
  }
}

TEST(NftNetlink, HasAttributesThatFit) {
  const NetlinkMessages up = nft_up(plan_rules({.ports = {"80,90-99,65535"},
                                                .local_ports = {"1-65535"},
                                                .include = {"10.0.0.0/8,fd00::/8,::1"},
                                                .exclude = {"255.0.0.0/8"}})
                                        .value(),
                                    1);
  for (const Message& message : messages_of(up)) {
    check_attributes(up.bytes(), message.begin, message.end);
  }
}

TEST(NftNetlink, SplitsLongSets) {
  std::string addresses = "fd00::";
  for (std::size_t i = 1; i < kMaxRanges; ++i) addresses += ",fd00:" + std::to_string(i) + "::";
  const NetlinkMessages up =
      nft_up(plan_rules({.ports = {"80"}, .include = {addresses}}).value(), 1);
  std::vector<std::size_t> lengths;
  for (const Message& message : messages_of(up)) {
    check_attributes(up.bytes(), message.begin, message.end);
    lengths.push_back(message.head.nlmsg_len);
  }
  EXPECT_THAT(lengths, Each(Le(std::size_t{65535})));
  const std::vector<int> types = types_of(up);
  EXPECT_EQ(std::count(types.begin(), types.end(), NFT_MSG_NEWSETELEM), 5);
}

TEST(NftNetlink, RemovesTheTableAlone) {
  EXPECT_THAT(types_of(nft_down(7)),
              ElementsAre(NFNL_MSG_BATCH_BEGIN, NFT_MSG_DELTABLE, NFNL_MSG_BATCH_END));
}

TEST(NftNetlink, RemovesOfOthersWhatIsEmpty) {
  const NetlinkMessages tidy = remove_if_empty(NFPROTO_IPV6, "nat", "OUTPUT", true, 7);
  EXPECT_THAT(types_of(tidy), ElementsAre(NFNL_MSG_BATCH_BEGIN, NFT_MSG_DELCHAIN, NFT_MSG_DELTABLE,
                                          NFNL_MSG_BATCH_END));
  const std::vector<Message> messages = messages_of(tidy);
  EXPECT_EQ(messages.at(1).head.nlmsg_flags & NLM_F_NONREC, NLM_F_NONREC);
  EXPECT_EQ(messages.at(2).head.nlmsg_flags & NLM_F_NONREC, NLM_F_NONREC);
}

}  // namespace
}  // namespace usher::intercept
