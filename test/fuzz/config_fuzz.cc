// Configuration: whatever the files hold, each mistake has its place in them, and a configuration
// without one is whole: what the rest of the program takes for granted of a Snapshot holds.
//
// Input: usher.json, a line "---", a service file.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "config/compile.h"
#include "config/lint.h"
#include "config/validate.h"
#include "http/target.h"

namespace {

using namespace usher::config;

constexpr std::string_view kFiles[] = {"usher.json", "services/a.json"};

struct Loaded {
  Snapshot snapshot;
  std::vector<Problem> problems;  // warnings too
  bool good = false;              // no errors
};

// As config::load() does it, but for the files.
Loaded load(const std::array<std::string, 2>& texts) {
  Loaded loaded;
  Problems problems;
  FilesRead files;
  References references(files, problems);
  const auto usher_document = Document::parse(std::string(kFiles[0]), 0, texts[0], problems);
  const auto service_document = Document::parse(std::string(kFiles[1]), 1, texts[1], problems);
  UsherSettings usher;
  if (usher_document != nullptr) {
    usher = read_usher_file(usher_document->root(), references, loaded.snapshot, problems);
  }
  std::vector<ServiceSettings> services;
  if (service_document != nullptr) {
    services.push_back(
        read_service_file(service_document->root(), references, usher.presets, problems));
  }
  std::vector<LintedEndpoint> written;
  for (const ServiceSettings& service : services) {
    for (const EndpointSettings& endpoint : service.endpoints) {
      written.push_back(
          {.endpoint = nullptr, .value = endpoint.written, .service = &service_document->root()});
    }
  }
  validate(usher, services, problems);
  compile(usher, std::move(services), 1'768'210'800'000, references, problems, loaded.snapshot);
  for (std::size_t i = 0; i < written.size(); ++i) {
    written[i].endpoint = loaded.snapshot.endpoints[i].get();
  }
  lint(usher_document == nullptr ? nullptr : &usher_document->root(), written, loaded.snapshot,
       problems);
  loaded.good = problems.empty();
  loaded.problems = problems.take();
  return loaded;
}

bool is_one_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

void check_problem(const Problem& problem, const std::array<std::string, 2>& texts) {
  USHER_CHECK(!problem.message.empty() && is_one_line(problem.message));
  if (problem.line == 0) {
    USHER_CHECK(problem.message.ends_with(" are not shown"));
    return;
  }
  const auto file = std::find(std::begin(kFiles), std::end(kFiles), problem.file);
  USHER_CHECK(file != std::end(kFiles));
  const std::string& text = texts[static_cast<std::size_t>(file - kFiles)];
  std::size_t begin = 0;
  for (std::uint32_t line = 1; line < problem.line; ++line) {
    begin = text.find('\n', begin);
    USHER_CHECK(begin != std::string::npos);
    ++begin;
  }
  const std::size_t end = std::min(text.find('\n', begin), text.size());
  USHER_CHECK(problem.column >= 1 && problem.column <= end - begin + 1);
}

// A path that the endpoint's template stands for.
std::string example_of(const usher::route::PathTemplate& path_template) {
  std::string path;
  for (std::string_view rest = path_template.text(); !rest.empty();) {
    const std::size_t open = std::min(rest.find('{'), rest.size());
    path += rest.substr(0, open);
    rest.remove_prefix(open);
    if (rest.empty()) break;
    path += "-";
    rest.remove_prefix(rest.find('}') + 1);
  }
  return path;
}

void check_endpoint(const Snapshot& snapshot, const usher::route::Endpoint& endpoint) {
  USHER_CHECK(endpoint.cluster < snapshot.clusters.size());
  USHER_CHECK(endpoint.signer < snapshot.signers.size());
  USHER_CHECK(is_service_name(endpoint.name) && is_service_name(endpoint.service));
  const usher::policy::EndpointPolicy& policy = endpoint.policy;
  USHER_CHECK(policy.timeout.count() > 0 && policy.per_try_timeout.count() > 0);
  USHER_CHECK(policy.connect_timeout.count() > 0);

  const std::string path = example_of(endpoint.match);
  bool is_found = false;
  for (const OutboundListener& listener : snapshot.listeners) {
    const auto match = listener.router.match(endpoint.method, path);
    if (match.endpoint == nullptr) continue;
    is_found = true;
    if (match.endpoint != &endpoint) continue;
    std::array<char, 8192> buffer;
    const std::size_t size = endpoint.rewrite.write(match.parameters, buffer);
    USHER_CHECK(size == 0 || buffer.front() == '/');
  }
  USHER_CHECK(is_found);
}

void check_snapshot(const Snapshot& snapshot) {
  USHER_CHECK(is_service_name(snapshot.consumer) && snapshot.workers > 0);
  USHER_CHECK(!snapshot.listeners.empty() && !snapshot.listeners.front().addresses.empty());
  USHER_CHECK(!snapshot.admin.text.empty() && !snapshot.signers.empty());
  USHER_CHECK(snapshot.limits.connections > 0 && snapshot.limits.head.head_bytes > 0);
  USHER_CHECK(snapshot.limits.head.field_count <= usher::http::kMaxFields);
  for (const auto& cluster : snapshot.clusters) {
    USHER_CHECK(is_service_name(cluster.service) && !cluster.addresses.empty());
    for (const auto& address : cluster.addresses) {
      USHER_CHECK(usher::http::is_authority(address.authority) && address.port > 0);
    }
  }
  for (std::size_t i = 0; i < snapshot.endpoints.size(); ++i) {
    USHER_CHECK(snapshot.endpoints[i]->index == i);
    check_endpoint(snapshot, *snapshot.endpoints[i]);
  }
}

// What another strict parser refuses is refused here.
bool is_json_object(const std::string& text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  return json.is_object();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const bool has_environment = [] {
    ::setenv("SECRET", "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f6071", 1);
    ::setenv("NAME", "payment-service", 1);
    return true;
  }();
  USHER_CHECK(has_environment);

  const std::string input(reinterpret_cast<const char*>(data), size);
  constexpr std::string_view kRule = "\n---\n";
  const std::size_t rule = std::min(input.find(kRule), input.size());
  const std::size_t second = std::min(rule + kRule.size(), input.size());
  const std::array<std::string, 2> texts = {input.substr(0, rule), input.substr(second)};
  const Loaded loaded = load(texts);
  for (const Problem& problem : loaded.problems) check_problem(problem, texts);
  if (!loaded.good) return 0;
  USHER_CHECK(is_json_object(texts[0]) && is_json_object(texts[1]));
  check_snapshot(loaded.snapshot);
  return 0;
}
