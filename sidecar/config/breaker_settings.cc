#include "config/breaker_settings.h"

#include "config/option_readers.h"
#include "config/spelling.h"
#include "policy/circuit_breaker.h"

namespace usher::config {
namespace {

using policy::BreakerOptions;
using policy::BreakerScope;
using policy::CircuitBreaker;

constexpr int kMaxCount = 1000;
constexpr int kMaxCalls = 1'000'000;
constexpr Duration kMaxTime = std::chrono::hours(1);

void read_failures(ObjectReader reader, policy::FailureRules& failures) {
  if (const auto kinds = read_failure_kinds(reader)) {
    failures.not_sent = kinds->not_sent;
    failures.reset = kinds->reset;
    failures.timeout = kinds->timeout;
    failures.bad_answer = kinds->bad_answer;
  }
  set(failures.statuses, read_statuses(reader, "statuses", 500, 599));
}

void read_triggers(ObjectReader& reader, BreakerOptions& options) {
  set(options.failure_threshold,
      reader.integer("failure_threshold", 1, CircuitBreaker::kMaxFailureThreshold));
  set(options.consecutive_failures, reader.integer("consecutive_failures", 0, kMaxCount));
  set(options.failure_rate, reader.number("failure_rate", 0, 1));
  set(options.slow_rate, reader.number("slow_rate", 0, 1));
  set(options.slow_call, reader.duration("slow_call", 1ms, kMaxTime));
  set(options.minimum_calls, reader.integer("minimum_calls", 1, kMaxCalls));
  set(options.window, reader.duration("window", 100ms, kMaxTime));
}

// What is written, but could never do anything.
void report_without_effect(ObjectReader& reader, const BreakerOptions& options,
                           Problems& problems) {
  const bool has_rate = options.failure_rate > 0 || options.slow_rate > 0;
  const bool has_window = has_rate || options.failure_threshold > 0;
  if (!has_window && options.consecutive_failures == 0) {
    problems.add(reader.place(),
                 "this breaker never opens, since all that could open it is 0; write false to "
                 "have none");
    return;
  }
  const auto report = [&](std::string_view key, std::string_view without) {
    const Value* member = reader.find(key);
    if (member == nullptr) return;
    problems.add(reader.place_of(*member), in_quotes(key) + " has no effect without " +
                                               std::string(without) +
                                               "; leave it out or write that too");
  };
  if (!has_rate) report("minimum_calls", "\"failure_rate\" or \"slow_rate\"");
  if (!has_window) report("window", "\"failure_threshold\" or a rate");
  if (options.slow_rate == 0) report("slow_call", "\"slow_rate\"");
  if (options.slow_call == Duration::zero()) report("slow_rate", "\"slow_call\"");
}

BreakerSettings read_object(ObjectReader reader, Problems& problems) {
  constexpr Choice<BreakerScope> kScopes[] = {{"endpoint", BreakerScope::Endpoint},
                                              {"service", BreakerScope::Service}};
  const std::size_t problems_before = problems.size();
  BreakerSettings settings;
  BreakerOptions& options = settings.options;
  if (reader.find("failure_threshold") != nullptr) options = {};
  set(settings.scope, reader.choice("scope", kScopes));
  read_triggers(reader, options);
  read_growing_time(
      reader, {.key = "reset_timeout", .max_key = "reset_timeout_max", .min = 1ms, .max = kMaxTime},
      options.reset_timeout, options.reset_timeout_max, problems);
  set(options.jitter, reader.number("jitter", 0, 1));
  set(options.half_open_calls, reader.integer("half_open_calls", 1, CircuitBreaker::kMaxProbes));
  set(options.success_threshold, reader.integer("success_threshold", 1, kMaxCount));
  set(options.shadow, reader.boolean("shadow"));
  read_failures(Section(reader, "failures", Scope::BreakerFailures, problems), options.failures);
  if (problems.size() == problems_before) report_without_effect(reader, options, problems);
  if (const Value* scope = reader.find("scope")) settings.scope_place = reader.place_of(*scope);
  if (const Value* slow = reader.find("slow_call")) {
    settings.slow_call_place = reader.place_of(*slow);
  }
  return settings;
}

}  // namespace

std::optional<Placed<BreakerSettings>> read_breaker(ObjectReader& parent, Problems& problems) {
  const Value* member = parent.find("breaker");
  if (member == nullptr) return std::nullopt;
  Placed<BreakerSettings> breaker = {.value = {}, .place = parent.place_of(*member)};
  if (member->type == Value::Type::Object) {
    breaker.value = read_object(ObjectReader(*member, Scope::Breaker, problems), problems);
  } else if (member->type == Value::Type::Bool && !member->boolean) {
    breaker.value.scope = BreakerScope::Off;
  } else if (member->text == "platform") {
    breaker.value.options = {};
  } else if (member->text != "rates") {
    constexpr std::string_view kNames[] = {"platform", "rates"};
    parent.wrong(*member, "breaker", "false, \"platform\", \"rates\" or an object",
                 nearest(member->text, kNames));
  }
  return breaker;
}

}  // namespace usher::config
