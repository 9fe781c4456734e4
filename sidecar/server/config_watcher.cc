#include "server/config_watcher.h"

#include <sys/stat.h>
#include <time.h>

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace usher::server {
namespace {

namespace fs = std::filesystem;

std::int64_t nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

std::int64_t file_time_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
  return nanoseconds(now);
}

ConfigWatcher::ConfigWatcher(net::UvNetwork& network, std::function<void()> changed,
                             std::int64_t read_from_ns, const Times& times)
    : network_(network), changed_(std::move(changed)), times_(times), read_from_ns_(read_from_ns) {}

// By ctime, which changes with a file's content and its rights, and when it is moved.
ConfigWatcher::Look ConfigWatcher::look_at(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return {};
  return {.device = status.st_dev,
          .inode = status.st_ino,
          .size = status.st_size,
          .changed_ns = nanoseconds(status.st_ctim)};
}

// What was watched already has been seen since it was read; what is new may have changed since.
void ConfigWatcher::watch(const std::vector<fs::path>& paths) {
  paths_ = paths;
  follow();
  std::map<fs::path, Look> looks;
  bool is_newer = false;
  for (const fs::path& path : paths_) {
    const auto known = looks_.find(path);
    const Look look = known != looks_.end() ? known->second : look_at(path);
    is_newer = is_newer || (known == looks_.end() && look.changed_ns > read_from_ns_);
    looks.emplace(path, look);
  }
  looks_ = std::move(looks);
  if (!look_timer_.armed()) network_.arm(look_timer_, network_.now() + times_.look);
  if (!is_newer) return;
  begin_wait();
  has_change_ = true;
}

void ConfigWatcher::stop() {
  wait_timer_.cancel();
  look_timer_.cancel();
  has_change_ = false;
  looks_.clear();
  changes_watch_.reset();
  changes_.reset();
}

void ConfigWatcher::follow() {
  if (changes_ == nullptr) {
    auto changes = std::make_unique<PathChanges>();
    if (changes->fd() >= 0) {
      changes_ = std::move(changes);
      changes_watch_ = std::make_unique<net::DescriptorWatch>(network_, changes_->fd(),
                                                              [this] { begin_wait(); });
      changes_watch_->wait();
    }
  }
  const bool is_complete = changes_ != nullptr && changes_->follow(paths_);
  if (!is_complete && !std::exchange(is_limited_, true)) {
    LogLine(LogLevel::Warn, "not all files of the configuration can be watched")
        .field("reason", "the system's limit on inotify, or no right to read a directory")
        .field("looked_at_every_ms", to_milliseconds(times_.look));
  }
}

void ConfigWatcher::begin_wait() {
  if (wait_timer_.armed()) return;
  began_ = network_.now();
  network_.arm(wait_timer_, began_ + times_.quiet);
}

void ConfigWatcher::end_wait() {
  const bool goes_on = changes_ != nullptr && changes_->take();
  has_change_ = has_change_ || goes_on;
  const Instant now = network_.now();
  if (goes_on && now < began_ + times_.longest) {
    network_.arm(wait_timer_, std::min(now + times_.quiet, began_ + times_.longest));
    return;
  }
  if (changes_watch_ != nullptr) changes_watch_->wait();
  if (std::exchange(has_change_, false)) report();
}

void ConfigWatcher::look_again() {
  network_.arm(look_timer_, network_.now() + times_.look);
  const bool is_other = std::any_of(looks_.begin(), looks_.end(), [](const auto& entry) {
    return !(look_at(entry.first) == entry.second);
  });
  if (!is_other) return;
  begin_wait();
  has_change_ = true;
}

// Paths may lead elsewhere now. They are walked before they are read: what happens from here on is
// another change.
void ConfigWatcher::report() {
  follow();
  read_from_ns_ = file_time_ns();
  for (auto& [path, look] : looks_) look = look_at(path);
  changed_();
}

void ConfigWatcher::on_timer(Timer& timer) {
  if (&timer == &wait_timer_) {
    end_wait();
  } else {
    look_again();
  }
}

}  // namespace usher::server
