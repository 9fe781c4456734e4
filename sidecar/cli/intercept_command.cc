#include "cli/intercept_command.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/wall_clock.h"
#include "config/loader.h"
#include "intercept/iptables_text.h"
#include "intercept/nft_text.h"

namespace usher::cli {
namespace {

using intercept::Report;
using intercept::RuleOptions;
using intercept::RulePlan;

// The ports of the services that Usher stands for, and its own.
void add_ports(const config::Snapshot& snapshot, RuleOptions& rules) {
  for (const upstream::ClusterOptions& cluster : snapshot.clusters) {
    for (const upstream::HostAddress& host : cluster.addresses) {
      rules.ports.push_back(std::to_string(host.port));
    }
  }
  const auto add_own = [&rules](const config::ListenAddress& address) {
    if (address.port != 0) rules.own_ports.push_back(address.port);
  };
  add_own(snapshot.admin);
  for (const config::OutboundListener& listener : snapshot.listeners) {
    std::for_each(listener.addresses.begin(), listener.addresses.end(), add_own);
  }
}

// Whom the services are called for, and secrets, have no part in it, and `sudo` would not have them
// in its environment.
bool read_ports(const InterceptOptions& options, RuleOptions& rules, std::FILE* err) {
  const config::LoadResult loaded = config::load(options.directories, wall_clock_ms(),
                                                 {.consumer = "any", .needs_secrets = false});
  for (const config::Problem& problem : loaded.problems) {
    std::fprintf(err, "%s\n", to_string(problem).c_str());
  }
  if (loaded.snapshot != nullptr) add_ports(*loaded.snapshot, rules);
  if (!rules.ports.empty()) return true;
  std::fprintf(err, "--ports: not given, and %s; expected --ports, or --config with services\n",
               loaded.snapshot == nullptr ? "the configuration that would tell them has mistakes"
                                          : "no service is configured");
  return false;
}

std::optional<RulePlan> plan(const InterceptOptions& options, std::FILE* err) {
  RuleOptions rules = options.rules;
  if (rules.ports.empty() && !read_ports(options, rules, err)) return std::nullopt;
  auto plan = intercept::plan_rules(rules);
  if (plan) return std::move(*plan);
  std::fprintf(err, "%s\n", plan.error().c_str());
  return std::nullopt;
}

std::string summary(const RulePlan& plan) {
  std::string text;
  if (!plan.ports.empty()) text = ": ports " + to_string(plan.ports);
  if (!plan.local_ports.empty()) {
    text +=
        (text.empty() ? ": ports of localhost " : ", of localhost ") + to_string(plan.local_ports);
  }
  return text + " go to port " + std::to_string(plan.to) + ", but for uid " +
         std::to_string(plan.uid);
}

int say(const Report& report, const std::string& more, std::FILE* out, std::FILE* err) {
  if (!report) {
    std::fprintf(err, "usher intercept: %s\n", report.error().c_str());
    return 1;
  }
  const bool written = std::fprintf(out, "%s%s\n", report->c_str(), more.c_str()) > 0;
  return written && std::fflush(out) == 0 ? 0 : 1;
}

}  // namespace

int intercept_up(const InterceptOptions& options, std::FILE* out, std::FILE* err) {
  const std::optional<RulePlan> rules = plan(options, err);
  if (!rules) return 1;
  return say(intercept::up(*rules, options.format), summary(*rules), out, err);
}

int intercept_down(const InterceptOptions& options, std::FILE* out, std::FILE* err) {
  return say(intercept::down(options.format), "", out, err);
}

int intercept_print(const InterceptOptions& options, std::FILE* out, std::FILE* err) {
  const std::optional<RulePlan> rules = plan(options, err);
  if (!rules) return 1;
  const std::string text = options.format == intercept::Format::Iptables
                               ? intercept::iptables_script(*rules)
                               : intercept::nft_script(*rules);
  const bool written = std::fwrite(text.data(), 1, text.size(), out) == text.size();
  return written && std::fflush(out) == 0 ? 0 : 1;
}

}  // namespace usher::cli
