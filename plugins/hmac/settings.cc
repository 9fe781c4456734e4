#include "hmac/settings.h"

#include <array>

#include "common/spelling.h"
#include "hmac/presets.h"

namespace usher::plugins {
namespace {

constexpr std::array<std::string_view, 11> kMembers = {
    "preset", "secret",     "payload",    "headers",         "timestamp_unit", "nonce_format",
    "body",   "empty_body", "empty_when", "empty_body_hash", "encoding"};

void read_preset(Config& config, Settings& settings) {
  if (const auto name = config.text("preset")) {
    if (!apply_preset(*name, settings)) {
      config.error("preset", unknown_name("preset", *name, preset_names()));
    }
  } else if (!config.has("payload") && !config.has("preset")) {
    config.error("", "give a preset (" + join_names(preset_names()) + ") or a payload");
  }
}

void read_words(Config& config, Settings& settings) {
  static constexpr Choice<TimestampUnit> kUnits[] = {{"ms", TimestampUnit::Milliseconds},
                                                     {"s", TimestampUnit::Seconds}};
  static constexpr Choice<NonceFormat> kNonces[] = {{"uuid", NonceFormat::Uuid},
                                                    {"hex", NonceFormat::Hex}};
  static constexpr Choice<Encoding> kEncodings[] = {{"hex", Encoding::Hex},
                                                    {"base64", Encoding::Base64}};
  static constexpr Choice<BodyForm> kForms[] = {
      {"raw", BodyForm::Raw}, {"js", BodyForm::Js}, {"sorted", BodyForm::Sorted}};
  static constexpr Choice<EmptyWhen> kWhens[] = {
      {"absent", EmptyWhen::Absent}, {"null", EmptyWhen::Null}, {"falsy", EmptyWhen::Falsy}};
  static constexpr Choice<EmptyBodyHash> kHashes[] = {{"", EmptyBodyHash::EmptyText},
                                                      {"sha256", EmptyBodyHash::Sha256}};
  config.choose("timestamp_unit", kUnits, settings.timestamp_unit);
  config.choose("nonce_format", kNonces, settings.nonce_format);
  config.choose("encoding", kEncodings, settings.encoding);
  config.choose("body", kForms, settings.body);
  config.choose("empty_when", kWhens, settings.empty_when);
  config.choose("empty_body_hash", kHashes, settings.empty_body_hash);
  if (const auto text = config.text("empty_body")) settings.empty_body = *text;
}

void read_headers(Config& config, HeaderNames& headers) {
  const std::array<HeaderSlot, 6> slots = {{{"service", &headers.service},
                                            {"timestamp", &headers.timestamp},
                                            {"nonce", &headers.nonce},
                                            {"signature", &headers.signature},
                                            {"body_hash", &headers.body_hash},
                                            {"key", &headers.key}}};
  config.header_names("headers", slots);
  if (headers.signature.empty()) {
    config.error("headers", "\"signature\" must have a header, the scheme is about nothing else");
  }
}

}  // namespace

void Settings::drop_unused_headers() {
  if (!payload.uses(Field::Nonce)) headers.nonce.clear();
  if (!payload.uses(Field::BodyHash)) headers.body_hash.clear();
}

Config open_config(const usher_host_v1* host, usher_context* context, usher_host_str json) {
  return Config(host, context, json, kMembers);
}

Settings read_settings(Config& config, std::string_view service) {
  Settings settings;
  read_preset(config, settings);
  read_words(config, settings);
  read_headers(config, settings.headers);
  if (const auto text = config.text("payload")) settings.payload_text = *text;
  if (config.has("payload") && settings.payload_text.empty()) {
    config.error("payload", "an empty payload signs nothing; see {service}:{timestamp}:{target}");
  }
  const std::string wrong = settings.payload.parse(settings.payload_text, service);
  if (!wrong.empty()) config.error("payload", wrong);
  if (settings.body == BodyForm::Raw && settings.empty_when != EmptyWhen::Absent) {
    config.error("empty_when", "\"body\": \"raw\" does not look into the body; use \"js\"");
  }
  settings.drop_unused_headers();
  return settings;
}

}  // namespace usher::plugins
