#include "config/option_readers.h"

#include <algorithm>

#include "config/units.h"

namespace usher::config {

std::optional<FailureKinds> read_failure_kinds(ObjectReader& reader) {
  constexpr Choice<bool FailureKinds::*> kKinds[] = {
      {"connect-failure", &FailureKinds::not_sent},
      {"reset-before-response", &FailureKinds::reset},
      {"timeout", &FailureKinds::timeout},
      {"bad-answer", &FailureKinds::bad_answer}};
  const auto words = reader.any_list("on", R"(a list such as ["connect-failure", "timeout"])");
  if (!words) return std::nullopt;
  FailureKinds kinds;
  for (const Value& word : *words) {
    if (const auto kind = reader.choice_of(word, "on", kKinds)) kinds.*(*kind) = true;
  }
  return kinds;
}

std::optional<policy::StatusSet> read_statuses(ObjectReader& reader, std::string_view key, int min,
                                               int max) {
  const auto values = reader.any_list(key, "a list such as [503, 504]");
  if (!values) return std::nullopt;
  policy::StatusSet statuses;
  for (const Value& value : *values) {
    if (value.type == Value::Type::Integer && value.integer >= min && value.integer <= max) {
      statuses.add(static_cast<int>(value.integer));
    } else {
      reader.wrong(value, key,
                   "statuses from " + std::to_string(min) + " to " + std::to_string(max));
    }
  }
  return statuses;
}

void read_growing_time(ObjectReader& reader, const GrowingTime& keys, Duration& time,
                       Duration& time_max, Problems& problems) {
  set(time, reader.duration(keys.key, keys.min, keys.max));
  const auto bound = reader.duration(keys.max_key, keys.min, keys.max);
  if (bound && *bound < time) {
    problems.add(reader.place_of(*reader.find(keys.max_key)),
                 in_quotes(keys.max_key) + " of " + format_duration(*bound) + " is shorter than " +
                     in_quotes(keys.key) + " of " + format_duration(time) + "; raise it or lower " +
                     in_quotes(keys.key));
  }
  time_max = std::max(time, bound.value_or(time_max));
}

}  // namespace usher::config
