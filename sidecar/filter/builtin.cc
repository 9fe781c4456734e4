// The plugins that are linked in. Each is loaded once, when the first scheme is looked up, and
// stays.
#include <usher/builtin.h>

#include <array>

#include "filter/plugin_host.h"
#include "filter/signer.h"

namespace usher::filter {
namespace {

constexpr std::array<usher_plugin_v1_fn, 3> kPlugins = {
    usher_plugin_hmac_v1,
    usher_plugin_service_jwt_v1,
    usher_plugin_api_key_v1,
};

std::vector<const usher_signer_v1*> load_schemes() {
  std::vector<const usher_signer_v1*> schemes;
  for (const usher_plugin_v1_fn plugin : kPlugins) {
    const usher_plugin_table_v1* table = plugin();
    if (table->load != nullptr && table->load(&host_table()) != 0) continue;
    for (std::size_t i = 0; i < table->signer_count; ++i) {
      if (is_complete(*table->signers[i])) schemes.push_back(table->signers[i]);
    }
  }
  return schemes;
}

const std::vector<const usher_signer_v1*>& schemes() {
  static const std::vector<const usher_signer_v1*> kSchemes = load_schemes();
  return kSchemes;
}

std::string_view name_of(const usher_signer_v1& table) {
  return {table.scheme.data, table.scheme.size};
}

}  // namespace

const usher_signer_v1* find_scheme(std::string_view name) {
  for (const usher_signer_v1* table : schemes()) {
    if (name_of(*table) == name) return table;
  }
  return nullptr;
}

std::vector<std::string_view> scheme_names() {
  std::vector<std::string_view> names;
  for (const usher_signer_v1* table : schemes()) names.push_back(name_of(*table));
  names.emplace_back("none");
  return names;
}

}  // namespace usher::filter
