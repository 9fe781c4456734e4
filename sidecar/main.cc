// The command line of `usher`.

#include <sys/prctl.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include "server/server.h"
#include "server/version.h"

namespace {

constexpr std::string_view kUsage =
    "usage: usher run [--config DIR]    run the sidecar\n"
    "       usher version               print version and build\n"
    "\n"
    "DIR holds usher.json and services/*.json; it defaults to $USHER_CONFIG, then /etc/usher.\n";

int usage_error(std::string_view problem) {
  std::fprintf(stderr, "usher: %.*s\n%.*s", static_cast<int>(problem.size()), problem.data(),
               static_cast<int>(kUsage.size()), kUsage.data());
  return 2;
}

// The process holds secrets: nobody may attach to it, and it leaves no core file.
void protect_memory() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
}

int run(int argc, char** argv) {
  const char* from_environment = std::getenv("USHER_CONFIG");
  std::filesystem::path directory = from_environment == nullptr ? "/etc/usher" : from_environment;
  for (int i = 2; i < argc; ++i) {
    const std::string_view argument = argv[i];
    constexpr std::string_view kConfig = "--config=";
    if (argument == "--config" && i + 1 < argc) {
      directory = argv[++i];
    } else if (argument.substr(0, kConfig.size()) == kConfig) {
      directory = argument.substr(kConfig.size());
    } else if (argument == "--config") {
      return usage_error("--config needs a directory");
    } else {
      return usage_error("unknown argument " + std::string(argument));
    }
  }
  // A peer that resets its connection must not kill the process: libuv writes without MSG_NOSIGNAL.
  std::signal(SIGPIPE, SIG_IGN);
  protect_memory();
  return usher::server::run({directory});
}

int version() {
  std::fputs(usher::server::version_text().c_str(), stdout);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return usage_error("a command is missing");
  const std::string_view command = argv[1];
  if (command == "run") return run(argc, argv);
  if (command == "version" || command == "--version") return version();
  if (command == "help" || command == "--help" || command == "-h") {
    std::fwrite(kUsage.data(), 1, kUsage.size(), stdout);
    return 0;
  }
  return usage_error("unknown command " + std::string(command));
}
