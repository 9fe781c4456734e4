// Signer: one configured authentication scheme, as the host of the plugin ABI sees it.
//
// A Signer is made once per "auth" object of the configuration and shared by the workers; each
// worker opens its own WorkerSigner, which signs attempts. Schemes: plugins/README.md; the ABI:
// plugins/include/usher/plugin.h.
//
// Owner: Signer: the Snapshot. WorkerSigner: the worker, which must drop it before the Signer.
// Thread: Signer: renew_at and renew on the main thread. WorkerSigner: its worker.
#pragma once

#include <usher/plugin.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "http/head_writer.h"

namespace usher::filter {

// How the configuration answers a signer's questions while it is configured.
struct SignerContext {
  // The secret that member `key` of the auth object names, or null; `strength` is USHER_SECRET_….
  std::function<const Secret*(std::string_view key, int strength)> secret;
  // A mistake in member `key` (empty: the whole object).
  std::function<void(std::string_view key, std::string_view message)> error;
};

class Signer {
 public:
  // Configures scheme `table`; `config_json` is the auth object, `consumer` this process's name.
  // Null after a mistake; what the scheme says of it goes to `context`, but a scheme may fail and
  // say nothing.
  static std::unique_ptr<Signer> configure(const usher_signer_v1& table,
                                           std::string_view config_json, std::string_view consumer,
                                           std::int64_t now_ms, const SignerContext& context);
  // The scheme "none": adds nothing.
  static std::unique_ptr<Signer> none();

  ~Signer();
  Signer(const Signer&) = delete;
  Signer& operator=(const Signer&) = delete;

  std::string_view scheme() const { return scheme_; }
  bool needs_body() const { return needs_body_; }
  // The names of the headers that it may add, as the plugin spells them.
  const std::vector<std::string>& header_names() const { return header_names_; }

  std::int64_t renew_at() const;    // milliseconds since 1970; 0: never
  bool renew(std::int64_t now_ms);  // false: failed, ask again after a pause

 private:
  friend class WorkerSigner;
  Signer() = default;

  const usher_signer_v1* table_ = nullptr;  // null: "none"
  void* instance_ = nullptr;
  std::string scheme_ = "none";
  bool needs_body_ = false;
  std::vector<std::string> header_names_;
};

class WorkerSigner {
 public:
  explicit WorkerSigner(const Signer& signer);
  ~WorkerSigner();
  WorkerSigner(WorkerSigner&& other) noexcept;
  WorkerSigner& operator=(WorkerSigner&&) = delete;

  const Signer& signer() const { return *signer_; }

  // Signs one attempt: writes the headers to `writer`. Errors: SigningFailed; `reason` then says
  // why, for the log.
  Status sign(const usher_sign_input& input, http::HeadWriter& writer, std::string& reason);

  // What it would sign, for people, by name ("payload"); empty where the scheme does not say.
  // `input.has_body`: there is one, but it is not known.
  std::vector<std::pair<std::string, std::string>> explain(const usher_sign_input& input);

 private:
  const Signer* signer_;
  void* opened_ = nullptr;
};

// The schemes that are linked in.
const usher_signer_v1* find_scheme(std::string_view name);
// Their names for error messages, "none" included.
std::vector<std::string_view> scheme_names();

}  // namespace usher::filter
