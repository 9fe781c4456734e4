// NftTable: a RulePlan as nftables has it: sets, and one chain of rules. What `print` writes and
// what `up` programs are both made of it.
//
// Thread: any. Pure functions. Source: nft(8).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "intercept/rule_plan.h"

namespace usher::intercept {

inline constexpr std::string_view kNftTable = "usher";
// A table of that name without this chain is somebody else's.
inline constexpr std::string_view kNftChain = "intercept";
// Where destinations are rewritten; nft knows its name (dstnat) on other hooks alone.
inline constexpr std::int32_t kNftPriority = -100;

enum class NftKey : std::uint8_t { Port, Ipv4, Ipv6 };

// Values in network order.
struct NftInterval {
  std::string text;                 // "3001-3005", "10.0.0.0/8"
  std::vector<std::uint8_t> first;  // the first value
  std::vector<std::uint8_t> end;    // the one behind the last; empty: there is none
};

struct NftSet {
  std::string name;
  NftKey key = NftKey::Port;
  std::vector<NftInterval> elements;  // at least one, sorted, disjoint
};

enum class NftMatch : std::uint8_t {
  SocketUid,    // the socket's owner is the plan's uid
  OutLoopback,  // leaves by "lo": to this machine itself
  Loopback4,    // to 127.0.0.0/8
  Loopback6,    // to ::1
  Address4,     // to an address of `addresses`
  Address6,
};

struct NftRule {
  std::vector<NftMatch> matches;
  std::string addresses;  // the set of Address4 and Address6
  std::string ports;      // the set that the TCP port has to be in; empty: any
  bool redirect = false;  // to the plan's port; else left alone
};

struct NftTable {
  std::vector<NftSet> sets;
  std::vector<NftRule> rules;
};

NftTable nft_table_of(const RulePlan& plan);

}  // namespace usher::intercept
