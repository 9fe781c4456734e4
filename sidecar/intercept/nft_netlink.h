// The rules as netlink messages to nf_tables. What the kernel gets is what nft would send for
// nft_script(), but for what only nft reads.
//
// Thread: any. Pure functions. Source: Linux, include/uapi/linux/netfilter/nf_tables.h.
#pragma once

#include <cstdint>
#include <string_view>

#include "intercept/netlink_message.h"
#include "intercept/rule_plan.h"

namespace usher::intercept {

// One transaction: our table is made or made anew.
NetlinkMessages nft_up(const RulePlan& plan, std::uint32_t generation);
// One transaction: the table is removed with all that is in it.
NetlinkMessages nft_down(std::uint32_t generation);

// Each asks one question; ENOENT is a no.
NetlinkMessages ask_generation();
NetlinkMessages ask_table(std::uint8_t family, std::string_view table);
NetlinkMessages ask_chain(std::uint8_t family, std::string_view table, std::string_view chain);

// One transaction: the chain and, for `with_table`, the table, unless there is still something in
// them (EBUSY).
NetlinkMessages remove_if_empty(std::uint8_t family, std::string_view table, std::string_view chain,
                                bool with_table, std::uint32_t generation);

}  // namespace usher::intercept
