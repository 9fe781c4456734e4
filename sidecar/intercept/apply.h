// up() and down(): the rules put into this network namespace, and taken out of it.
//
// Thread: any, one at a time. Blocks for a moment. Needs CAP_NET_ADMIN.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "intercept/rule_plan.h"

namespace usher::intercept {

enum class Format : std::uint8_t {
  Nft,       // table inet usher, by netlink; no program is needed
  Iptables,  // chains of the tables nat, by iptables-restore and ip6tables-restore
};

// A sentence for people, or one that says what was refused, by whom and why.
using Report = tl::expected<std::string, std::string>;

// Puts the rules in place of what an earlier up() put there, of whatever format. No format: nft,
// or iptables where the kernel has no nf_tables with NAT for both families.
Report up(const RulePlan& plan, std::optional<Format> format);

// Removes what up() put there and nothing else. No format: of both.
Report down(std::optional<Format> format);

}  // namespace usher::intercept
