// The scheme "service-jwt" as the plugin interface sees it: a Signer mints (or is handed) the token
// and publishes it, a Worker for each thread sends it.
#include <array>
#include <memory>
#include <string>

#include <usher/builtin.h>
#include "common/abi.h"
#include "common/config.h"
#include "common/http_text.h"
#include "service_jwt/duration.h"
#include "service_jwt/rsa_key.h"
#include "service_jwt/token.h"
#include "service_jwt/token_store.h"

namespace usher::plugins {
namespace {

constexpr std::array<std::string_view, 4> kMembers = {"key", "token", "expires_in", "header"};

class Signer {
 public:
  // Reports mistakes through `config`; the signer is of no use then.
  Signer(const usher_host_v1* host, Config& config, std::string_view service, int64_t now_ms);

  // False when signing fails; the token there was stays in use.
  bool mint(int64_t now_ms);

  int64_t renew_at() const { return renew_at_ms_; }
  const usher_host_v1* host() const { return host_; }
  TokenStore& store() { return store_; }
  const usher_plugin_str& header_name() const { return header_name_; }

 private:
  void read_key(Config& config);
  void read_token(Config& config);
  void read_expiry(Config& config);
  void read_header(Config& config);

  const usher_host_v1* host_;
  std::string service_;
  std::string header_ = "x-service-token";
  usher_plugin_str header_name_{};  // header_
  std::unique_ptr<RsaKey> key_;     // null with a token handed out
  int64_t life_s_ = 86'400;
  int64_t renew_at_ms_ = 0;
  TokenStore store_;
};

Signer::Signer(const usher_host_v1* host, Config& config, std::string_view service, int64_t now_ms)
    : host_(host), service_(service) {
  read_header(config);
  read_expiry(config);
  if (config.has("key") == config.has("token")) {
    config.error("",
                 "give either \"key\", a private key to mint tokens with, or \"token\", one "
                 "handed out");
  } else if (config.has("key")) {
    read_key(config);
  } else {
    read_token(config);
  }
  if (config.ok() && key_ && !mint(now_ms)) {
    config.error("key", "the crypto library cannot sign with this key");
  }
}

void Signer::read_key(Config& config) {
  const std::optional<std::string_view> pem = config.secret("key", USHER_SECRET_KEY);
  if (!pem) return;
  std::string wrong;
  key_ = RsaKey::read(*pem, wrong);
  if (!key_) config.error("key", wrong);
}

void Signer::read_token(Config& config) {
  if (config.has("expires_in")) {
    config.error("expires_in", "a token that was handed out expires when it says; leave this out");
  }
  const std::optional<std::string_view> token = config.secret("token", USHER_SECRET_KEY);
  if (!token) return;
  if (!is_field_value(*token)) {
    config.error("token", "not a token: it has line breaks, control characters or outer spaces");
  }
  store_.publish(*token, kNeverExpires);
}

void Signer::read_expiry(Config& config) {
  const std::optional<std::string> text = config.text("expires_in");
  if (!text) return;
  const int64_t life_s = parse_duration_ms(*text).value_or(0) / 1000;
  if (life_s == 0) {
    config.error("expires_in", "\"" + *text +
                                   "\" is no lifetime; give at least a second and at "
                                   "most ten years, as \"30s\", \"15m\", \"24h\" or \"7d\"");
  } else {
    life_s_ = life_s;
  }
}

void Signer::read_header(Config& config) {
  if (const std::optional<std::string> name = config.text("header")) {
    if (!is_token(*name)) config.error("header", "\"" + *name + "\" is not a header name");
    header_ = *name;
  }
  header_name_ = plugin_str(header_);
}

bool Signer::mint(int64_t now_ms) {
  const int64_t issued_s = now_ms / 1000;
  const int64_t expires_s = issued_s + life_s_;
  const std::optional<std::string> token = mint_token(*key_, service_, issued_s, expires_s);
  if (!token) return false;
  store_.publish(*token, expires_s * 1000);
  renew_at_ms_ = issued_s * 1000 + life_s_ * 800;  // at 80 % of its life
  return true;
}

struct Worker {
  explicit Worker(Signer& s) : signer(s), reader(s.store()) {}

  Signer& signer;
  TokenReader reader;
};

// --- the interface -----------------------------------------------------------------------------

int configure(const usher_host_v1* host, usher_context* context, usher_host_str json,
              usher_host_str consumer, int64_t now_ms, void** result) noexcept {
  Config config(host, context, json, kMembers);
  auto signer = std::make_unique<Signer>(host, config, view(consumer), now_ms);
  if (!config.ok()) return 1;
  *result = signer.release();
  return 0;
}

void info(void* object, usher_signer_info* info) noexcept {
  info->needs = 0;
  info->header_names = &static_cast<const Signer*>(object)->header_name();
  info->header_count = 1;
}

void* open(void* object) noexcept {
  return new Worker(*static_cast<Signer*>(object));
}

int sign(void* opened, const usher_sign_input* input, usher_sign_output* output) noexcept {
  auto& worker = *static_cast<Worker*>(opened);
  const usher_host_v1* const host = worker.signer.host();
  const std::string_view token = worker.reader.token(input->timestamp_ms);
  if (token.empty()) {
    host->sign_error(output, plugin_str("the service token has expired and was not renewed"));
    return 1;
  }
  host->add_header(output, worker.signer.header_name(), plugin_str(token));
  return 0;
}

void close(void* opened) noexcept {
  delete static_cast<Worker*>(opened);
}

int64_t renew_at(void* object) noexcept {
  return static_cast<const Signer*>(object)->renew_at();
}

int renew(void* object, int64_t now_ms) noexcept {
  auto& signer = *static_cast<Signer*>(object);
  return signer.renew_at() == 0 || signer.mint(now_ms) ? 0 : 1;
}

void destroy(void* object) noexcept {
  delete static_cast<Signer*>(object);
}

constexpr usher_signer_v1 kSigner = {sizeof(usher_signer_v1),
                                     0,
                                     plugin_str("service-jwt"),
                                     configure,
                                     info,
                                     open,
                                     sign,
                                     close,
                                     renew_at,
                                     renew,
                                     destroy,
                                     nullptr};
constexpr const usher_signer_v1* kSigners[] = {&kSigner};
constexpr usher_plugin_table_v1 kTable = plugin_table("service-jwt", kSigners);

}  // namespace
}  // namespace usher::plugins

extern "C" const usher_plugin_table_v1* usher_plugin_service_jwt_v1(void) {
  return &usher::plugins::kTable;
}
