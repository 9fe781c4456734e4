// Strings of the plugin interface (usher/plugin.h) as std::string_view and back. Nothing is copied,
// so ownership is what usher/plugin.h says for the type at hand.
#ifndef USHER_PLUGINS_COMMON_ABI_H
#define USHER_PLUGINS_COMMON_ABI_H

#include <usher/plugin.h>

#include <string_view>

namespace usher::plugins {

inline std::string_view view(usher_host_str text) {
  return text.size == 0 ? std::string_view() : std::string_view(text.data, text.size);
}

constexpr usher_plugin_str plugin_str(std::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace usher::plugins

#endif  // USHER_PLUGINS_COMMON_ABI_H
