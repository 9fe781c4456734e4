// Hedges: a second attempt at a safe call whose answer takes unusually long
// (policy/hedge_policy.h).

#include "proxy/exchange.h"

namespace usher::proxy {

// Only for calls whose request can go out twice as it stands.
void Exchange::arm_hedge() {
  policy::HedgePolicy* hedges = snapshot_->shared->hedges(*match_.endpoint);
  if (hedges == nullptr || (body_.exists() && !body_.is_held())) return;
  const Instant now = resources_->network.now();
  const auto& quantiles = snapshot_->latencies[match_.endpoint->index]->quantiles(now);
  if (const auto delay = hedges->delay(quantiles, endpoint_policy().per_try_timeout)) {
    resources_->network.arm(hedge_timer_, now + *delay);
  }
}

void Exchange::hedge() {
  if (phase_ != Phase::Attempt || holding_ || other_open(first_) != nullptr) return;
  const Instant now = resources_->network.now();
  policy::HedgePolicy& hedges = *snapshot_->shared->hedges(*match_.endpoint);
  const NamedBreaker* named = snapshot_->shared->breaker(*match_.endpoint);
  const policy::HedgeQuestion question{
      .repeatability = repeatability_,
      .hedges = hedges_,
      .consumer_retries = consumer_retries_,
      .advised_against = declines_repeats(),
      .breaker_closed = named == nullptr || named->breaker().closed(),
      .crowded = limit_at(0).is_crowded() || limit_at(1).is_crowded(),
      .delay = now - first_.started,
      .deadline = policy::Deadline(deadline_)};
  const policy::HedgeVerdict verdict =
      hedges.may_hedge(question, now, snapshot_->shared->budget(*match_.endpoint));
  endpoint_metrics().hedges[static_cast<std::size_t>(verdict)].add();
  if (verdict != policy::HedgeVerdict::Hedge) return;
  const std::optional<policy::BreakerPermit> permit = ask_breaker();
  if (!permit) return;
  ++hedges_;
  if (second_ == nullptr) {
    AttemptEvents& events = *this;
    second_ = std::make_unique<Try>(events);
  }
  const Phase next = start_try(*second_, *permit);
  if (next != phase_) move_to(next);
  run();
}

}  // namespace usher::proxy
