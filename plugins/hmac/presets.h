// The forms of signature that the platform's services use, by name.
#ifndef USHER_PLUGINS_HMAC_PRESETS_H
#define USHER_PLUGINS_HMAC_PRESETS_H

#include <span>
#include <string_view>

#include "hmac/settings.h"

namespace usher::plugins {

std::span<const std::string_view> preset_names();

// Makes `settings` those of the preset; false when there is none of that name.
bool apply_preset(std::string_view name, Settings& settings);

}  // namespace usher::plugins

#endif  // USHER_PLUGINS_HMAC_PRESETS_H
