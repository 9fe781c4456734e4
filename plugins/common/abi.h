// Strings of the plugin interface (usher/plugin.h) as std::string_view and back. Nothing is copied,
// so ownership is what usher/plugin.h says for the type at hand.
#ifndef USHER_PLUGINS_COMMON_ABI_H
#define USHER_PLUGINS_COMMON_ABI_H

#include <usher/plugin.h>

#include <cstddef>
#include <string_view>

namespace usher::plugins {

inline std::string_view view(usher_host_str text) {
  return text.size == 0 ? std::string_view() : std::string_view(text.data, text.size);
}

constexpr usher_plugin_str plugin_str(std::string_view text) {
  return {text.data(), text.size()};
}

// The table of a shipped plugin: schemes and nothing else. `signers` must live as long as the
// process.
template <std::size_t kCount>
constexpr usher_plugin_table_v1 plugin_table(std::string_view name,
                                             const usher_signer_v1* const (&signers)[kCount]) {
  return {sizeof(usher_plugin_table_v1),
          USHER_PLUGIN_ABI_MINOR,
          plugin_str(name),
          plugin_str("1.0"),
          nullptr,
          nullptr,
          signers,
          kCount};
}

}  // namespace usher::plugins

#endif  // USHER_PLUGINS_COMMON_ABI_H
