#include "intercept/rule_plan.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>
#include <string_view>

#include "base/bytes.h"

namespace usher::intercept {
namespace {

template <typename T>
using Parsed = tl::expected<T, std::string>;

constexpr std::string_view kSame = "same";

// Link-local addresses mean another machine for each interface, and clouds tell a pod's own
// credentials at the first and the last (RFC 3927 §2.6.2, RFC 4291 §2.5.6).
constexpr std::array<std::string_view, 3> kNeverCaptured = {"169.254.0.0/16", "fe80::/10",
                                                            "fd00:ec2::254"};

tl::unexpected<std::string> refuse(std::string_view option, const std::string& why) {
  return tl::unexpected(std::string(option) + ": " + why);
}

tl::unexpected<std::string> too_many(std::string_view option, std::size_t count) {
  return refuse(option,
                std::to_string(count) + " ranges; expected at most " + std::to_string(kMaxRanges));
}

Parsed<PortRanges> read_ports(std::string_view option, const std::vector<std::string>& lists) {
  PortRanges all;
  for (const std::string& list : lists) {
    const auto ranges = parse_port_ranges(list);
    if (!ranges) return refuse(option, ranges.error());
    all.insert(all.end(), ranges->begin(), ranges->end());
  }
  return merged(std::move(all));
}

Parsed<std::vector<Cidr>> read_cidrs(std::string_view option,
                                     const std::vector<std::string>& texts) {
  std::vector<Cidr> all;
  for (std::string_view text : texts) {
    for (bool more = true; more;) {
      const std::size_t comma = text.find(',');
      const auto cidr = parse_cidr(trim(text.substr(0, comma)));
      if (!cidr) return refuse(option, cidr.error());
      all.push_back(*cidr);
      more = comma != std::string_view::npos;
      if (more) text.remove_prefix(comma + 1);
    }
  }
  all = reduced(std::move(all));
  if (all.size() > kMaxRanges) return too_many(option, all.size());
  return all;
}

Parsed<std::uint64_t> read_number(std::string_view option, const std::optional<std::string>& text,
                                  std::uint64_t otherwise, std::uint64_t low, std::uint64_t high) {
  if (!text) return otherwise;
  const std::optional<std::uint64_t> value = parse_decimal(*text);
  if (value && *value >= low && *value <= high) return *value;
  return refuse(option, "\"" + *text + "\"; expected a number from " + std::to_string(low) +
                            " to " + std::to_string(high));
}

Parsed<PortRanges> read_local_ports(const RuleOptions& options, const PortRanges& ports) {
  const std::vector<std::string>& lists = options.local_ports;
  if (std::find(lists.begin(), lists.end(), kSame) == lists.end()) {
    return read_ports("--local-ports", lists);
  }
  if (lists.size() == 1) return ports;
  return refuse("--local-ports", "\"same\" stands alone; expected it or lists of ports");
}

// What a redirection would make a loop of, or take the sidecar's own answers from.
PortRanges own_ports(const RuleOptions& options, std::uint16_t to) {
  std::vector<PortRange> own = {{to, to}, {kAdminPort, kAdminPort}};
  for (const std::uint16_t port : options.own_ports) own.push_back({port, port});
  return merged(std::move(own));
}

Parsed<RulePlan> read_who(const RuleOptions& options) {
  // The last uid is -1, which stands for none.
  const auto uid = read_number("--uid", options.uid, kDefaultUid, 0,
                               std::uint64_t{std::numeric_limits<std::uint32_t>::max()} - 1);
  if (!uid) return tl::unexpected(uid.error());
  const auto to =
      read_number("--to", options.to, kDefaultPort, 1, std::numeric_limits<std::uint16_t>::max());
  if (!to) return tl::unexpected(to.error());
  RulePlan plan;
  plan.uid = static_cast<std::uint32_t>(*uid);
  plan.to = static_cast<std::uint16_t>(*to);
  return plan;
}

Parsed<RulePlan> read_ranges(const RuleOptions& options, RulePlan plan) {
  auto included = read_cidrs("--include", options.include);
  if (!included) return tl::unexpected(included.error());
  std::vector<std::string> never(kNeverCaptured.begin(), kNeverCaptured.end());
  std::copy(options.exclude.begin(), options.exclude.end(), std::back_inserter(never));
  auto excluded = read_cidrs("--exclude", never);
  if (!excluded) return tl::unexpected(excluded.error());
  plan.included = std::move(*included);
  plan.excluded = std::move(*excluded);
  return plan;
}

}  // namespace

Parsed<RulePlan> plan_rules(const RuleOptions& options) {
  auto plan = read_who(options).and_then(
      [&](RulePlan begun) { return read_ranges(options, std::move(begun)); });
  if (!plan) return plan;
  const auto ports = read_ports("--ports", options.ports);
  if (!ports) return tl::unexpected(ports.error());
  const auto local = read_local_ports(options, *ports);
  if (!local) return tl::unexpected(local.error());
  const auto excluded = read_ports("--exclude-ports", options.exclude_ports);
  if (!excluded) return tl::unexpected(excluded.error());
  PortRanges never = own_ports(options, plan->to);
  never.insert(never.end(), excluded->begin(), excluded->end());
  never = merged(std::move(never));
  plan->ports = without(*ports, never);
  plan->local_ports = without(*local, never);
  if (plan->ports.size() > kMaxRanges) return too_many("--ports", plan->ports.size());
  if (plan->local_ports.size() > kMaxRanges) {
    return too_many("--local-ports", plan->local_ports.size());
  }
  if (plan->ports.empty() && plan->local_ports.empty()) {
    return refuse("--ports", to_string(*ports) +
                                 ": nothing is left without excluded ports and the sidecar's own "
                                 "(" +
                                 to_string(never) + "); expected one more");
  }
  return plan;
}

std::vector<Cidr> of_family(const std::vector<Cidr>& cidrs, bool v6) {
  std::vector<Cidr> result;
  std::copy_if(cidrs.begin(), cidrs.end(), std::back_inserter(result),
               [v6](const Cidr& cidr) { return cidr.v6 == v6; });
  return result;
}

}  // namespace usher::intercept
