// The rules in nf_tables.
//
// Thread: any, one at a time. Blocks for a moment. Needs CAP_NET_ADMIN.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "intercept/rule_plan.h"

namespace usher::intercept {

struct NftFailure {
  bool unsupported = false;  // another way may do
  std::string text;          // what was refused, and why
};

// Replaces our table. Errors also: the table is somebody else's.
tl::expected<void, NftFailure> nft_put(const RulePlan& plan);

enum class NftRemoval : std::uint8_t { Removed, Absent, NotOurs };

tl::expected<NftRemoval, NftFailure> nft_remove();

// Whether nf_tables has this chain; false also where that cannot be known.
bool nft_has_chain(std::uint8_t family, std::string_view table, std::string_view chain);
bool nft_has_table(std::uint8_t family, std::string_view table);

// The chain is removed, for `with_table` the table too, where nothing is in them.
void nft_tidy(std::uint8_t family, std::string_view table, std::string_view chain, bool with_table);

}  // namespace usher::intercept
