// usher intercept up|down|print [--ports PORTS] [--local-ports PORTS] [--include CIDR…]
//                               [--exclude CIDR…] [--exclude-ports PORTS] [--uid UID] [--to PORT]
//                               [--format nft|iptables] [--config DIR…]
//
// Thread: main. Blocking file reads; up and down speak to the kernel or run iptables' programs.
#pragma once

#include <cstdio>
#include <filesystem>
#include <optional>
#include <vector>

#include "intercept/apply.h"
#include "intercept/rule_plan.h"

namespace usher::cli {

struct InterceptOptions {
  intercept::RuleOptions rules{};  // without ports: those of the configured services' addresses
  std::optional<intercept::Format> format{};
  std::vector<std::filesystem::path>
      directories{};  // --config, at least one; later ones over earlier. Read without --ports alone
};

// What was done goes to `out`, what was refused to `err`. Return the exit status: 0, or 1 after an
// error.
int intercept_up(const InterceptOptions& options, std::FILE* out, std::FILE* err);
// Needs no option but `format`, and takes all, so that the line that began with `up` will do.
int intercept_down(const InterceptOptions& options, std::FILE* out, std::FILE* err);
// The rules go to `out`. Needs no rights.
int intercept_print(const InterceptOptions& options, std::FILE* out, std::FILE* err);

}  // namespace usher::cli
