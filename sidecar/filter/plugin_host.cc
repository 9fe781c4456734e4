#include "filter/plugin_host.h"

#include <cstddef>
#include <string_view>

#include "base/bytes.h"
#include "filter/signer.h"

namespace usher::filter {
namespace {

std::string_view view(usher_plugin_str text) {
  return text.size == 0 ? std::string_view() : std::string_view(text.data, text.size);
}

int secret(usher_context* context, usher_plugin_str key, int strength, usher_host_str* value) {
  const Secret* found = context->answers.secret(view(key), strength);
  if (found == nullptr) return 1;
  *value = {.data = found->reveal().data(), .size = found->size()};
  return 0;
}

void config_error(usher_context* context, usher_plugin_str key, usher_plugin_str message) {
  context->failed = true;
  context->answers.error(view(key), view(message));
}

// The first reason stays: what follows is usually its consequence.
void fail_sign(usher_sign_output& output, std::string_view why, std::string_view name) {
  if (output.failed && !output.reason.empty()) return;
  output.failed = true;
  output.reason.assign(why);
  if (!name.empty()) output.reason.append(": ").append(name);
}

// A plugin nearly always spells a name as it announced it.
bool is_same_name(std::string_view announced, std::string_view name) {
  return announced == name || equals_ignoring_case(announced, name);
}

void add_header(usher_sign_output* output, usher_plugin_str name, usher_plugin_str value) {
  // The names were checked when the signer was configured, so a name that is among them is a token.
  std::size_t position = 0;
  while (position < output->allowed_names.size() &&
         !is_same_name(output->allowed_names[position], view(name))) {
    ++position;
  }
  if (position == output->allowed_names.size()) {
    return fail_sign(*output, "the plugin added a header that it did not announce", {});
  }
  const std::string& announced = output->allowed_names[position];
  const std::uint32_t bit = 1U << position;
  if ((output->added & bit) != 0) {
    return fail_sign(*output, "the plugin added a header twice", announced);
  }
  if (!http::is_field_value(view(value))) {
    return fail_sign(*output, "the plugin gave a header bytes that no header may have", announced);
  }
  output->added |= bit;
  output->writer.trusted_field(view(name), view(value));
}

void sign_error(usher_sign_output* output, usher_plugin_str message) {
  fail_sign(*output, view(message), {});
}

void explain_text(usher_explain_output* output, usher_plugin_str name, usher_plugin_str text) {
  output->texts.emplace_back(view(name), view(text));
}

constexpr usher_host_v1 kHost = {
    .struct_size = sizeof(usher_host_v1),
    .abi_minor = USHER_PLUGIN_ABI_MINOR,
    .secret = secret,
    .config_error = config_error,
    .add_header = add_header,
    .sign_error = sign_error,
    .explain_text = explain_text,
};

}  // namespace

const usher_host_v1& host_table() {
  return kHost;
}

bool is_complete(const usher_signer_v1& table) {
  return table.struct_size >= offsetof(usher_signer_v1, destroy) + sizeof table.destroy &&
         table.configure != nullptr && table.info != nullptr && table.open != nullptr &&
         table.sign != nullptr && table.close != nullptr && table.destroy != nullptr;
}

}  // namespace usher::filter
