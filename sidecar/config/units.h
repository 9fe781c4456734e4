// Durations and sizes as the configuration writes them: a whole number and a unit.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace usher::config {

// "250ms", "5s", "1m", "1h".
std::optional<Duration> parse_duration(std::string_view text);
// "512B", "64KiB", "1MiB", "1GiB".
std::optional<std::size_t> parse_size(std::string_view text);

// As the functions above read them, in the largest unit that leaves no remainder.
std::string format_duration(Duration duration);
std::string format_size(std::size_t bytes);

}  // namespace usher::config
