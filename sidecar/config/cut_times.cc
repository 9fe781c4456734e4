#include "config/cut_times.h"

namespace usher::config {
namespace {

class Finder {
 public:
  Finder(std::uint32_t endpoint, const PolicySettings& own, const PolicySettings& service,
         const PolicySettings& defaults, std::vector<CutTime>& cuts)
      : endpoint_(endpoint), levels_{&own, &service, &defaults}, cuts_(cuts) {}

  // The most specific setting, or null.
  template <typename T>
  const T* written(std::optional<Placed<T>> PolicySettings::*member) const {
    for (const PolicySettings* level : levels_) {
      if (level->*member) return &(level->*member)->value;
    }
    return nullptr;
  }
  Duration time(std::optional<Placed<Duration>> PolicySettings::*member, Duration built_in) const {
    const Duration* found = written(member);
    return found == nullptr ? built_in : *found;
  }
  void compare(std::string_view key, Duration written, Duration effective, std::string_view by) {
    if (written <= effective) return;
    cuts_.push_back({.endpoint = endpoint_, .key = key, .by = by, .written = written});
  }

 private:
  std::uint32_t endpoint_;
  const PolicySettings* levels_[3];
  std::vector<CutTime>& cuts_;
};

}  // namespace

void add_cut_times(std::uint32_t endpoint, const policy::EndpointPolicy& policy,
                   const PolicySettings& own, const PolicySettings& service,
                   const PolicySettings& defaults, std::vector<CutTime>& cuts) {
  Finder finder(endpoint, own, service, defaults, cuts);
  const policy::EndpointPolicy built_in;
  finder.compare("per_try_timeout",
                 finder.time(&PolicySettings::per_try_timeout, built_in.per_try_timeout),
                 policy.per_try_timeout, "timeout");
  finder.compare("connect_timeout",
                 finder.time(&PolicySettings::connect_timeout, built_in.connect_timeout),
                 policy.connect_timeout, "per_try_timeout");
  if (const BreakerSettings* breaker = finder.written(&PolicySettings::breaker)) {
    finder.compare("breaker.slow_call", breaker->options.slow_call, policy.breaker.slow_call,
                   "per_try_timeout");
  }
  const ConcurrencySettings* concurrency = finder.written(&PolicySettings::concurrency);
  const policy::ConcurrencyOptions options =
      concurrency == nullptr ? policy::ConcurrencyOptions() : concurrency->options;
  finder.compare("concurrency.queue_timeout", options.queue_timeout,
                 policy.concurrency.queue_timeout, "timeout");
  const HedgeSettings* hedge = finder.written(&PolicySettings::hedge);
  if (hedge != nullptr && policy.hedge && policy.hedge->delay) {
    finder.compare("hedge.delay", *hedge->options->delay, *policy.hedge->delay, "per_try_timeout");
  }
}

}  // namespace usher::config
