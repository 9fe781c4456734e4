#include "cli/explain_command.h"

#include "base/wall_clock.h"
#include "cli/admin_client.h"
#include "config/loader.h"
#include "config/object_reader.h"
#include "explain/render.h"

namespace usher::cli {
namespace {

int print(const std::string& text, bool called, std::FILE* out) {
  const bool written = std::fwrite(text.data(), 1, text.size(), out) == text.size();
  return written && std::fflush(out) == 0 && called ? 0 : 1;
}

// Everything but letters, digits and what RFC 3986 §2.3 calls unreserved.
std::string escaped(std::string_view text) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    if (kPlain.find(c) != std::string_view::npos) {
      result += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      result.append("%").append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 0xf]);
    }
  }
  return result;
}

std::string admin_target(const ExplainOptions& options) {
  std::string target =
      "/explain?method=" + escaped(options.method) + "&target=" + escaped(options.url);
  if (!options.consumer.empty()) target += "&consumer=" + escaped(options.consumer);
  for (const std::string& header : options.headers) target += "&header=" + escaped(header);
  return target + (options.json ? "&format=json" : "&format=text");
}

int explain_running(const ExplainOptions& options, std::FILE* out, std::FILE* err) {
  const auto answer = ask_admin(options.admin, admin_target(options));
  if (!answer) {
    std::fprintf(err, "--admin %s: %s\n", options.admin.c_str(), answer.error().c_str());
    return 1;
  }
  constexpr int kCalled = 200;
  constexpr int kRefused = 422;
  if (answer->status != kCalled && answer->status != kRefused) {
    std::fprintf(err, "--admin %s: status %d: %s", options.admin.c_str(), answer->status,
                 answer->body.c_str());
    return 1;
  }
  return print(answer->body, answer->status == kCalled, out);
}

}  // namespace

int explain(const ExplainOptions& options, std::FILE* out, std::FILE* err) {
  if (!options.consumer.empty() && !config::is_service_name(options.consumer)) {
    std::fprintf(err, "--consumer: %s; expected %s\n", config::in_quotes(options.consumer).c_str(),
                 std::string(config::kNameWanted).c_str());
    return 1;
  }
  if (!options.admin.empty()) return explain_running(options, out, err);
  const config::LoadResult loaded = config::load(
      options.directories, wall_clock_ms(), {.consumer = options.consumer, .needs_secrets = false});
  for (const config::Problem& problem : loaded.problems) {
    std::fprintf(err, "%s\n", to_string(problem).c_str());
  }
  if (loaded.snapshot == nullptr) return 1;
  const explain::CallExplanation call =
      explain::explain_call(*loaded.snapshot, {.method = options.method,
                                               .url = options.url,
                                               .consumer = options.consumer,
                                               .headers = options.headers});
  const std::string text = options.json ? explain::render_json(*loaded.snapshot, call, nullptr)
                                        : explain::render_text(*loaded.snapshot, call, nullptr);
  return print(text, !call.refusal, out);
}

}  // namespace usher::cli
