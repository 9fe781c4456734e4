// The rules in the tables nat of iptables and ip6tables, by their programs.
//
// Thread: any, one at a time. Blocks while the programs run. Needs CAP_NET_ADMIN.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "intercept/rule_plan.h"

namespace usher::intercept {

// Whether the programs are there.
bool has_iptables();

// Replaces our chains, in both families or, after an error, in neither. Errors: a sentence with
// the program's own.
// REQUIRES: has_iptables().
tl::expected<void, std::string> iptables_put(const RulePlan& plan);

// True when there was something of ours. REQUIRES: has_iptables().
tl::expected<bool, std::string> iptables_remove();

}  // namespace usher::intercept
