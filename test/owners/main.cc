// usher-owners: the five owning services of the platform, for tests and for trying the sidecar.
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <exception>
#include <iostream>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>

#include "admin.h"
#include "owner.h"
#include "platform.h"

namespace {

constexpr std::array<const char*, 6> kPortNames = {"auth",   "venue", "event",
                                                   "ticket", "order", "admin"};

struct Options {
  std::string host = "127.0.0.1";
  std::array<std::optional<int>, kPortNames.size()> ports;
  bool ephemeral = false;
  int keep_alive_seconds = 5;  // Node's default
  bool quiet = false;
  bool die_with_parent = false;
  owners::Schemes schemes = owners::default_schemes();

  int port(std::size_t index) const {
    return ports[index].value_or(ephemeral ? 0 : 3001 + static_cast<int>(index));
  }
};

void add_options(CLI::App& app, Options& options, std::vector<std::string>& schemes) {
  app.add_option("--host", options.host, "IPv4 address to listen on")->capture_default_str();
  app.add_flag("--ephemeral", options.ephemeral, "The kernel chooses every port not given");
  for (std::size_t i = 0; i < kPortNames.size(); ++i) {
    app.add_option(std::string("--") + kPortNames[i], options.ports[i],
                   "Port, " + std::to_string(3001 + i) + " when not given")
        ->check(CLI::Range(0, 65535));
  }
  app.add_option("--scheme", schemes, "OWNER=SCHEME an owner enforces; repeatable");
  app.add_option("--keep-alive", options.keep_alive_seconds, "Seconds an idle connection stays")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  app.add_flag("--quiet", options.quiet, "Nothing but the ready line");
  app.add_flag("--die-with-parent", options.die_with_parent, "End when the parent process ends");
}

void parse_schemes(const std::vector<std::string>& texts, Options& options) {
  for (const std::string& text : texts) {
    const auto equals = text.find('=');
    if (equals == text.npos) throw CLI::ValidationError("--scheme", "OWNER=SCHEME: " + text);
    try {
      owners::set_scheme(options.schemes, text.substr(0, equals), text.substr(equals + 1));
    } catch (const std::invalid_argument& error) {
      throw CLI::ValidationError("--scheme", error.what());
    }
  }
}

// The parent may have gone before the request was made; then nobody would ever send the signal.
void die_with(pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::raise(SIGTERM);
}

// Blocks the signals before any thread starts, so that only wait_for_end sees them.
sigset_t block_end_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

void warn_about_missing(const owners::Secrets& secrets) {
  const auto warn = [](bool missing, const char* name) {
    if (missing) std::cerr << "usher-owners: " << name << " is not set; see README.md\n";
  };
  warn(secrets.hmac.empty(), "INTERNAL_SERVICE_SECRET");
  warn(secrets.s2s_public_key.empty(), "S2S_PUBLIC_KEY");
  warn(secrets.api_key.empty(), "INTERNAL_API_KEY");
}

void run(const Options& options, const sigset_t& end_signals) {
  const owners::Secrets secrets = owners::Secrets::from_environment();
  if (!options.quiet) warn_about_missing(secrets);
  owners::Platform platform(secrets, options.schemes);

  owners::Service services[] = {owners::auth_service(), owners::venue_service(),
                                owners::event_service(), owners::ticket_service(),
                                owners::order_service()};
  std::vector<std::unique_ptr<owners::Owner>> owner_list;
  std::vector<owners::Owner*> pointers;
  for (owners::Service& service : services) {
    owner_list.push_back(std::make_unique<owners::Owner>(
        std::move(service), platform, options.host, options.port(owner_list.size()),
        std::chrono::seconds(options.keep_alive_seconds)));
    pointers.push_back(owner_list.back().get());
  }
  owners::Admin admin(platform, pointers, options.host, options.port(owner_list.size()));

  owners::Json ready = {{"ready", true}};
  for (owners::Owner* owner : pointers) {
    owner->start();
    ready[std::string(owner->name())] = owner->server().port();
  }
  admin.start();
  ready["admin"] = admin.server().port();
  std::cout << ready.dump() << std::endl;

  int signal = 0;
  ::sigwait(&end_signals, &signal);
  admin.server().stop();
  for (owners::Owner* owner : pointers) owner->server().stop();
}

}  // namespace

int main(int argc, char** argv) {
  const pid_t parent = ::getppid();
  const sigset_t end_signals = block_end_signals();
  Options options;
  std::vector<std::string> schemes;
  CLI::App app("The five owning services of the platform", "usher-owners");
  add_options(app, options, schemes);
  try {
    app.parse(argc, argv);
    parse_schemes(schemes, options);
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  }
  if (options.die_with_parent) die_with(parent);
  try {
    run(options, end_signals);
  } catch (const std::exception& error) {
    std::cerr << "usher-owners: " << error.what() << "\n";
    return 1;
  }
  return 0;
}
