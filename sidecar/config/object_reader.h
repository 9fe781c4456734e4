// ObjectReader: one object of the configuration, its members read by name and checked.
//
// Each function returns nothing when the member is absent or wrong; a wrong one is reported.
//
// Thread: main. Borrows the value, which must outlive it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "config/config_keys.h"
#include "config/json_reader.h"
#include "config/problem.h"

namespace usher::config {

template <typename T>
struct Choice {
  std::string_view name;
  T value;
};

class ObjectReader {
 public:
  // Reports members that `scope` does not know. A `value` that is no object is reported, and reads
  // as empty.
  ObjectReader(const Value& value, Scope scope, Problems& problems);

  Place place() const { return config::place_of(object_); }
  Place place_of(const Value& value) const { return config::place_of(value); }

  // The member, or null. `require` reports its absence.
  const Value* find(std::string_view key) const { return object_.find(key); }
  const Value* require(std::string_view key);

  std::optional<bool> boolean(std::string_view key);
  std::optional<std::uint64_t> integer(std::string_view key, std::uint64_t min, std::uint64_t max);
  // A whole number or one with a fraction.
  std::optional<double> number(std::string_view key, double min, double max);
  std::optional<Duration> duration(std::string_view key, Duration min, Duration max);
  std::optional<std::size_t> size(std::string_view key, std::size_t min, std::size_t max);

  template <typename T, std::size_t N>
  std::optional<T> choice(std::string_view key, const Choice<T> (&choices)[N]) {
    const Value* member = find(key);
    return member == nullptr ? std::nullopt : choice_of(*member, key, choices);
  }
  // The same of a `value` that is part of the member.
  template <typename T, std::size_t N>
  std::optional<T> choice_of(const Value& value, std::string_view key,
                             const Choice<T> (&choices)[N]) {
    std::vector<std::string_view> names;
    for (const Choice<T>& choice : choices) names.push_back(choice.name);
    const auto index = choice_index(value, key, names);
    return index ? std::optional<T>(choices[*index].value) : std::nullopt;
  }

  // `value` when it is a string, else null and a problem that says what `wanted` is.
  const std::string* text_of(const Value& value, std::string_view key, std::string_view wanted);
  // The member as a string.
  const std::string* text(std::string_view key, std::string_view wanted);
  // The elements of a list member that is not empty.
  std::span<const Value> list(std::string_view key, std::string_view wanted);
  // The same of one that may be.
  std::optional<std::span<const Value>> any_list(std::string_view key, std::string_view wanted);

  // Reports a `value` that is not as it should be; `close`: what it may be a misspelling of.
  void wrong(const Value& value, std::string_view key, std::string_view wanted,
             std::string_view close = {});
  void not_one_of(const Value& value, std::string_view key,
                  std::span<const std::string_view> names);

 private:
  std::optional<std::size_t> choice_index(const Value& value, std::string_view key,
                                          std::span<const std::string_view> names);

  const Value& object_;
  Scope scope_;
  Problems& problems_;
};

// The object under `key` of another one, or an empty one.
class Section : public ObjectReader {
 public:
  Section(const ObjectReader& parent, std::string_view key, Scope scope, Problems& problems)
      : ObjectReader(value_of(parent, key), scope, problems) {}

 private:
  static const Value& value_of(const ObjectReader& parent, std::string_view key) {
    const Value* value = parent.find(key);
    return value == nullptr ? empty_object() : *value;
  }
};

// What was read, where there is something. The reader has checked its range.
template <typename T, typename U>
void set(T& target, const std::optional<U>& value) {
  if (value) target = static_cast<T>(*value);
}

// True for a-z, 0-9 and '-', 1 to 64 of them: names of services, endpoints and consumers.
bool is_service_name(std::string_view name);
inline constexpr std::string_view kNameWanted = "a name of 1 to 64 of a-z, 0-9 and -";

// The names of the keys that `scope` knows.
std::span<const std::string_view> keys_of(Scope scope);

}  // namespace usher::config
