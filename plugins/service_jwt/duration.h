// Durations as text: digits and a unit, "15m".
#ifndef USHER_PLUGINS_SERVICE_JWT_DURATION_H
#define USHER_PLUGINS_SERVICE_JWT_DURATION_H

#include <cstdint>
#include <optional>
#include <string_view>

namespace usher::plugins {

// Milliseconds. The units are ms, s, m, h and d. Nothing when the text is anything else, or longer
// than ten years.
std::optional<int64_t> parse_duration_ms(std::string_view text);

}  // namespace usher::plugins

#endif  // USHER_PLUGINS_SERVICE_JWT_DURATION_H
