#include "intercept/nft_text.h"

#include "intercept/nft_table.h"

namespace usher::intercept {
namespace {

std::string_view type_of(NftKey key) {
  switch (key) {
    case NftKey::Port:
      return "inet_service";
    case NftKey::Ipv4:
      return "ipv4_addr";
    case NftKey::Ipv6:
      return "ipv6_addr";
  }
  return "";
}

std::string text_of(NftMatch match, const NftRule& rule, const RulePlan& plan) {
  switch (match) {
    case NftMatch::SocketUid:
      return "meta skuid " + std::to_string(plan.uid);
    case NftMatch::OutLoopback:
      return "oif \"lo\"";
    case NftMatch::Loopback4:
      return "ip daddr 127.0.0.0/8";
    case NftMatch::Loopback6:
      return "ip6 daddr ::1";
    case NftMatch::Address4:
      return "ip daddr @" + rule.addresses;
    case NftMatch::Address6:
      return "ip6 daddr @" + rule.addresses;
  }
  return "";
}

std::string text_of(const NftSet& set) {
  std::string text = "  set " + set.name + " {\n    type ";
  text.append(type_of(set.key)).append("\n    flags interval\n    elements = { ");
  bool first = true;
  for (const NftInterval& element : set.elements) {
    if (!first) text += ", ";
    first = false;
    text += element.text;
  }
  return text + " }\n  }\n";
}

std::string text_of(const NftRule& rule, const RulePlan& plan) {
  std::string text = "    ";
  for (const NftMatch match : rule.matches) text += text_of(match, rule, plan) + " ";
  if (!rule.ports.empty()) text += "tcp dport @" + rule.ports + " ";
  return text + (rule.redirect ? "redirect to :" + std::to_string(plan.to) : "return") + "\n";
}

}  // namespace

std::string nft_script(const RulePlan& plan) {
  const NftTable table = nft_table_of(plan);
  const std::string name = "table inet " + std::string(kNftTable);
  std::string text = name + " {\n}\ndelete " + name + "\n" + name + " {\n";
  for (const NftSet& set : table.sets) text += text_of(set);
  text.append("  chain ").append(kNftChain).append(" {\n");
  text +=
      "    type nat hook output priority " + std::to_string(kNftPriority) + "; policy accept;\n";
  for (const NftRule& rule : table.rules) text += text_of(rule, plan);
  return text + "  }\n}\n";
}

}  // namespace usher::intercept
