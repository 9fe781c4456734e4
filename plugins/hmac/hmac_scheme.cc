// The scheme "hmac" as the plugin interface sees it: a Signer for each configuration, a Worker for
// each thread that signs.
#include <memory>
#include <string>
#include <vector>

#include <usher/builtin.h>
#include "common/abi.h"
#include "common/encoding.h"
#include "common/http_text.h"
#include "common/secret_text.h"
#include "hmac/attempt.h"
#include "hmac/hmac_sha256.h"
#include "hmac/settings.h"

namespace usher::plugins {
namespace {

// Shared by all workers, immutable.
struct Signer {
  const usher_host_v1* host;
  std::string service;
  Settings settings;
  std::unique_ptr<HmacKey> key;
  SecretText raw_key;                          // only when a header carries it
  std::vector<usher_plugin_str> header_names;  // into settings
};

class Worker {
 public:
  Worker(const Signer& signer, std::unique_ptr<Hmac> hmac)
      : signer_(signer), hmac_(std::move(hmac)) {}

  int sign(const usher_sign_input& input, usher_sign_output* output);
  int explain(const usher_sign_input& input, usher_explain_output* output);

 private:
  bool compute(const Attempt& attempt, Sha256Digest& code);

  const Signer& signer_;
  std::unique_ptr<Hmac> hmac_;
  JsJson json_;
};

bool Worker::compute(const Attempt& attempt, Sha256Digest& code) {
  hmac_->begin();
  for (const Payload::Part& part : signer_.settings.payload.parts()) {
    hmac_->update(part.field == Field::Literal ? part.text : attempt.text(part.field));
  }
  return hmac_->finish(code);
}

int Worker::sign(const usher_sign_input& input, usher_sign_output* output) {
  const Settings& settings = signer_.settings;
  const Attempt attempt(settings, input, json_, *hmac_);
  Sha256Digest code;
  if (!attempt.ok() || !compute(attempt, code)) {
    signer_.host->sign_error(output, plugin_str("HMAC-SHA256 failed in the crypto library"));
    return 1;
  }
  std::array<char, 64> text;
  const char* const end = settings.encoding == Encoding::Hex ? write_hex(code, text.data())
                                                             : write_base64(code, text.data());
  const std::string_view signature(text.data(), static_cast<size_t>(end - text.data()));

  const auto add = [&](const std::string& name, std::string_view value) {
    if (!name.empty()) signer_.host->add_header(output, plugin_str(name), plugin_str(value));
  };
  const HeaderNames& headers = settings.headers;
  add(headers.service, signer_.service);
  add(headers.timestamp, attempt.text(Field::Timestamp));
  add(headers.nonce, attempt.text(Field::Nonce));
  add(headers.signature, signature);
  if (attempt.has_body()) add(headers.body_hash, attempt.text(Field::BodyHash));
  add(headers.key, signer_.raw_key.view());
  return 0;
}

// As the template writes a field that only an attempt knows; empty for one that is known before.
std::string_view placeholder(Field field, bool has_body) {
  switch (field) {
    case Field::Timestamp:
      return "{timestamp}";
    case Field::Nonce:
      return "{nonce}";
    case Field::Body:
      return has_body ? "{body}" : "";
    case Field::BodyHash:
      return has_body ? "{bodyHash}" : "";
    case Field::Literal:
    case Field::Method:
    case Field::Target:
    case Field::Path:
    case Field::Query:
    case Field::Tenant:
      break;
  }
  return {};
}

int Worker::explain(const usher_sign_input& input, usher_explain_output* output) {
  const Attempt attempt(signer_.settings, input, json_, *hmac_);
  if (!attempt.ok()) return 1;
  std::string text;
  for (const Payload::Part& part : signer_.settings.payload.parts()) {
    const std::string_view open = placeholder(part.field, input.has_body != 0);
    text += part.field == Field::Literal ? std::string_view(part.text)
            : open.empty()               ? attempt.text(part.field)
                                         : open;
  }
  signer_.host->explain_text(output, plugin_str("payload"), plugin_str(text));
  return 0;
}

// --- the interface -----------------------------------------------------------------------------

int configure(const usher_host_v1* host, usher_context* context, usher_host_str json,
              usher_host_str consumer, int64_t /*now_ms*/, void** result) noexcept {
  Config config = open_config(host, context, json);
  auto signer = std::make_unique<Signer>();
  signer->host = host;
  signer->service = view(consumer);
  signer->settings = read_settings(config, signer->service);
  const HeaderNames& headers = signer->settings.headers;
  if (const auto secret = config.secret("secret", USHER_SECRET_SHARED)) {
    signer->key = HmacKey::make(*secret);
    if (!signer->key) config.error("", "the crypto library has no SHA-256");
    if (!headers.key.empty() && !is_field_value(*secret)) {
      config.error("secret",
                   "a header must carry this secret: no line breaks, no control "
                   "characters, no space at its ends");
    }
    if (!headers.key.empty()) signer->raw_key.assign(*secret);
  }
  if (!config.ok()) return 1;
  for (const std::string* name : {&headers.service, &headers.timestamp, &headers.nonce,
                                  &headers.signature, &headers.body_hash, &headers.key}) {
    if (!name->empty()) signer->header_names.push_back(plugin_str(*name));
  }
  *result = signer.release();
  return 0;
}

void info(void* object, usher_signer_info* info) noexcept {
  const auto& signer = *static_cast<const Signer*>(object);
  info->needs = signer.settings.payload.needs_body() ? uint32_t{USHER_SIGNER_NEEDS_BODY} : 0;
  info->header_names = signer.header_names.data();
  info->header_count = signer.header_names.size();
}

void* open(void* object) noexcept {
  const auto& signer = *static_cast<const Signer*>(object);
  std::unique_ptr<Hmac> hmac = Hmac::make(*signer.key);
  return hmac ? new Worker(signer, std::move(hmac)) : nullptr;
}

int sign(void* opened, const usher_sign_input* input, usher_sign_output* output) noexcept {
  return static_cast<Worker*>(opened)->sign(*input, output);
}

int explain(void* opened, const usher_sign_input* input, usher_explain_output* output) noexcept {
  return static_cast<Worker*>(opened)->explain(*input, output);
}

void close(void* opened) noexcept {
  delete static_cast<Worker*>(opened);
}

void destroy(void* object) noexcept {
  delete static_cast<Signer*>(object);
}

constexpr usher_signer_v1 kSigner = {sizeof(usher_signer_v1),
                                     0,
                                     plugin_str("hmac"),
                                     configure,
                                     info,
                                     open,
                                     sign,
                                     close,
                                     nullptr,
                                     nullptr,
                                     destroy,
                                     explain};
constexpr const usher_signer_v1* kSigners[] = {&kSigner};
constexpr usher_plugin_table_v1 kTable = plugin_table("hmac", kSigners);

}  // namespace
}  // namespace usher::plugins

extern "C" const usher_plugin_table_v1* usher_plugin_hmac_v1(void) {
  return &usher::plugins::kTable;
}
