#include "cache/redis_command.h"

#include <algorithm>
#include <array>

namespace usher::cache {
namespace {

constexpr std::array<std::string_view, 11> kRefusals = {
    "OOM",    "READONLY", "LOADING", "MASTERDOWN", "NOAUTH",     "WRONGPASS",
    "NOPERM", "MISCONF",  "BUSY",    "NOREPLICAS", "CLUSTERDOWN"};

}  // namespace

bool is_refusal(std::string_view error) {
  if (error.starts_with("ERR max number of clients")) return true;
  const std::string_view word = error.substr(0, error.find(' '));
  return std::find(kRefusals.begin(), kRefusals.end(), word) != kRefusals.end();
}

}  // namespace usher::cache
