// The scheme "api-key": two headers that never change, one with the key and one that says that a
// service calls. The signer is immutable, so the workers share it and have no state of their own.
#include <array>
#include <memory>
#include <string>

#include <usher/builtin.h>
#include "common/abi.h"
#include "common/config.h"
#include "common/http_text.h"
#include "common/secret_text.h"

namespace usher::plugins {
namespace {

constexpr std::array<std::string_view, 3> kMembers = {"key", "headers", "service_value"};
constexpr std::string_view kServicePlaceholder = "{service}";

struct Signer {
  const usher_host_v1* host = nullptr;
  std::string service_header = "x-internal-service";
  std::string key_header = "x-internal-api-key";
  std::string service_value = "true";
  SecretText key;
  std::array<usher_plugin_str, 2> header_names{};  // those above, without the empty one
  size_t header_count = 0;
};

void read_headers(Config& config, Signer& signer) {
  const std::array<HeaderSlot, 2> slots = {
      {{"service", &signer.service_header}, {"key", &signer.key_header}}};
  config.header_names("headers", slots);
  if (signer.key_header.empty()) config.error("headers", "\"key\" must have a header");
  for (const std::string* name : {&signer.service_header, &signer.key_header}) {
    if (!name->empty()) signer.header_names[signer.header_count++] = plugin_str(*name);
  }
}

void read_service_value(Config& config, Signer& signer, std::string_view service) {
  if (const std::optional<std::string> text = config.text("service_value")) {
    signer.service_value = *text;
  }
  std::string& value = signer.service_value;
  for (size_t at = 0; (at = value.find(kServicePlaceholder, at)) != std::string::npos;) {
    value.replace(at, kServicePlaceholder.size(), service);
    at += service.size();
  }
  if (value.find_first_of("{}") != std::string::npos) {
    config.error("service_value", "the only placeholder is {service}");
  } else if (!is_field_value(value)) {
    config.error("service_value",
                 "a header must carry this: text without line breaks, control "
                 "characters or outer spaces; \"headers\": {\"service\": null} "
                 "leaves the header out");
  }
}

void read_key(Config& config, Signer& signer) {
  const std::optional<std::string_view> key = config.secret("key", USHER_SECRET_SHARED);
  if (!key) return;
  if (!is_field_value(*key)) {
    config.error("key",
                 "a header must carry this key: no line breaks, no control characters, no "
                 "space at its ends");
  }
  signer.key.assign(*key);
}

// --- the interface -----------------------------------------------------------------------------

int configure(const usher_host_v1* host, usher_context* context, usher_host_str json,
              usher_host_str consumer, int64_t /*now_ms*/, void** result) noexcept {
  Config config(host, context, json, kMembers);
  auto signer = std::make_unique<Signer>();
  signer->host = host;
  read_headers(config, *signer);
  read_service_value(config, *signer, view(consumer));
  read_key(config, *signer);
  if (!config.ok()) return 1;
  *result = signer.release();
  return 0;
}

void info(void* object, usher_signer_info* info) noexcept {
  const auto& signer = *static_cast<const Signer*>(object);
  info->needs = 0;
  info->header_names = signer.header_names.data();
  info->header_count = signer.header_count;
}

void* open(void* object) noexcept {
  return object;
}

int sign(void* opened, const usher_sign_input*, usher_sign_output* output) noexcept {
  const auto& signer = *static_cast<const Signer*>(opened);
  if (!signer.service_header.empty()) {
    signer.host->add_header(output, plugin_str(signer.service_header),
                            plugin_str(signer.service_value));
  }
  signer.host->add_header(output, plugin_str(signer.key_header), plugin_str(signer.key.view()));
  return 0;
}

void close(void*) noexcept {}

void destroy(void* object) noexcept {
  delete static_cast<Signer*>(object);
}

constexpr usher_signer_v1 kSigner = {sizeof(usher_signer_v1),
                                     0,
                                     plugin_str("api-key"),
                                     configure,
                                     info,
                                     open,
                                     sign,
                                     close,
                                     nullptr,
                                     nullptr,
                                     destroy,
                                     nullptr};
constexpr const usher_signer_v1* kSigners[] = {&kSigner};
constexpr usher_plugin_table_v1 kTable = plugin_table("api-key", kSigners);

}  // namespace
}  // namespace usher::plugins

extern "C" const usher_plugin_table_v1* usher_plugin_api_key_v1(void) {
  return &usher::plugins::kTable;
}
