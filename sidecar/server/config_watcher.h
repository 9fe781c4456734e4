// ConfigWatcher: calls back when the files of the configuration may have changed.
//
// It is told of a change by the kernel (PathChanges) and then waits until nothing more has
// happened for a moment, since an editor's or the kubelet's change is several; but not for long,
// so that a file that is written all the time does not keep the others from being read. It looks
// at the kernel's events only when such a wait is over, so that many of them cost little. Where
// the kernel does not tell (network file systems, a limit on watches) it looks at the files every
// few seconds.
//
// It may call back although nothing is different (a file that was only touched, one beside the
// others in a directory): whoever reloads compares (config::LoadResult::fingerprint).
//
// Owner: Server; not longer than the network.  Thread: main.
// Errors: none; what the system refuses is logged once, and looking goes on.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "base/timer_wheel.h"
#include "net/descriptor_watch.h"
#include "net/uv_network.h"
#include "server/path_changes.h"

namespace usher::server {

// Now, by the clock that file systems use for their times; nanoseconds since 1970.
std::int64_t file_time_ns();

class ConfigWatcher final : private TimerEvents {
 public:
  struct Times {
    Duration quiet = std::chrono::milliseconds(150);  // nothing has happened for so long
    Duration longest = std::chrono::seconds(1);       // from the first event to the callback
    Duration look = std::chrono::seconds(10);         // between two looks at the files themselves
  };

  // `read_from_ns`: file_time_ns() of before the configuration was read for the first time: what
  // has changed since counts as a change. `changed` is called from the loop, and may call watch()
  // and stop().
  ConfigWatcher(net::UvNetwork& network, std::function<void()> changed, std::int64_t read_from_ns)
      : ConfigWatcher(network, std::move(changed), read_from_ns, Times()) {}
  ConfigWatcher(net::UvNetwork& network, std::function<void()> changed, std::int64_t read_from_ns,
                const Times& times);
  ~ConfigWatcher() { stop(); }
  ConfigWatcher(const ConfigWatcher&) = delete;
  ConfigWatcher& operator=(const ConfigWatcher&) = delete;

  // Watches these files and directories, there or not, instead of those before. A change that was
  // seen already is still called back for.
  void watch(const std::vector<std::filesystem::path>& paths);
  // Calls back no more, until watch().
  void stop();

 private:
  // What a file looks like from outside; equal while nobody has written, moved or replaced it.
  struct Look {
    dev_t device = 0;
    ino_t inode = 0;
    off_t size = -1;  // not there
    std::int64_t changed_ns = 0;
    friend bool operator==(const Look&, const Look&) = default;
  };
  static Look look_at(const std::filesystem::path& path);

  void on_timer(Timer& timer) override;
  void follow();
  void begin_wait();
  void end_wait();
  void look_again();
  void report();

  net::UvNetwork& network_;
  std::function<void()> changed_;
  Times times_;
  std::vector<std::filesystem::path> paths_;
  std::map<std::filesystem::path, Look> looks_;
  std::int64_t read_from_ns_;  // since 1970; whatever is in use was read after this
  bool has_change_ = false;    // in this wait
  bool is_limited_ = false;    // and that was logged
  Instant began_{};            // of this wait
  Timer wait_timer_{*this};
  Timer look_timer_{*this};
  std::unique_ptr<PathChanges> changes_;                 // null: the system has none
  std::unique_ptr<net::DescriptorWatch> changes_watch_;  // of changes_, destroyed before it
};

}  // namespace usher::server
