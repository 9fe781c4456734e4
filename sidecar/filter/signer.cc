#include "filter/signer.h"

#include <cstddef>
#include <utility>

#include "base/bytes.h"
#include "base/check.h"
#include "filter/plugin_host.h"
#include "http/grammar.h"

namespace usher::filter {
namespace {

usher_host_str host_str(std::string_view text) {
  return {.data = text.data(), .size = text.size()};
}

// What is wrong with `name` as a header of a signer that has `names` already; empty: nothing.
std::string_view name_mistake(std::string_view name, const std::vector<std::string>& names) {
  if (!http::is_token(name)) return "is not a header name";
  const http::FieldId id = http::field_id(name);
  if (!http::is_plain(id) && id != http::FieldId::Protected) {
    return "is a header that only the proxy itself writes";
  }
  if (names.size() == kMaxSignerHeaders) return "is one header more than a scheme may add";
  for (const std::string& other : names) {
    if (equals_ignoring_case(name, other)) return "is named twice";
  }
  return {};
}

bool read_names(const usher_signer_info& info, std::vector<std::string>& names,
                const SignerContext& context) {
  for (std::size_t i = 0; i < info.header_count; ++i) {
    std::string name;
    if (info.header_names[i].size > 0) {
      name.assign(info.header_names[i].data, info.header_names[i].size);
    }
    const std::string_view mistake = name_mistake(name, names);
    if (!mistake.empty()) {
      context.error({}, "the scheme's header \"" + name + "\" " + std::string(mistake) +
                            "; choose another name");
      return false;
    }
    names.push_back(std::move(name));
  }
  return true;
}

}  // namespace

std::unique_ptr<Signer> Signer::configure(const usher_signer_v1& table,
                                          std::string_view config_json, std::string_view consumer,
                                          std::int64_t now_ms, const SignerContext& context) {
  if (!is_complete(table)) {
    context.error({}, "the plugin of this scheme lacks functions of ABI 1.0; use one built for it");
    return nullptr;
  }
  usher_context call{.answers = context};
  void* instance = nullptr;
  const int failed = table.configure(&host_table(), &call, host_str(config_json),
                                     host_str(consumer), now_ms, &instance);
  if (failed != 0) return nullptr;

  // From here on the destructor destroys the instance.
  std::unique_ptr<Signer> signer(new Signer);
  signer->table_ = &table;
  signer->instance_ = instance;
  signer->scheme_.assign(table.scheme.data, table.scheme.size);
  usher_signer_info info{};
  info.struct_size = sizeof info;
  table.info(instance, &info);
  signer->needs_body_ = (info.needs & USHER_SIGNER_NEEDS_BODY) != 0;
  if (!read_names(info, signer->header_names_, context) || call.failed) return nullptr;
  return signer;
}

std::unique_ptr<Signer> Signer::none() {
  return std::unique_ptr<Signer>(new Signer);
}

Signer::~Signer() {
  if (table_ != nullptr) table_->destroy(instance_);
}

std::int64_t Signer::renew_at() const {
  if (table_ == nullptr || table_->renew_at == nullptr) return 0;
  return table_->renew_at(instance_);
}

bool Signer::renew(std::int64_t now_ms) {
  if (table_ == nullptr || table_->renew == nullptr) return true;
  return table_->renew(instance_, now_ms) == 0;
}

WorkerSigner::WorkerSigner(const Signer& signer) : signer_(&signer) {
  if (signer.table_ != nullptr) opened_ = signer.table_->open(signer.instance_);
}

WorkerSigner::~WorkerSigner() {
  if (opened_ != nullptr) signer_->table_->close(opened_);
}

WorkerSigner::WorkerSigner(WorkerSigner&& other) noexcept
    : signer_(other.signer_), opened_(std::exchange(other.opened_, nullptr)) {}

Status WorkerSigner::sign(const usher_sign_input& input, http::HeadWriter& writer,
                          std::string& reason) {
  USHER_CHECK(input.struct_size == sizeof input);
  if (signer_->table_ == nullptr) return {};
  reason.clear();
  if (opened_ == nullptr) {
    reason = "the scheme could not be opened";
    return fail(ErrorCode::SigningFailed, "the signer could not be opened");
  }
  usher_sign_output output{
      .writer = writer, .allowed_names = signer_->header_names_, .reason = reason};
  const int failed = signer_->table_->sign(opened_, &input, &output);
  if (failed == 0 && !output.failed) return {};
  if (reason.empty()) reason = "the scheme failed without saying why";
  return fail(ErrorCode::SigningFailed, "the attempt could not be signed");
}

std::vector<std::pair<std::string, std::string>> WorkerSigner::explain(
    const usher_sign_input& input) {
  std::vector<std::pair<std::string, std::string>> texts;
  const usher_signer_v1* table = signer_->table_;
  const bool explains =
      table != nullptr && opened_ != nullptr &&
      table->struct_size >= offsetof(usher_signer_v1, explain) + sizeof table->explain &&
      table->explain != nullptr;
  if (!explains) return texts;
  usher_explain_output output{.texts = texts};
  if (table->explain(opened_, &input, &output) != 0) texts.clear();
  return texts;
}

}  // namespace usher::filter
