#include "hmac/presets.h"

#include <algorithm>
#include <array>

namespace usher::plugins {
namespace {

struct Headers {
  std::string_view service, timestamp, nonce, signature, body_hash, key;
};

struct Preset {
  std::string_view payload;
  Headers headers;
  NonceFormat nonce_format = NonceFormat::Uuid;
  BodyForm body = BodyForm::Raw;
  std::string_view empty_body = {};
  EmptyWhen empty_when = EmptyWhen::Absent;
};

constexpr Headers kInternal = {.service = "x-internal-service",
                               .timestamp = "x-internal-timestamp",
                               .nonce = "x-internal-nonce",
                               .signature = "x-internal-signature",
                               .body_hash = "x-internal-body-hash",
                               .key = {}};
constexpr Headers kShortTimestamp = {.service = "x-internal-service",
                                     .timestamp = "x-timestamp",
                                     .nonce = {},
                                     .signature = "x-internal-signature",
                                     .body_hash = {},
                                     .key = {}};
constexpr Headers kOrderNonce = {.service = "x-service-name",
                                 .timestamp = "x-request-timestamp",
                                 .nonce = "x-request-nonce",
                                 .signature = "x-internal-auth",
                                 .body_hash = {},
                                 .key = {}};
constexpr Headers kIntegration = {.service = "x-service-name",
                                  .timestamp = "x-request-timestamp",
                                  .nonce = {},
                                  .signature = "x-request-signature",
                                  .body_hash = {},
                                  .key = "x-internal-service-key"};
constexpr Headers kWebhook = {.service = {},
                              .timestamp = "x-webhook-timestamp",
                              .nonce = "x-webhook-nonce",
                              .signature = "x-internal-signature",
                              .body_hash = {},
                              .key = {}};

constexpr size_t kCount = 11;

constexpr std::array<std::string_view, kCount> kNames = {
    "ticket",      "venue",     "payment",     "gateway", "blockchain", "minting",
    "order-nonce", "analytics", "integration", "webhook", "standard"};

// In the order of kNames.
constexpr std::array<Preset, kCount> kPresets = {{
    {.payload = "{service}:{timestamp}:{target}", .headers = kInternal},
    {.payload = "{service}:{timestamp}:{method}:{target}", .headers = kInternal},
    {.payload = "{service}:{timestamp}:{method}:{target}:{body}",
     .headers = kInternal,
     .body = BodyForm::Js,
     .empty_body = "undefined"},
    {.payload = "{service}:{timestamp}:{method}:{path}:{body}",
     .headers = kInternal,
     .body = BodyForm::Js,
     .empty_body = "{}",
     .empty_when = EmptyWhen::Falsy},
    {.payload = "{service}:{timestamp}:{body}",
     .headers = kShortTimestamp,
     .body = BodyForm::Js,
     .empty_body = "{}",
     .empty_when = EmptyWhen::Falsy},
    {.payload = "{service}:{timestamp}:{body}",
     .headers = kShortTimestamp,
     .body = BodyForm::Js,
     .empty_body = "undefined"},
    {.payload = "{service}:{timestamp}:{nonce}:{method}:{target}",
     .headers = kOrderNonce,
     .nonce_format = NonceFormat::Hex},
    {.payload = "{service}:{timestamp}:{method}:{target}:{body}", .headers = kInternal},
    {.payload = "{service}:{timestamp}:{method}:{target}", .headers = kIntegration},
    {.payload = "{timestamp}:{nonce}:{body}", .headers = kWebhook, .body = BodyForm::Sorted},
    {.payload = "{service}:{timestamp}:{nonce}:{method}:{target}:{bodyHash}",
     .headers = kInternal,
     .body = BodyForm::Js,
     .empty_when = EmptyWhen::Null},
}};

}  // namespace

std::span<const std::string_view> preset_names() {
  return kNames;
}

bool apply_preset(std::string_view name, Settings& settings) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return false;
  const Preset& preset = kPresets[static_cast<size_t>(found - kNames.begin())];
  settings.payload_text = preset.payload;
  settings.headers = {.service = std::string(preset.headers.service),
                      .timestamp = std::string(preset.headers.timestamp),
                      .nonce = std::string(preset.headers.nonce),
                      .signature = std::string(preset.headers.signature),
                      .body_hash = std::string(preset.headers.body_hash),
                      .key = std::string(preset.headers.key)};
  settings.nonce_format = preset.nonce_format;
  settings.body = preset.body;
  settings.empty_body = preset.empty_body;
  settings.empty_when = preset.empty_when;
  return true;
}

}  // namespace usher::plugins
