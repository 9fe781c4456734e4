// Reloader: takes a changed configuration into use while calls run: all of it or nothing.
//
// It loads, and hands a good Snapshot to whoever applies it; a bad one changes nothing but what is
// said of it. One reload at a time: whoever asks while one runs is told of the one after it.
//
// Owner: Server.  Thread: main. Blocking file reads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/loader.h"
#include "net/network.h"
#include "server/restart_settings.h"

namespace usher::server {

// Applied: in use everywhere. Unchanged: what is on disk is what is in use. Refused: it is not in
// use, and why.
enum class ReloadResult : std::uint8_t { Applied, Unchanged, Refused };
inline constexpr std::size_t kReloadResults = 3;
std::string_view to_string(ReloadResult result);

struct ReloadReport {
  ReloadResult result = ReloadResult::Applied;
  std::string trigger;     // "start", "signal", "admin", "files"
  std::int64_t at_ms = 0;  // milliseconds since 1970
  std::vector<config::Problem> problems{};
  std::vector<config::Problem> warnings{};
  // Settings that are other than those in use, which need a new process.
  std::vector<std::string> needs_restart{};
};

struct ReloadStatus {
  std::uint64_t revision = 1;      // of what is in use: one more with each that was applied
  std::int64_t applied_at_ms = 0;  // when that was
  ReloadReport last;
  std::uint64_t counts[kReloadResults] = {};  // by result, without the start
};

// As the admin port says it.
std::string to_json(const ReloadStatus& status);

class Reloader {
 public:
  using Snapshot = std::shared_ptr<const config::Snapshot>;
  // Has every worker use it, and calls `done` in a later turn, when all do; or says what prevents
  // it.
  using Apply = std::function<std::optional<std::string>(const Snapshot& snapshot,
                                                         std::function<void()> done)>;
  // Told after each reload, also of a refused one: which files there are to watch.
  using Watch = std::function<void(const std::vector<std::filesystem::path>& files)>;
  using Done = std::function<void(const ReloadStatus& status)>;

  // `loaded`: what the process began with.
  Reloader(net::Network& network, std::vector<std::filesystem::path> directories,
           const config::LoadResult& loaded, Apply apply, Watch watch);

  // `done` may be called at once, or in a later turn.
  void reload(std::string_view trigger, Done done = {});

  const ReloadStatus& status() const { return status_; }
  const RestartSettings& started() const { return started_; }
  // Those that were read last.
  const std::vector<std::filesystem::path>& files() const { return files_; }

 private:
  struct Request {
    std::string trigger;
    Done done;
  };

  void begin();
  void finish(ReloadReport report);

  net::Network* network_;
  std::vector<std::filesystem::path> directories_;
  Apply apply_;
  Watch watch_;
  RestartSettings started_;
  std::vector<std::filesystem::path> files_;
  std::uint64_t fingerprint_;  // of what is in use
  ReloadStatus status_;
  bool is_running_ = false;
  std::vector<Request> running_;
  std::vector<Request> waiting_;
};

}  // namespace usher::server
