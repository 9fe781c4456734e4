// The texts of one attempt that go into the payload and the headers: timestamp, nonce, body and
// body hash. Views point into the attempt itself, the input or the worker's JsJson, so an attempt
// is neither copied nor kept. Nothing is allocated unless a body is rewritten as JSON.
#ifndef USHER_PLUGINS_HMAC_ATTEMPT_H
#define USHER_PLUGINS_HMAC_ATTEMPT_H

#include <usher/plugin.h>

#include <array>
#include <string_view>

#include "common/js_json.h"
#include "hmac/hmac_sha256.h"
#include "hmac/payload.h"
#include "hmac/settings.h"

namespace usher::plugins {

class Attempt {
 public:
  // `json` and `hmac` are the worker's; what the payload does not use is not computed.
  Attempt(const Settings& settings, const usher_sign_input& input, JsJson& json, Hmac& hmac);
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  // False when OpenSSL could not hash the body.
  bool ok() const { return ok_; }

  std::string_view text(Field field) const { return texts_[static_cast<size_t>(field)]; }

  // Whether there is a body that empty_body does not stand for.
  bool has_body() const { return has_body_; }

 private:
  std::string_view& slot(Field field) { return texts_[static_cast<size_t>(field)]; }
  void set_timestamp(const Settings& settings, int64_t timestamp_ms);
  void set_nonce(NonceFormat format, const uint8_t (&random)[16]);
  void set_target(std::string_view target);
  void set_body(const Settings& settings, std::string_view bytes, JsJson& json);
  void set_body_hash(const Settings& settings, Hmac& hmac);

  FieldTexts texts_;
  std::array<char, 20> timestamp_;
  std::array<char, 36> nonce_;
  std::array<char, 64> body_hash_;
  bool has_body_ = false;
  bool ok_ = true;
};

}  // namespace usher::plugins

#endif  // USHER_PLUGINS_HMAC_ATTEMPT_H
