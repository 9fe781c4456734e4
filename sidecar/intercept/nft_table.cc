#include "intercept/nft_table.h"

#include <limits>
#include <utility>

namespace usher::intercept {
namespace {

constexpr const char* kPorts = "ports";
constexpr const char* kLocalPorts = "local_ports";
constexpr unsigned kBitsPerByte = 8;

std::vector<std::uint8_t> bytes_of(unsigned port) {
  return {static_cast<std::uint8_t>(port >> kBitsPerByte), static_cast<std::uint8_t>(port)};
}

// Returns the set's name; empty when there is nothing to be in it.
std::string add_ports(NftTable& table, const char* name, const PortRanges& ranges) {
  if (ranges.empty()) return "";
  NftSet set{.name = name, .key = NftKey::Port, .elements = {}};
  for (const PortRange& range : ranges) {
    const bool open = range.last == std::numeric_limits<std::uint16_t>::max();
    set.elements.push_back({.text = to_string(range),
                            .first = bytes_of(range.first),
                            .end = open ? std::vector<std::uint8_t>{} : bytes_of(range.last + 1U)});
  }
  table.sets.push_back(std::move(set));
  return name;
}

std::string add_addresses(NftTable& table, const std::string& name, const std::vector<Cidr>& cidrs,
                          bool v6) {
  NftSet set{
      .name = name + (v6 ? "6" : "4"), .key = v6 ? NftKey::Ipv6 : NftKey::Ipv4, .elements = {}};
  for (const Cidr& cidr : of_family(cidrs, v6)) {
    const auto* first = cidr.address.data();
    set.elements.push_back(
        {.text = to_string(cidr), .first = {first, first + cidr.bytes()}, .end = end_of(cidr)});
  }
  if (set.elements.empty()) return "";
  table.sets.push_back(std::move(set));
  return table.sets.back().name;
}

NftMatch address_of(bool v6) {
  return v6 ? NftMatch::Address6 : NftMatch::Address4;
}

void leave_excluded(NftTable& table, const RulePlan& plan) {
  for (const bool v6 : {false, true}) {
    const std::string set = add_addresses(table, "exclude", plan.excluded, v6);
    if (set.empty()) continue;
    table.rules.push_back(
        {.matches = {address_of(v6)}, .addresses = set, .ports = "", .redirect = false});
  }
}

void redirect_local(NftTable& table, const RulePlan& plan) {
  const std::string ports = add_ports(table, kLocalPorts, plan.local_ports);
  if (ports.empty()) return;
  for (const NftMatch loopback : {NftMatch::Loopback4, NftMatch::Loopback6}) {
    table.rules.push_back(
        {.matches = {loopback}, .addresses = "", .ports = ports, .redirect = true});
  }
}

void redirect_outbound(NftTable& table, const RulePlan& plan) {
  const std::string ports = add_ports(table, kPorts, plan.ports);
  if (ports.empty()) return;
  if (plan.included.empty()) {
    table.rules.push_back({.matches = {}, .addresses = "", .ports = ports, .redirect = true});
  }
  for (const bool v6 : {false, true}) {
    const std::string set = add_addresses(table, "include", plan.included, v6);
    if (set.empty()) continue;
    table.rules.push_back(
        {.matches = {address_of(v6)}, .addresses = set, .ports = ports, .redirect = true});
  }
}

}  // namespace

NftTable nft_table_of(const RulePlan& plan) {
  NftTable table;
  table.rules.push_back(
      {.matches = {NftMatch::SocketUid}, .addresses = "", .ports = "", .redirect = false});
  leave_excluded(table, plan);
  redirect_local(table, plan);
  table.rules.push_back(
      {.matches = {NftMatch::OutLoopback}, .addresses = "", .ports = "", .redirect = false});
  redirect_outbound(table, plan);
  return table;
}

}  // namespace usher::intercept
