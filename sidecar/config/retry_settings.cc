#include "config/retry_settings.h"

#include <algorithm>

#include "config/option_readers.h"
#include "config/spelling.h"

namespace usher::config {
namespace {

using policy::RetryOptions;

constexpr std::string_view kPlatformPresets[] = {"none", "fast", "standard", "aggressive",
                                                 "patient"};
constexpr Duration kMaxDelay = std::chrono::hours(1);

// What `value`, which is the preset's name, stands for; nothing after a mistake.
std::optional<RetryOptions> preset_of(ObjectReader& reader, const Value& value,
                                      std::string_view key, const RetryPresets& presets,
                                      Problems& problems) {
  const auto names = presets.names();
  const std::string* name = reader.text_of(value, key, "one of " + list_of(names));
  if (name == nullptr) return std::nullopt;
  if (const RetryOptions* options = presets.find(*name)) return *options;
  if (!presets.complete()) return std::nullopt;
  const std::string_view close = nearest(*name, names);
  std::string message = in_quotes(key) + ": there is no preset " + in_quotes(*name);
  if (!close.empty()) message += "; did you mean " + in_quotes(close) + "?";
  problems.add(reader.place_of(value), message + (close.empty() ? "; expected" : " Expected") +
                                           " one of " + list_of(names));
  return std::nullopt;
}

void report_without_effect(const ObjectReader& reader, Problems& problems) {
  for (const std::string_view key :
       {"initial_delay", "max_delay", "on", "statuses", "retry_after_max"}) {
    const Value* member = reader.find(key);
    if (member == nullptr) continue;
    problems.add(reader.place_of(*member),
                 in_quotes(key) +
                     " has no effect on a call with one attempt, which is never tried again; "
                     "leave it out or raise \"attempts\"");
  }
}

RetryOptions read_object(ObjectReader reader, const RetryPresets& presets, Problems& problems) {
  RetryOptions options;
  if (const Value* base = reader.find("preset")) {
    set(options, preset_of(reader, *base, "preset", presets, problems));
  }
  set(options.attempts, reader.integer("attempts", 1, 10));
  read_growing_time(
      reader,
      {.key = "initial_delay", .max_key = "max_delay", .min = Duration::zero(), .max = kMaxDelay},
      options.backoff.initial_delay, options.backoff.max_delay, problems);
  if (const auto kinds = read_failure_kinds(reader)) {
    options.on_not_sent = kinds->not_sent;
    options.on_reset = kinds->reset;
    options.on_timeout = kinds->timeout;
    options.on_bad_answer = kinds->bad_answer;
  }
  set(options.statuses, read_statuses(reader, "statuses", 400, 599));
  set(options.retry_after_max, reader.duration("retry_after_max", Duration::zero(), kMaxDelay));
  if (options.attempts == 1) report_without_effect(reader, problems);
  return options;
}

}  // namespace

RetryPresets::RetryPresets() {
  for (const std::string_view name : kPlatformPresets) set(name, *policy::retry_preset(name));
}

const RetryOptions* RetryPresets::find(std::string_view name) const {
  const auto found = std::find_if(presets_.begin(), presets_.end(),
                                  [&](const auto& preset) { return preset.first == name; });
  return found == presets_.end() ? nullptr : &found->second;
}

void RetryPresets::set(std::string_view name, const RetryOptions& options) {
  const auto found = std::find_if(presets_.begin(), presets_.end(),
                                  [&](const auto& preset) { return preset.first == name; });
  if (found == presets_.end()) {
    presets_.emplace_back(name, options);
  } else {
    found->second = options;
  }
}

std::vector<std::string_view> RetryPresets::names() const {
  std::vector<std::string_view> names;
  for (const auto& [name, options] : presets_) names.push_back(name);
  return names;
}

void read_retry_presets(ObjectReader& usher, RetryPresets& presets, Problems& problems) {
  const Value* member = usher.find("retry_presets");
  if (member == nullptr) return;
  if (member->type != Value::Type::Object) {
    usher.wrong(*member, "retry_presets", "an object of named retry objects");
    presets.set_incomplete();
    return;
  }
  for (const Value& preset : member->children) {
    if (!is_service_name(preset.name)) {
      problems.add(name_place_of(preset), "a preset cannot be called " + in_quotes(preset.name) +
                                              "; expected " + std::string(kNameWanted));
    }
    presets.set(preset.name,
                read_object(ObjectReader(preset, Scope::Retry, problems), presets, problems));
  }
}

std::optional<RetryOptions> read_retry(ObjectReader& parent, const RetryPresets& presets,
                                       Problems& problems) {
  const Value* member = parent.find("retry");
  if (member == nullptr) return std::nullopt;
  if (member->type == Value::Type::String) {
    return preset_of(parent, *member, "retry", presets, problems);
  }
  if (member->type != Value::Type::Object) {
    parent.wrong(*member, "retry", "a preset's name or an object");
    return std::nullopt;
  }
  return read_object(ObjectReader(*member, Scope::Retry, problems), presets, problems);
}

}  // namespace usher::config
