#include "intercept/iptables.h"

#include <linux/netfilter.h>
#include <unistd.h>

#include <vector>

#include "intercept/iptables_text.h"
#include "intercept/nft.h"
#include "intercept/program.h"

namespace usher::intercept {
namespace {

template <typename T>
using Outcome = tl::expected<T, std::string>;

constexpr const char* kTable = "nat";
constexpr const char* kChain = "OUTPUT";

std::string program(bool v6, const char* what) {
  return std::string(v6 ? "ip6tables-" : "iptables-") + what;
}

std::uint8_t family_of(bool v6) {
  return v6 ? NFPROTO_IPV6 : NFPROTO_IPV4;
}

// A kernel without IPv6 has no such table, and nothing to redirect.
std::vector<bool> families() {
  if (::access("/proc/net/if_inet6", F_OK) != 0) return {false};
  return {false, true};
}

Outcome<IptablesState> state_of(bool v6) {
  return run_program(find_program(program(v6, "save")), {}, "").map(iptables_state);
}

Outcome<void> restore(bool v6, const std::string& text) {
  const auto done =
      run_program(find_program(program(v6, "restore")), {"--noflush", "-w", "5"}, text);
  if (!done) return tl::unexpected(done.error());
  return {};
}

// iptables-nft, whose tables and chains come and go; those of the other one stay.
bool uses_nf_tables(bool v6) {
  const auto version = run_program(find_program(program(v6, "restore")), {"--version"}, "");
  return version && version->find("nf_tables") != std::string::npos;
}

Outcome<bool> remove(bool v6) {
  const Outcome<IptablesState> state = state_of(v6);
  if (!state) return tl::unexpected(state.error());
  const std::string text = iptables_down(*state);
  if (text.empty()) return false;
  const Outcome<void> done = restore(v6, text);
  if (!done) return tl::unexpected(done.error());
  if (state->made_output) nft_tidy(family_of(v6), kTable, kChain, state->made_table);
  return true;
}

Outcome<void> put(bool v6, const RulePlan& plan) {
  Outcome<IptablesState> state = state_of(v6);
  if (!state) return tl::unexpected(state.error());
  if (!state->chains && uses_nf_tables(v6)) {
    state->made_output = !nft_has_chain(family_of(v6), kTable, kChain);
    state->made_table = !nft_has_table(family_of(v6), kTable);
  }
  return restore(v6, iptables_up(plan, v6, *state));
}

}  // namespace

bool has_iptables() {
  for (const bool v6 : families()) {
    if (find_program(program(v6, "restore")).empty()) return false;
    if (find_program(program(v6, "save")).empty()) return false;
  }
  return true;
}

Outcome<void> iptables_put(const RulePlan& plan) {
  for (const bool v6 : families()) {
    Outcome<void> done = put(v6, plan);
    if (done) continue;
    for (const bool undone : families()) (void)remove(undone);
    return done;
  }
  return {};
}

Outcome<bool> iptables_remove() {
  bool removed = false;
  for (const bool v6 : families()) {
    Outcome<bool> one = remove(v6);
    if (!one) return one;
    removed = removed || *one;
  }
  return removed;
}

}  // namespace usher::intercept
