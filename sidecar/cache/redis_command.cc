#include "cache/redis_command.h"

#include <algorithm>
#include <array>

namespace usher::cache {
namespace {

constexpr std::array<std::string_view, 11> kRefusals = {
    "OOM",    "READONLY", "LOADING", "MASTERDOWN", "NOAUTH",     "WRONGPASS",
    "NOPERM", "MISCONF",  "BUSY",    "NOREPLICAS", "CLUSTERDOWN"};

// Redis before 7 puts the refusal of a command in a script behind words of its own; ACLs speak
// differently there in every version.
bool is_refusal_in_script(std::string_view error) {
  const auto has = [error](std::string_view text) { return error.find(text) != error.npos; };
  if (has("The user executing the script can't") || has("ACL failure in script")) return true;
  return error.starts_with("ERR Error running script") &&
         (has(" -OOM ") || has(" -READONLY ") || has(" -MISCONF ") || has(" -NOREPLICAS "));
}

}  // namespace

bool is_refusal(std::string_view error) {
  if (error.starts_with("ERR max number of clients")) return true;
  if (is_refusal_in_script(error)) return true;
  const std::string_view word = error.substr(0, error.find(' '));
  return std::find(kRefusals.begin(), kRefusals.end(), word) != kRefusals.end();
}

}  // namespace usher::cache
