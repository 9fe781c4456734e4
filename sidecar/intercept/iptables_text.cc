#include "intercept/iptables_text.h"

#include <vector>

namespace usher::intercept {
namespace {

// What multiport takes in a rule; a range counts twice.
constexpr unsigned kMultiport = 15;
constexpr std::string_view kOutputChain = "USHER_OUTPUT";
constexpr std::string_view kPortsChain = "USHER_PORTS";
constexpr std::string_view kMadeOutput = "USHER_MADE_OUTPUT";
constexpr std::string_view kMadeTable = "USHER_MADE_TABLE";
constexpr std::string_view kJump = "OUTPUT -p tcp -j USHER_OUTPUT";

std::string line(std::string_view command, std::string_view chain, std::string_view rule = "") {
  std::string text(command);
  text.append(" ").append(chain);
  if (!rule.empty()) text.append(" ").append(rule);
  return text + "\n";
}

// "80,3001:3005", each as long as a rule takes.
std::vector<std::string> port_groups(const PortRanges& ranges) {
  std::vector<std::string> groups;
  unsigned used = kMultiport;
  for (const PortRange& range : ranges) {
    const unsigned needed = range.first == range.last ? 1 : 2;
    if (used + needed > kMultiport) {
      groups.emplace_back();
      used = 0;
    } else {
      groups.back() += ',';
    }
    groups.back() += to_string(range, ':');
    used += needed;
  }
  return groups;
}

std::string redirections(std::string_view chain, std::string_view destination,
                         const PortRanges& ports, std::uint16_t to) {
  std::string text;
  for (const std::string& group : port_groups(ports)) {
    text += line("-A", chain,
                 std::string(destination) + "-p tcp -m multiport --dports " + group +
                     " -j REDIRECT --to-ports " + std::to_string(to));
  }
  return text;
}

std::string rules(const RulePlan& plan, bool v6) {
  std::string text =
      line("-A", kOutputChain, "-m owner --uid-owner " + std::to_string(plan.uid) + " -j RETURN");
  for (const Cidr& cidr : of_family(plan.excluded, v6)) {
    text += line("-A", kOutputChain, "-d " + to_string(cidr) + " -j RETURN");
  }
  text +=
      redirections(kOutputChain, v6 ? "-d ::1/128 " : "-d 127.0.0.0/8 ", plan.local_ports, plan.to);
  text += line("-A", kOutputChain, "-o lo -j RETURN");
  if (plan.included.empty()) {
    text += line("-A", kOutputChain, "-p tcp -j " + std::string(kPortsChain));
  }
  for (const Cidr& cidr : of_family(plan.included, v6)) {
    text += line("-A", kOutputChain,
                 "-d " + to_string(cidr) + " -p tcp -j " + std::string(kPortsChain));
  }
  return text + redirections(kPortsChain, "", plan.ports, plan.to);
}

std::string declare(std::string_view chain) {
  return ":" + std::string(chain) + " - [0:0]\n";
}

bool declares(std::string_view saved, std::string_view chain) {
  return saved.find("\n:" + std::string(chain) + " ") != std::string_view::npos;
}

// From "*nat" to its COMMIT; empty without such a table.
std::string_view nat_of(std::string_view saved) {
  const std::size_t begin = saved.find("*nat\n");
  if (begin == std::string_view::npos) return {};
  return saved.substr(begin, saved.find("\nCOMMIT", begin) - begin + 1);
}

}  // namespace

IptablesState iptables_state(std::string_view saved) {
  const std::string_view nat = nat_of(saved);
  return {.jump = nat.find("\n-A " + std::string(kJump) + "\n") != std::string_view::npos,
          .chains = declares(nat, kOutputChain) || declares(nat, kPortsChain),
          .made_output = declares(nat, kMadeOutput),
          .made_table = declares(nat, kMadeTable)};
}

std::string iptables_up(const RulePlan& plan, bool v6, const IptablesState& state) {
  std::string text = "*nat\n" + declare(kOutputChain) + declare(kPortsChain);
  if (state.made_output) text += declare(kMadeOutput);
  if (state.made_table) text += declare(kMadeTable);
  text += rules(plan, v6);
  if (!state.jump) text += "-I " + std::string(kJump) + "\n";
  return text + "COMMIT\n";
}

std::string iptables_down(const IptablesState& state) {
  if (!state.chains) return "";
  // Declared anew they are empty, and there if one of them was lost.
  std::string text = "*nat\n" + declare(kOutputChain) + declare(kPortsChain);
  if (state.jump) text += "-D " + std::string(kJump) + "\n";
  for (const std::string_view chain : {kOutputChain, kPortsChain}) text += line("-X", chain);
  if (state.made_output) text += line("-X", kMadeOutput);
  if (state.made_table) text += line("-X", kMadeTable);
  return text + "COMMIT\n";
}

std::string iptables_script(const RulePlan& plan) {
  return "# IPv4: iptables-restore --noflush\n" + iptables_up(plan, false, {}) +
         "# IPv6: ip6tables-restore --noflush\n" + iptables_up(plan, true, {});
}

}  // namespace usher::intercept
