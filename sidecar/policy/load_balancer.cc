#include "policy/load_balancer.h"

#include "base/check.h"
#include "policy/jitter.h"

namespace usher::policy {
namespace {

std::size_t index_below(std::size_t count, Random& random) {
  return static_cast<std::size_t>(random_unit(random) * static_cast<double>(count));
}

}  // namespace

std::size_t LoadBalancer::choose(HostSet candidates, Random& random) const {
  const std::size_t count = candidates.size();
  USHER_CHECK(count > 0);
  if (count == 1) return candidates.at(0);
  const std::size_t first = index_below(count, random);
  const std::size_t skip = index_below(count - 1, random);
  const std::size_t a = candidates.at(first);
  const std::size_t b = candidates.at(skip < first ? skip : skip + 1);
  return active_[b] < active_[a] ? b : a;
}

void LoadBalancer::finished(std::size_t host) {
  USHER_CHECK(active_[host] > 0);
  --active_[host];
}

}  // namespace usher::policy
