// The rules as input of `iptables-restore --noflush`, one text a family.
//
// Thread: any. Pure functions. Source: iptables-restore(8), iptables-extensions(8).
#pragma once

#include <string>
#include <string_view>

#include "intercept/rule_plan.h"

namespace usher::intercept {

// What the nat table of one family holds already.
struct IptablesState {
  bool jump = false;    // OUTPUT jumps to our chain
  bool chains = false;  // our chains are there, or one of them
  // Chains that say of themselves by being there what `up` found missing, and `down` removes.
  bool made_output = false;  // the table had no chain OUTPUT (iptables-nft makes it then)
  bool made_table = false;   // there was no table nat
};

// Of what iptables-save says.
IptablesState iptables_state(std::string_view saved);

// In one transaction: our chains are made or made anew, and OUTPUT jumps to them unless it does
// already. What `state` says was made stays noted.
std::string iptables_up(const RulePlan& plan, bool v6, const IptablesState& state);

// In one transaction: without the jump and our chains. Empty when there is nothing of ours.
std::string iptables_down(const IptablesState& state);

// Both families, for a machine that has nothing of ours, each under a comment that says who takes
// it.
std::string iptables_script(const RulePlan& plan);

}  // namespace usher::intercept
