#include "support/platform.h"

#include <iostream>
#include <stdexcept>
#include <thread>

namespace e2e {
namespace {

constexpr std::string_view kOwnerNames[] = {"auth", "venue", "event", "ticket", "order"};

std::string address_variable(std::string_view owner) {
  std::string name;
  for (const char c : owner) name += static_cast<char>(c - 32);
  return name + "_SERVICE_ADDRESS";
}

Json ready_line(Process& process) {
  const auto line = process.read_line();
  if (!line) throw std::runtime_error("usher-owners did not start: " + process.stderr_text());
  return Json::parse(*line);
}

int port_of(const std::string& address) {
  if (address.starts_with("unix:")) return 0;
  return std::stoi(address.substr(address.rfind(':') + 1));
}

std::map<std::string, std::unique_ptr<Sidecar>>& shared_sidecars() {
  static std::map<std::string, std::unique_ptr<Sidecar>> sidecars;
  return sidecars;
}

}  // namespace

void pause_briefly() {
  std::this_thread::sleep_for(std::chrono::milliseconds(2));
}

bool guard_is_over(std::chrono::steady_clock::time_point since) {
  return std::chrono::steady_clock::now() - since > kHangGuard;
}

Owners::Owners(std::vector<std::string> more_arguments) {
  std::vector<std::string> arguments = {"--ephemeral", "--die-with-parent", "--quiet"};
  arguments.insert(arguments.end(), more_arguments.begin(), more_arguments.end());
  process_ = std::make_unique<Process>(
      USHER_OWNERS_BINARY, arguments,
      Environment{{"INTERNAL_SERVICE_SECRET", std::string(kServiceSecret)},
                  {"INTERNAL_API_KEY", std::string(kApiKey)},
                  {"S2S_PUBLIC_KEY", service_keys().public_pem}});
  const Json ready = ready_line(*process_);
  for (const auto& [name, value] : ready.items()) {
    if (value.is_number()) ports_[name] = value;
  }
}

Environment Owners::addresses() const {
  Environment environment;
  for (const std::string_view owner : kOwnerNames) {
    environment[address_variable(owner)] =
        "http://127.0.0.1:" + std::to_string(port(std::string(owner)));
  }
  return environment;
}

Json Owners::requests(const std::string& owner, std::size_t at_least) {
  Json list;
  if (!eventually([&] {
        list = admin("GET", "/requests?owner=" + owner);
        return list.size() >= at_least;
      })) {
    throw std::runtime_error("the owner got too few requests");
  }
  return list;
}

Json Owners::admin(const std::string& method, const std::string& path, const Json& body) {
  Request request{.method = method, .target = path, .fields = {}, .body = {}};
  if (!body.is_null()) request.body = body.dump();
  const Response response = call(port("admin"), request);
  if (response.status != 200) throw std::runtime_error(path + ": " + response.body);
  return response.json();
}

Environment sidecar_environment(const std::string& consumer) {
  return {{"USHER_CONSUMER", consumer},
          {"INTERNAL_SERVICE_SECRET", std::string(kServiceSecret)},
          {"INTERNAL_API_KEY", std::string(kApiKey)},
          {"S2S_PRIVATE_KEY", service_keys().private_pem}};
}

Sidecar::Sidecar(const Config& config, const std::string& consumer, const Environment& more,
                 rlim_t descriptors) {
  config.write(directory_);
  Environment environment = more;
  environment.merge(sidecar_environment(consumer));
  environment.merge(PlatformTest::owners().addresses());
  process_ = std::make_unique<Process>(
      USHER_BINARY, std::vector<std::string>{"run", "--config", directory_.path()}, environment,
      descriptors);
  constexpr std::string_view kOutbound = "listening outbound ";
  constexpr std::string_view kAdmin = "listening admin ";
  while (admin_port_ == 0) {
    const auto line = process_->read_line();
    if (!line) throw std::runtime_error("usher did not start: " + process_->stderr_text());
    if (line->starts_with(kOutbound)) {
      outbound_.push_back(line->substr(kOutbound.size()));
      ports_.push_back(port_of(outbound_.back()));
    } else if (line->starts_with(kAdmin)) {
      admin_port_ = port_of(*line);
    }
  }
}

Response Sidecar::admin(const std::string& path) const {
  return e2e::call(
      admin_port_,
      Request{.method = "GET", .target = path, .fields = {{"Host", "127.0.0.1"}}, .body = {}});
}

Response Sidecar::change(const std::string& path) const {
  return e2e::call(
      admin_port_,
      Request{.method = "POST", .target = path, .fields = {{"Host", "127.0.0.1"}}, .body = {}});
}

double Sidecar::metric(const std::string& line_start) const {
  const std::string page = "\n" + metrics();
  const auto at = page.find("\n" + line_start);
  if (at == std::string::npos) return 0;
  const std::string line = page.substr(at + 1, page.find('\n', at + 1) - at - 1);
  return std::stod(line.substr(line.rfind(' ') + 1));
}

bool Sidecar::logs(const std::string& text) {
  return eventually([&] { return process_->stderr_text().find(text) != std::string::npos; });
}

StartFailure start_and_fail_in(const std::filesystem::path& directory,
                               const Environment& environment) {
  Process process(USHER_BINARY, {"run", "--config", directory}, environment);
  while (const auto line = process.read_line()) {
    if (line->starts_with("listening admin")) throw std::runtime_error("usher started");
  }
  const int status = process.wait();
  return {status, process.stderr_text()};
}

StartFailure start_and_fail(const Config& config, const Environment& environment) {
  const TemporaryDirectory directory;
  config.write(directory);
  return start_and_fail_in(directory.path(), environment);
}

Owners& PlatformTest::owners() {
  static Owners instance;
  return instance;
}

Sidecar& PlatformTest::sidecar_of(const std::string& consumer) {
  std::unique_ptr<Sidecar>& sidecar = shared_sidecars()[consumer];
  if (!sidecar) sidecar = std::make_unique<Sidecar>(Config(), consumer);
  return *sidecar;
}

void PlatformTest::SetUp() {
  owners().reset();
  for (const auto& [consumer, sidecar] : shared_sidecars()) {
    log_sizes_[consumer] = sidecar->process().stderr_text().size();
  }
}

void PlatformTest::TearDown() {
  if (!HasFailure()) return;
  for (const auto& [consumer, sidecar] : shared_sidecars()) {
    const std::string log = sidecar->process().stderr_text().substr(log_sizes_[consumer]);
    if (!log.empty()) std::cerr << "--- stderr of the sidecar of " << consumer << "\n" << log;
  }
}

}  // namespace e2e
