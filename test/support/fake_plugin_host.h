// A host for unit tests of plugins: hands out the secrets it is given, writes down errors and
// headers, and drives one signer through the plugin interface the way Usher does.
#ifndef USHER_TEST_SUPPORT_FAKE_PLUGIN_HOST_H
#define USHER_TEST_SUPPORT_FAKE_PLUGIN_HOST_H

#include <usher/plugin.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace usher::test {

inline usher_host_str host_str(std::string_view text) {
  return {text.data(), text.size()};
}

inline std::string to_string(usher_plugin_str text) {
  return text.size == 0 ? std::string() : std::string(text.data, text.size);
}

class FakePluginHost {
 public:
  struct Error {
    std::string key;
    std::string message;
  };

  FakePluginHost() = default;
  FakePluginHost(const FakePluginHost&) = delete;
  FakePluginHost& operator=(const FakePluginHost&) = delete;

  const usher_host_v1* table() const { return &table_; }
  usher_context* context() { return reinterpret_cast<usher_context*>(this); }
  usher_explain_output* explain_output() { return reinterpret_cast<usher_explain_output*>(this); }
  usher_sign_output* output() { return reinterpret_cast<usher_sign_output*>(this); }

  // The value of a header that was added, nothing when there is none.
  std::optional<std::string> header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
      if (key == name) return value;
    }
    return std::nullopt;
  }

  // All errors as "key: message", a line each.
  std::string error_text() const {
    std::string text;
    for (const Error& error : errors) text += error.key + ": " + error.message + "\n";
    return text;
  }

  std::map<std::string, std::string> secrets;  // by the member of the configuration
  std::vector<Error> errors;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string sign_error;
  std::vector<std::pair<std::string, std::string>> explained;
  bool keep_headers = true;  // false: they are dropped, and the host allocates nothing

 private:
  static FakePluginHost& self(void* object) { return *static_cast<FakePluginHost*>(object); }

  static int secret(usher_context* context, usher_plugin_str key, int strength,
                    usher_host_str* value) {
    FakePluginHost& host = self(context);
    const auto found = host.secrets.find(to_string(key));
    if (found == host.secrets.end()) return 1;
    if (strength == USHER_SECRET_SHARED && found->second.size() < 32) {
      host.errors.push_back({found->first, "the host refused the secret"});
      return 1;
    }
    *value = host_str(found->second);
    return 0;
  }

  static void config_error(usher_context* context, usher_plugin_str key, usher_plugin_str message) {
    self(context).errors.push_back({to_string(key), to_string(message)});
  }

  static void add_header(usher_sign_output* output, usher_plugin_str name, usher_plugin_str value) {
    FakePluginHost& host = self(output);
    if (host.keep_headers) host.headers.emplace_back(to_string(name), to_string(value));
  }

  static void report_sign_error(usher_sign_output* output, usher_plugin_str message) {
    self(output).sign_error = to_string(message);
  }

  static void explain_text(usher_explain_output* output, usher_plugin_str name,
                           usher_plugin_str text) {
    self(output).explained.emplace_back(to_string(name), to_string(text));
  }

  usher_host_v1 table_ = {sizeof(usher_host_v1),
                          USHER_PLUGIN_ABI_MINOR,
                          secret,
                          config_error,
                          add_header,
                          report_sign_error,
                          explain_text};
};

// One signer of a plugin's first scheme, configured, opened by one worker, and cleared away.
class FakeSigner {
 public:
  FakeSigner(FakePluginHost& host, const usher_plugin_table_v1* plugin, std::string_view config,
             std::string_view consumer, int64_t now_ms = 0)
      : host_(host), scheme_(plugin->signers[0]) {
    if (scheme_->configure(host.table(), host.context(), host_str(config), host_str(consumer),
                           now_ms, &signer_) != 0) {
      signer_ = nullptr;
      return;
    }
    opened_ = scheme_->open(signer_);
  }
  FakeSigner(const FakeSigner&) = delete;
  FakeSigner& operator=(const FakeSigner&) = delete;
  ~FakeSigner() {
    if (opened_ != nullptr) scheme_->close(opened_);
    if (signer_ != nullptr) scheme_->destroy(signer_);
  }

  bool configured() const { return signer_ != nullptr; }
  void* object() const { return signer_; }
  const usher_signer_v1* scheme() const { return scheme_; }

  // What info says of the headers and needs.
  std::vector<std::string> header_names() const {
    const usher_signer_info info = ask();
    std::vector<std::string> names;
    for (size_t i = 0; i < info.header_count; ++i) names.push_back(to_string(info.header_names[i]));
    return names;
  }
  uint32_t needs() const { return ask().needs; }

  // Signs; the headers are in the host afterwards.
  int sign(const usher_sign_input& input) {
    host_.headers.clear();
    host_.sign_error.clear();
    return scheme_->sign(opened_, &input, host_.output());
  }

 private:
  usher_signer_info ask() const {
    usher_signer_info info{};
    info.struct_size = sizeof info;
    scheme_->info(signer_, &info);
    return info;
  }

  FakePluginHost& host_;
  const usher_signer_v1* scheme_;
  void* signer_ = nullptr;
  void* opened_ = nullptr;
};

// An attempt; the texts must outlive it. A null `body`: the call has none.
inline usher_sign_input sign_input(std::string_view consumer, std::string_view method,
                                   std::string_view target, const char* body,
                                   int64_t timestamp_ms) {
  usher_sign_input input{};
  input.struct_size = sizeof input;
  input.has_body = body == nullptr ? 0 : 1;
  input.consumer = host_str(consumer);
  input.method = host_str(method);
  input.target = host_str(target);
  if (body != nullptr) input.body = host_str(body);
  input.timestamp_ms = timestamp_ms;
  return input;
}

}  // namespace usher::test

#endif  // USHER_TEST_SUPPORT_FAKE_PLUGIN_HOST_H
