// What several policy objects have in common: lists of failures and of statuses, a time and the
// bound that it grows to.
//
// Thread: main.
#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"
#include "config/object_reader.h"
#include "policy/status_set.h"

namespace usher::config {

// How an attempt may fail without an answer, by the words of an "on" list.
struct FailureKinds {
  bool not_sent = false;    // "connect-failure"
  bool reset = false;       // "reset-before-response"
  bool timeout = false;     // "timeout"
  bool bad_answer = false;  // "bad-answer"
};
std::optional<FailureKinds> read_failure_kinds(ObjectReader& reader);

// A list of whole numbers from `min` to `max`.
std::optional<policy::StatusSet> read_statuses(ObjectReader& reader, std::string_view key, int min,
                                               int max);

struct GrowingTime {
  std::string_view key;      // of where it begins
  std::string_view max_key;  // of its bound
  Duration min;              // that either may be
  Duration max;
};
// Reads both over what `time` and `time_max` are. A bound that is not written is raised to the
// time; a written one that is less is a mistake.
void read_growing_time(ObjectReader& reader, const GrowingTime& keys, Duration& time,
                       Duration& time_max, Problems& problems);

}  // namespace usher::config
