#include "config/owner_settings.h"

#include "config/option_readers.h"

namespace usher::config {
namespace {

constexpr std::uint64_t kMaxCalls = 1'000'000;
constexpr Duration kMaxTime = std::chrono::hours(1);

void report_without_effect(const ObjectReader& reader, const policy::ConcurrencyOptions& options,
                           Problems& problems) {
  const auto report = [&](std::string_view key, const std::string& why) {
    const Value* member = reader.find(key);
    if (member == nullptr) return;
    problems.add(reader.place_of(*member), in_quotes(key) + " has no effect " + why);
  };
  if (options.max_concurrent == 0) {
    const std::string why = "without a limit; leave it out or write \"max\" too";
    report("queue", why);
    report("queue_timeout", why);
  } else if (options.max_queue == 0) {
    report("queue_timeout", "without a queue; leave it out or raise \"queue\"");
  }
}

void read_retry_budget(ObjectReader reader, policy::RetryBudgetOptions& budget) {
  set(budget.share, reader.number("share", 0, 1));
  set(budget.floor_per_second, reader.number("floor_per_second", 0, kMaxCalls));
  set(budget.window, reader.duration("window", 100ms, kMaxTime));
}

void read_outlier(ObjectReader& service, policy::OutlierOptions& outlier, Problems& problems) {
  const Value* member = service.find("outlier");
  if (member == nullptr) return;
  if (member->type != Value::Type::Object) {
    outlier.failures = 0;
    if (member->type != Value::Type::Bool || member->boolean) {
      service.wrong(*member, "outlier", "false or an object");
    }
    return;
  }
  ObjectReader reader(*member, Scope::Outlier, problems);
  set(outlier.failures, reader.integer("failures", 1, 1000));
  read_growing_time(
      reader, {.key = "ejection_time", .max_key = "ejection_time_max", .min = 1ms, .max = kMaxTime},
      outlier.ejection_time, outlier.ejection_time_max, problems);
  set(outlier.jitter, reader.number("jitter", 0, 1));
}

}  // namespace

std::optional<Placed<ConcurrencySettings>> read_concurrency(ObjectReader& parent,
                                                            std::string_view key,
                                                            Problems& problems) {
  const Value* member = parent.find(key);
  if (member == nullptr) return std::nullopt;
  const std::size_t problems_before = problems.size();
  Placed<ConcurrencySettings> concurrency = {.value = {}, .place = parent.place_of(*member)};
  policy::ConcurrencyOptions& options = concurrency.value.options;
  ObjectReader reader(*member, Scope::Concurrency, problems);
  set(options.max_concurrent, reader.integer("max", 0, kMaxCalls));
  set(options.max_queue, reader.integer("queue", 0, kMaxCalls));
  set(options.queue_timeout, reader.duration("queue_timeout", 1ms, kMaxTime));
  if (const Value* timeout = reader.find("queue_timeout")) {
    concurrency.value.queue_timeout_place = reader.place_of(*timeout);
  }
  if (problems.size() == problems_before) report_without_effect(reader, options, problems);
  return concurrency;
}

void read_owner_settings(ObjectReader& service, upstream::ClusterOptions& cluster,
                         Problems& problems) {
  if (const auto limit = read_concurrency(service, "owner_concurrency", problems)) {
    cluster.concurrency = limit->value.options;
  }
  read_retry_budget(Section(service, "retry_budget", Scope::RetryBudget, problems),
                    cluster.retry_budget);
  read_outlier(service, cluster.outlier, problems);
}

}  // namespace usher::config
