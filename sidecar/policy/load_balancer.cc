#include "policy/load_balancer.h"

#include "base/check.h"
#include "policy/jitter.h"

namespace usher::policy {
namespace {

// The hosts that an attempt may go to, by rank.
class Candidates {
 public:
  Candidates(const OutlierDetector& outliers, const TriedHosts& tried, Instant now)
      : outliers_(&outliers), tried_(&tried), now_(now) {
    for (std::size_t host = 0; host < outliers.hosts(); ++host) count_ += is_in(host) ? 1 : 0;
  }

  std::size_t count() const { return count_; }

  // REQUIRES: rank < count().
  std::size_t at(std::size_t rank) const {
    for (std::size_t host = 0;; ++host) {
      if (is_in(host) && rank-- == 0) return host;
    }
  }

 private:
  bool is_in(std::size_t host) const {
    return !outliers_->is_ejected(host, now_) && !tried_->contains(host);
  }

  const OutlierDetector* outliers_;
  const TriedHosts* tried_;
  Instant now_;
  std::size_t count_ = 0;
};

std::size_t index_below(std::size_t count, Random& random) {
  return static_cast<std::size_t>(random_unit(random) * static_cast<double>(count));
}

}  // namespace

std::size_t LoadBalancer::choose(const OutlierDetector& outliers, const TriedHosts& tried,
                                 Instant now, Random& random) const {
  const TriedHosts none;
  Candidates candidates(outliers, tried, now);
  // Rather the same address again than one that is out.
  if (candidates.count() == 0) candidates = Candidates(outliers, none, now);
  const std::size_t count = candidates.count();
  USHER_CHECK(count > 0);
  if (count == 1) return candidates.at(0);
  const std::size_t first = index_below(count, random);
  const std::size_t skip = index_below(count - 1, random);
  const std::size_t a = candidates.at(first);
  const std::size_t b = candidates.at(skip < first ? skip : skip + 1);
  return active_[b] < active_[a] ? b : a;
}

bool LoadBalancer::has_other(const OutlierDetector& outliers, const TriedHosts& tried,
                             Instant now) {
  return Candidates(outliers, tried, now).count() > 0;
}

void LoadBalancer::finished(std::size_t host) {
  USHER_CHECK(active_[host] > 0);
  --active_[host];
}

}  // namespace usher::policy
