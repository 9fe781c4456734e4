// The schemes as the configuration and the calls see them: any object configures a signer or is
// refused with a reason; a signer signs any call with well-formed headers of the names that it has
// announced, the same ones for the same attempt, or says why not.
//
// Input: lines: the scheme, its configuration (JSON), the secret, the method, the target, the
// tenant; the rest is the body. A newline within a secret is written as a tab.
#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "filter/signer.h"
#include "fuzz/support/input.h"
#include "fuzz/support/strict_http.h"

namespace {

using namespace usher::fuzz;
using usher::filter::Signer;
using usher::filter::WorkerSigner;

constexpr std::int64_t kNowMs = 1'768'210'800'000;

std::unique_ptr<Signer> configure(const usher_signer_v1& table, std::string_view json,
                                  std::string secret) {
  std::replace(secret.begin(), secret.end(), '\t', '\n');
  std::deque<usher::Secret> secrets;
  std::size_t reasons = 0;
  const usher::filter::SignerContext context = {
      .secret = [&](std::string_view key, int strength) -> const usher::Secret* {
        USHER_CHECK(!key.empty());
        const std::size_t least = strength == USHER_SECRET_SHARED ? 32 : 1;
        if (secret.size() < least) {
          ++reasons;
          return nullptr;
        }
        return &secrets.emplace_back(std::string(secret));
      },
      .error =
          [&](std::string_view, std::string_view message) {
            USHER_CHECK(!message.empty());
            ++reasons;
          }};
  auto signer = Signer::configure(table, json, "gateway", kNowMs, context);
  USHER_CHECK((signer == nullptr) == (reasons > 0));
  return signer;
}

void check_announced(const Signer& signer) {
  for (const std::string& name : signer.header_names()) {
    USHER_CHECK(!name.empty() && name.find_first_of(" \t\r\n:") == std::string::npos);
  }
  USHER_CHECK(signer.renew_at() == 0 || signer.renew_at() > kNowMs);
}

struct Call {
  std::string_view method;
  std::string_view target;
  std::string_view tenant;
  std::string_view body;
};

usher_sign_input input_of(const Call& call, bool needs_body) {
  const auto str = [](std::string_view text) { return usher_host_str{text.data(), text.size()}; };
  usher_sign_input input{};
  input.struct_size = sizeof(input);
  input.has_body = call.body.empty() ? 0 : 1;
  input.consumer = str("gateway");
  input.method = str(call.method);
  input.target = str(call.target);
  input.tenant = str(call.tenant);
  if (needs_body) input.body = str(call.body);
  input.timestamp_ms = kNowMs;
  std::fill(std::begin(input.random), std::end(input.random), std::uint8_t{7});
  return input;
}

// The head that it is signed with, or an empty one when it was refused.
std::string sign(WorkerSigner& worker, const usher_sign_input& input) {
  std::vector<char> buffer(64 * 1024);
  usher::http::HeadWriter writer(buffer);
  writer.request_line("GET", "/");
  writer.field("Host", "x");
  std::string reason;
  const usher::Status status = worker.sign(input, writer, reason);
  if (!status) {
    USHER_CHECK(status.error().code == usher::ErrorCode::SigningFailed);
    return {};
  }
  writer.end();
  USHER_CHECK(writer.ok());
  return std::string(writer.view());
}

void check_signed(const Signer& signer, const std::string& head) {
  const StrictReading reading = read_requests(head);
  USHER_CHECK(reading.messages.size() == 1 && reading.rest == Verdict::Whole);
  const StrictMessage& message = reading.messages.front();
  for (std::size_t i = 1; i < message.fields.size(); ++i) {
    const std::string& name = message.fields[i].first;
    const auto& names = signer.header_names();
    USHER_CHECK(message.count(name) == 1);
    USHER_CHECK(std::any_of(names.begin(), names.end(),
                            [&](const std::string& other) { return same_name(name, other); }));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  const usher_signer_v1* table = usher::filter::find_scheme(input.line());
  if (table == nullptr) return 0;
  const std::string_view json = input.line();
  const std::string_view secret = input.line();
  const auto signer = configure(*table, json, std::string(secret));
  if (signer == nullptr) return 0;
  check_announced(*signer);
  Call call{.method = input.line(), .target = input.line(), .tenant = input.line(), .body = {}};
  call.body = input.rest();
  WorkerSigner worker(*signer);
  const usher_sign_input attempt = input_of(call, signer->needs_body());
  const std::string head = sign(worker, attempt);
  if (!head.empty()) check_signed(*signer, head);
  USHER_CHECK(sign(worker, attempt) == head);
  return 0;
}
