#include "explain/words.h"

#include "explain/values.h"

namespace usher::explain {
namespace {

using policy::BreakerOptions;

std::string count(std::size_t number, std::string_view one, std::string_view many) {
  return std::to_string(number).append(" ").append(number == 1 ? one : many);
}

std::string times(int number, std::string_view one, std::string_view many) {
  return count(static_cast<std::size_t>(number), one, many);
}

std::string triggers_of(const BreakerOptions& options) {
  std::vector<std::string> triggers;
  const std::string window = " within " + format_duration(options.window);
  const std::string of_calls =
      " of at least " + std::to_string(options.minimum_calls) + " calls" + window;
  if (options.consecutive_failures > 0) {
    triggers.push_back(times(options.consecutive_failures, "failure", "failures in a row"));
  }
  if (options.failure_threshold > 0) {
    triggers.push_back(times(options.failure_threshold, "failure", "failures") + window);
  }
  if (options.failure_rate > 0) {
    triggers.push_back(format_share(options.failure_rate) + of_calls + " failed");
  }
  if (options.slow_rate > 0) {
    triggers.push_back(format_share(options.slow_rate) + of_calls + " took " +
                       format_duration(options.slow_call) + " or longer");
  }
  std::string text;
  for (const std::string& trigger : triggers) {
    text.append(text.empty() ? "" : ", or ").append(trigger);
  }
  return text;
}

std::string limit_in_words(std::string_view whose, const policy::ConcurrencyOptions& options) {
  std::string text = std::string(whose) + ": at most " +
                     count(options.max_concurrent, "call", "calls") + " on their way";
  if (options.max_queue == 0) return text;
  return text + ", " + std::to_string(options.max_queue) + " more wait up to " +
         format_duration(options.queue_timeout);
}

}  // namespace

std::vector<std::string> describe_breaker(const config::Snapshot& snapshot,
                                          const route::Endpoint& endpoint) {
  if (endpoint.policy.breaker_scope == policy::BreakerScope::Off) return {"there is none"};
  const bool is_shared = endpoint.policy.breaker_scope == policy::BreakerScope::Service;
  const BreakerOptions& options =
      is_shared ? snapshot.clusters[endpoint.cluster].breaker : endpoint.policy.breaker;
  std::vector<std::string> lines;
  lines.push_back("opens after " + triggers_of(options));
  lines.push_back("open for " + format_duration(options.reset_timeout) + ", up to " +
                  format_duration(options.reset_timeout_max) + " while probes fail");
  lines.push_back("closed by " +
                  times(options.success_threshold, "good probe", "good probes in a row") + ", " +
                  std::to_string(options.half_open_calls) + " at a time");
  if (is_shared) lines.push_back("shared by the endpoints of " + endpoint.service);
  if (options.shadow) lines.emplace_back("refuses nothing (shadow)");
  return lines;
}

std::string describe_state(const policy::BreakerSnapshot& breaker) {
  std::string text(policy::to_string(breaker.state));
  text.append(" (").append(policy::to_string(breaker.reason)).append(")");
  if (breaker.retry_in > Duration::zero()) {
    text += ", lets a probe through in " + std::to_string(to_milliseconds(breaker.retry_in)) + "ms";
  }
  return text + ", " + std::to_string(breaker.failures) + " failures within the window, " +
         std::to_string(breaker.consecutive_failures) + " in a row";
}

std::vector<std::string> describe_retries(const config::Snapshot& snapshot,
                                          const route::Endpoint& endpoint, const RetryPlan& plan) {
  const policy::RetryOptions& retry = endpoint.policy.retry;
  if (plan.attempts.size() == 1) return {"never tried again"};
  std::vector<std::string> lines;
  if (policy::may_repeat(plan.repeatability)) {
    lines.push_back("tried again on " + format_failures(retry.on_not_sent, retry.on_reset,
                                                        retry.on_timeout, retry.on_bad_answer));
    lines.push_back("tried again on status " + format_statuses(retry.statuses));
  } else if (retry.on_not_sent) {
    lines.emplace_back("tried again only while nothing of the call was sent");
  } else {
    lines.emplace_back("tried again only on an answer that the owner gave before it acted");
  }
  if (retry.on_not_sent && snapshot.clusters[endpoint.cluster].addresses.size() > 1) {
    lines.emplace_back("at once where another address has not been tried");
  }
  lines.push_back("an owner's Retry-After is waited for up to " +
                  format_duration(retry.retry_after_max));
  const policy::RetryBudgetOptions& budget = snapshot.clusters[endpoint.cluster].retry_budget;
  lines.push_back("budget: " + format_share(budget.share) + " of the calls to " + endpoint.service +
                  " within " + format_duration(budget.window) + ", or " +
                  format_number(budget.floor_per_second) + " a second where that is more");
  return lines;
}

std::vector<std::string> describe_limits(const config::Snapshot& snapshot,
                                         const route::Endpoint& endpoint) {
  std::vector<std::string> lines;
  const auto& hedge = endpoint.policy.hedge;
  if (hedge) {
    lines.push_back("hedged after " + (hedge->delay ? format_duration(*hedge->delay) : "its p95") +
                    ", " + times(hedge->max_hedges, "time", "times") + " a call, at most " +
                    format_share(hedge->share) + " of its calls");
  }
  if (endpoint.policy.concurrency.max_concurrent > 0) {
    lines.push_back(limit_in_words("endpoint", endpoint.policy.concurrency));
  }
  const policy::ConcurrencyOptions& owner = snapshot.clusters[endpoint.cluster].concurrency;
  if (owner.max_concurrent > 0) lines.push_back(limit_in_words("owner", owner));
  return lines;
}

}  // namespace usher::explain
