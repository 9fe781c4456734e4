// What the configuration of the scheme "hmac" says, apart from the secret. Read once, on the thread
// that configures; immutable afterwards. README.md explains the members.
#ifndef USHER_PLUGINS_HMAC_SETTINGS_H
#define USHER_PLUGINS_HMAC_SETTINGS_H

#include <string>
#include <string_view>

#include "common/config.h"
#include "hmac/payload.h"

namespace usher::plugins {

enum class TimestampUnit { Milliseconds, Seconds };
enum class NonceFormat { Uuid, Hex };
enum class Encoding { Hex, Base64 };

// The form of {body}, and of what {bodyHash} hashes.
enum class BodyForm {
  Raw,    // the bytes that are sent
  Js,     // JSON.stringify(JSON.parse(body))
  Sorted  // the same with each object's keys sorted
};

// Which bodies empty_body stands for. No bytes at all always count.
enum class EmptyWhen {
  Absent,
  Null,  // also JSON null
  Falsy  // also JSON null, false, 0 and "": JavaScript's `body || …`
};

enum class EmptyBodyHash { EmptyText, Sha256 };

// Names of the headers; empty: not sent. The nonce goes only if the payload has {nonce}, the body
// hash only if it has {bodyHash} and there is a body.
struct HeaderNames {
  std::string service = "x-internal-service";
  std::string timestamp = "x-internal-timestamp";
  std::string nonce = "x-internal-nonce";
  std::string signature = "x-internal-signature";
  std::string body_hash = "x-internal-body-hash";
  std::string key;  // carries the secret itself
};

struct Settings {
  std::string payload_text;
  Payload payload;
  HeaderNames headers;
  TimestampUnit timestamp_unit = TimestampUnit::Milliseconds;
  NonceFormat nonce_format = NonceFormat::Uuid;
  Encoding encoding = Encoding::Hex;  // of the signature
  BodyForm body = BodyForm::Raw;
  std::string empty_body;
  EmptyWhen empty_when = EmptyWhen::Absent;
  EmptyBodyHash empty_body_hash = EmptyBodyHash::EmptyText;

  // Drops the headers that the payload makes pointless, so that those left are the ones to send.
  void drop_unused_headers();
};

// Opens the configuration object of this scheme, reporting members it does not know.
Config open_config(const usher_host_v1* host, usher_context* context, usher_host_str json);

// Reads everything but the secret: the preset first, then what overrides it. Mistakes are reported
// through `config`; the settings are of no use then.
Settings read_settings(Config& config, std::string_view service);

}  // namespace usher::plugins

#endif  // USHER_PLUGINS_HMAC_SETTINGS_H
