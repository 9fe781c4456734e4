// "retry" and usher.json's "retry_presets".
//
// Thread: main.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/object_reader.h"
#include "policy/retry_policy.h"

namespace usher::config {

// What a preset's name stands for: the platform's five, and what usher.json adds or changes.
class RetryPresets {
 public:
  RetryPresets();

  // Null for a name that nobody has given a meaning.
  const policy::RetryOptions* find(std::string_view name) const;
  void set(std::string_view name, const policy::RetryOptions& options);
  std::vector<std::string_view> names() const;

  // usher.json's could not be read, so that a strange name is no mistake of whoever uses it.
  void set_incomplete() { complete_ = false; }
  bool complete() const { return complete_; }

 private:
  std::vector<std::pair<std::string, policy::RetryOptions>> presets_;
  bool complete_ = true;
};

// Adds those of usher.json in their order, so that one may be the "preset" of those behind it.
void read_retry_presets(ObjectReader& usher, RetryPresets& presets, Problems& problems);

// The "retry" of an object with policy keys.
std::optional<policy::RetryOptions> read_retry(ObjectReader& parent, const RetryPresets& presets,
                                               Problems& problems);

}  // namespace usher::config
