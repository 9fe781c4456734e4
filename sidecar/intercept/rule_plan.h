// RulePlan: which outbound connections the kernel hands to the sidecar. Plain data.
//
// Thread: any. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "intercept/cidr.h"
#include "intercept/port_ranges.h"

namespace usher::intercept {

inline constexpr std::uint32_t kDefaultUid = 7401;
inline constexpr std::uint16_t kDefaultPort = 7401;
inline constexpr std::uint16_t kAdminPort = 7400;
// Ranges in one list, so that all of the rules fit into what a socket takes at once.
inline constexpr std::size_t kMaxRanges = 512;

// What stands on the command line.
struct RuleOptions {
  std::vector<std::string> ports{};          // --ports; lists that are taken together
  std::vector<std::string> local_ports{};    // --local-ports; likewise, or "same" as --ports
  std::vector<std::string> exclude_ports{};  // --exclude-ports
  std::vector<std::string> include{};        // --include; none: everywhere
  std::vector<std::string> exclude{};        // --exclude
  std::optional<std::string> uid{};          // --uid; none: kDefaultUid
  std::optional<std::string> to{};           // --to; none: kDefaultPort
  std::vector<std::uint16_t> own_ports{};    // of the sidecar, besides `to` and kAdminPort
};

// A connection is left alone when its socket belongs to `uid`, or when it goes to one of
// `excluded`. Otherwise it is redirected to port `to` of this machine
// - when it goes to a loopback address and one of `local_ports`;
// - when it goes elsewhere, leaves the machine, and goes to one of `ports` at one of `included`.
struct RulePlan {
  PortRanges ports;
  PortRanges local_ports;
  std::vector<Cidr> included;  // reduced; empty: everywhere
  std::vector<Cidr> excluded;  // reduced; at least what no sidecar can reach for somebody else
  std::uint32_t uid = kDefaultUid;
  std::uint16_t to = kDefaultPort;
};

// Errors: a sentence that names the option, its value, and what would be right.
// REQUIRES: at least one of `ports`.
tl::expected<RulePlan, std::string> plan_rules(const RuleOptions& options);

// Those of one family.
std::vector<Cidr> of_family(const std::vector<Cidr>& cidrs, bool v6);

}  // namespace usher::intercept
