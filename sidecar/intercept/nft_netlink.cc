#include "intercept/nft_netlink.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netlink.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>

#include "intercept/nft_table.h"

namespace usher::intercept {
namespace {

constexpr std::uint8_t kLoopback4 = 127;
constexpr std::uint32_t kLoopbackInterface = 1;  // "lo" has this index in every network namespace
// Where the destination stands in the network's head, and the port in the transport's.
constexpr std::uint32_t kIpv4Destination = 16;
constexpr std::uint32_t kIpv6Destination = 24;
constexpr std::uint32_t kDestinationPort = 2;
constexpr std::uint32_t kPortBytes = 2;
// What nft calls the types of keys.
constexpr std::uint32_t kTypeIpv4 = 7;
constexpr std::uint32_t kTypeIpv6 = 8;
constexpr std::uint32_t kTypePort = 13;
// How nft notes that keys are in network order: type 0, four bytes, 2.
constexpr std::array<std::uint8_t, 6> kNetworkOrder = {0, 4, 2, 0, 0, 0};
// Elements in one message: an attribute has at most 64 KiB.
constexpr std::size_t kElementsPerMessage = 256;

using Bytes = std::vector<std::uint8_t>;

// As the CPU has it.
Bytes host_order(std::uint32_t value) {
  Bytes bytes(sizeof(value));
  std::memcpy(bytes.data(), &value, sizeof(value));
  return bytes;
}

// --- expressions ------------------------------------------------------------------------------

// Each value goes through the one register that a rule needs.
class RuleWriter {
 public:
  RuleWriter(NetlinkMessages& messages, const RulePlan& plan) : out_(messages), plan_(plan) {}

  void write(const NftRule& rule) {
    out_.begin(NFT_MSG_NEWRULE, NFPROTO_INET, NLM_F_CREATE | NLM_F_APPEND | NLM_F_ACK,
               "a rule of chain " + std::string(kNftChain));
    out_.put_text(NFTA_RULE_TABLE, kNftTable);
    out_.put_text(NFTA_RULE_CHAIN, kNftChain);
    const std::size_t list = out_.nest(NFTA_RULE_EXPRESSIONS);
    for (const NftMatch match : rule.matches) write(match, rule.addresses);
    if (!rule.ports.empty()) {
      load_meta(NFT_META_L4PROTO);
      compare(Bytes{IPPROTO_TCP});
      load_payload(NFT_PAYLOAD_TRANSPORT_HEADER, kDestinationPort, kPortBytes);
      look_up(rule.ports);
    }
    if (rule.redirect) {
      redirect();
    } else {
      leave();
    }
    out_.unnest(list);
  }

 private:
  template <typename Body>
  void expression(std::string_view name, Body body) {
    const std::size_t element = out_.nest(NFTA_LIST_ELEM);
    out_.put_text(NFTA_EXPR_NAME, name);
    const std::size_t data = out_.nest(NFTA_EXPR_DATA);
    body();
    out_.unnest(data);
    out_.unnest(element);
  }

  void write(NftMatch match, const std::string& addresses) {
    switch (match) {
      case NftMatch::SocketUid:
        load_meta(NFT_META_SKUID);
        return compare(host_order(plan_.uid));
      case NftMatch::OutLoopback:
        load_meta(NFT_META_OIF);
        return compare(host_order(kLoopbackInterface));
      case NftMatch::Loopback4:
        load_address(false, 1);  // as many bytes as the prefix has
        return compare(Bytes{kLoopback4});
      case NftMatch::Loopback6: {
        load_address(true, kIpv6Bytes);
        Bytes loopback(kIpv6Bytes);
        loopback.back() = 1;
        return compare(loopback);
      }
      case NftMatch::Address4:
        load_address(false, kIpv4Bytes);
        return look_up(addresses);
      case NftMatch::Address6:
        load_address(true, kIpv6Bytes);
        return look_up(addresses);
    }
  }

  void load_meta(std::uint32_t key) {
    expression("meta", [&] {
      out_.put_u32(NFTA_META_KEY, key);
      out_.put_u32(NFTA_META_DREG, NFT_REG_1);
    });
  }

  void load_payload(std::uint32_t base, std::uint32_t offset, std::size_t size) {
    expression("payload", [&] {
      out_.put_u32(NFTA_PAYLOAD_DREG, NFT_REG_1);
      out_.put_u32(NFTA_PAYLOAD_BASE, base);
      out_.put_u32(NFTA_PAYLOAD_OFFSET, offset);
      out_.put_u32(NFTA_PAYLOAD_LEN, static_cast<std::uint32_t>(size));
    });
  }

