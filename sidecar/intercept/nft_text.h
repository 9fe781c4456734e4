// nft_script(): the rules as text that `nft -f -` loads.
//
// Thread: any. Pure function. Source: nft(8).
#pragma once

#include <string>

#include "intercept/rule_plan.h"

namespace usher::intercept {

// One transaction: a table of the same name is replaced, so it may be loaded again and again.
std::string nft_script(const RulePlan& plan);

}  // namespace usher::intercept