  void load_address(bool v6, std::size_t size) {
    load_meta(NFT_META_NFPROTO);
    compare(Bytes{static_cast<std::uint8_t>(v6 ? NFPROTO_IPV6 : NFPROTO_IPV4)});
    load_payload(NFT_PAYLOAD_NETWORK_HEADER, v6 ? kIpv6Destination : kIpv4Destination, size);
  }

  void compare(const Bytes& value) {
    expression("cmp", [&] {
      out_.put_u32(NFTA_CMP_SREG, NFT_REG_1);
      out_.put_u32(NFTA_CMP_OP, NFT_CMP_EQ);
      const std::size_t data = out_.nest(NFTA_CMP_DATA);
      out_.put(NFTA_DATA_VALUE, value);
      out_.unnest(data);
    });
  }

  void look_up(const std::string& set) {
    expression("lookup", [&] {
      out_.put_text(NFTA_LOOKUP_SET, set);
      out_.put_u32(NFTA_LOOKUP_SREG, NFT_REG_1);
    });
  }

  void leave() {
    expression("immediate", [&] {
      out_.put_u32(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
      const std::size_t data = out_.nest(NFTA_IMMEDIATE_DATA);
      const std::size_t verdict = out_.nest(NFTA_DATA_VERDICT);
      out_.put_u32(NFTA_VERDICT_CODE, static_cast<std::uint32_t>(NFT_RETURN));
      out_.unnest(verdict);
      out_.unnest(data);
    });
  }

  void redirect() {
    constexpr unsigned kBitsPerByte = 8;
    expression("immediate", [&] {
      out_.put_u32(NFTA_IMMEDIATE_DREG, NFT_REG_1);
      const std::size_t data = out_.nest(NFTA_IMMEDIATE_DATA);
      out_.put(NFTA_DATA_VALUE, Bytes{static_cast<std::uint8_t>(plan_.to >> kBitsPerByte),
                                      static_cast<std::uint8_t>(plan_.to)});
      out_.unnest(data);
    });
    expression("redir", [&] { out_.put_u32(NFTA_REDIR_REG_PROTO_MIN, NFT_REG_1); });
  }

  NetlinkMessages& out_;
  const RulePlan& plan_;
};

// --- tables, sets, chains ---------------------------------------------------------------------

void add_table_message(NetlinkMessages& messages, std::uint8_t type, std::uint8_t family,
                       std::uint16_t flags, std::string_view table) {
  messages.begin(type, family, flags, "table " + std::string(table));
  messages.put_text(NFTA_TABLE_NAME, table);
}

void add_chain_message(NetlinkMessages& messages, std::uint8_t type, std::uint8_t family,
                       std::uint16_t flags, std::string_view table, std::string_view chain) {
  messages.begin(type, family, flags, "chain " + std::string(chain));
  messages.put_text(NFTA_CHAIN_TABLE, table);
  messages.put_text(NFTA_CHAIN_NAME, chain);
}

void add_set(NetlinkMessages& messages, const NftSet& set, std::uint32_t id) {
  const bool ports = set.key == NftKey::Port;
  const std::uint32_t address_type = set.key == NftKey::Ipv6 ? kTypeIpv6 : kTypeIpv4;
  messages.begin(NFT_MSG_NEWSET, NFPROTO_INET, NLM_F_CREATE | NLM_F_ACK, "set " + set.name);
  messages.put_text(NFTA_SET_TABLE, kNftTable);
  messages.put_text(NFTA_SET_NAME, set.name);
  messages.put_u32(NFTA_SET_FLAGS, NFT_SET_INTERVAL);
  messages.put_u32(NFTA_SET_KEY_TYPE, ports ? kTypePort : address_type);
  messages.put_u32(NFTA_SET_KEY_LEN, static_cast<std::uint32_t>(set.elements.front().first.size()));
  messages.put_u32(NFTA_SET_ID, id);
  messages.put(NFTA_SET_USERDATA, kNetworkOrder);
}

void add_element(NetlinkMessages& messages, const Bytes& key, bool end) {
  const std::size_t element = messages.nest(NFTA_LIST_ELEM);
  const std::size_t value = messages.nest(NFTA_SET_ELEM_KEY);
  messages.put(NFTA_DATA_VALUE, key);
  messages.unnest(value);
  if (end) messages.put_u32(NFTA_SET_ELEM_FLAGS, NFT_SET_ELEM_INTERVAL_END);
  messages.unnest(element);
}

void add_elements(NetlinkMessages& messages, const NftSet& set, std::uint32_t id) {
  for (std::size_t i = 0; i < set.elements.size();) {
    messages.begin(NFT_MSG_NEWSETELEM, NFPROTO_INET, NLM_F_CREATE | NLM_F_ACK,
                   "the elements of set " + set.name);
    messages.put_text(NFTA_SET_ELEM_LIST_TABLE, kNftTable);
    messages.put_text(NFTA_SET_ELEM_LIST_SET, set.name);
    messages.put_u32(NFTA_SET_ELEM_LIST_SET_ID, id);
    const std::size_t list = messages.nest(NFTA_SET_ELEM_LIST_ELEMENTS);
    const std::size_t end = std::min(i + kElementsPerMessage, set.elements.size());
    for (; i < end; ++i) {
      add_element(messages, set.elements[i].first, false);
      if (!set.elements[i].end.empty()) add_element(messages, set.elements[i].end, true);
    }
    messages.unnest(list);
  }
}

void add_chain(NetlinkMessages& messages) {
  add_chain_message(messages, NFT_MSG_NEWCHAIN, NFPROTO_INET, NLM_F_CREATE | NLM_F_ACK, kNftTable,
                    kNftChain);
  const std::size_t hook = messages.nest(NFTA_CHAIN_HOOK);
  messages.put_u32(NFTA_HOOK_HOOKNUM, NF_INET_LOCAL_OUT);
  messages.put_u32(NFTA_HOOK_PRIORITY, static_cast<std::uint32_t>(kNftPriority));
  messages.unnest(hook);
  messages.put_u32(NFTA_CHAIN_POLICY, NF_ACCEPT);
  messages.put_text(NFTA_CHAIN_TYPE, "nat");
}

}  // namespace

NetlinkMessages nft_up(const RulePlan& plan, std::uint32_t generation) {
  const NftTable table = nft_table_of(plan);
  NetlinkMessages messages;
  messages.begin_batch(generation);
  add_table_message(messages, NFT_MSG_NEWTABLE, NFPROTO_INET, NLM_F_CREATE | NLM_F_ACK, kNftTable);
  add_table_message(messages, NFT_MSG_DELTABLE, NFPROTO_INET, NLM_F_ACK, kNftTable);
  add_table_message(messages, NFT_MSG_NEWTABLE, NFPROTO_INET, NLM_F_CREATE | NLM_F_ACK, kNftTable);
  std::uint32_t id = 0;
  for (const NftSet& set : table.sets) {
    ++id;
    add_set(messages, set, id);
    add_elements(messages, set, id);
  }
  add_chain(messages);
  RuleWriter writer(messages, plan);
  for (const NftRule& rule : table.rules) writer.write(rule);
  messages.end_batch();
  return messages;
}

NetlinkMessages nft_down(std::uint32_t generation) {
  NetlinkMessages messages;
  messages.begin_batch(generation);
  add_table_message(messages, NFT_MSG_DELTABLE, NFPROTO_INET, NLM_F_ACK, kNftTable);
  messages.end_batch();
  return messages;
}

NetlinkMessages ask_generation() {
  NetlinkMessages messages;
  messages.begin(NFT_MSG_GETGEN, NFPROTO_UNSPEC, NLM_F_ACK, "the rule set's generation");
  return messages;
}

NetlinkMessages ask_table(std::uint8_t family, std::string_view table) {
  NetlinkMessages messages;
  add_table_message(messages, NFT_MSG_GETTABLE, family, NLM_F_ACK, table);
  return messages;
}

NetlinkMessages ask_chain(std::uint8_t family, std::string_view table, std::string_view chain) {
  NetlinkMessages messages;
  add_chain_message(messages, NFT_MSG_GETCHAIN, family, NLM_F_ACK, table, chain);
  return messages;
}

NetlinkMessages remove_if_empty(std::uint8_t family, std::string_view table, std::string_view chain,
                                bool with_table, std::uint32_t generation) {
  constexpr std::uint16_t kOnlyIfEmpty = NLM_F_NONREC | NLM_F_ACK;
  NetlinkMessages messages;
  messages.begin_batch(generation);
  add_chain_message(messages, NFT_MSG_DELCHAIN, family, kOnlyIfEmpty, table, chain);
  if (with_table) add_table_message(messages, NFT_MSG_DELTABLE, family, kOnlyIfEmpty, table);
  messages.end_batch();
  return messages;
}

}  // namespace usher::intercept
