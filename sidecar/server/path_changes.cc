#include "server/path_changes.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <string_view>
#include <utility>

namespace usher::server {
namespace {

namespace fs = std::filesystem;

// Names that come and go; and, where files are read, their content. IN_CLOSE_WRITE and not
// IN_MODIFY: a file is looked at when its writer is done.
constexpr std::uint32_t kNames =
    IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF;
constexpr std::uint32_t kContent = IN_CLOSE_WRITE | IN_ATTRIB;
// The watched directory itself is not what it was.
constexpr std::uint32_t kGone = IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT;

}  // namespace

PathChanges::PathChanges() : fd_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}

PathChanges::~PathChanges() {
  if (fd_ >= 0) ::close(fd_);
}

bool PathChanges::follow(const std::vector<fs::path>& paths) {
  const auto before = std::exchange(directories_, {});
  watches_.clear();
  is_complete_ = true;
  for (const fs::path& path : paths) walk(path);
  for (const auto& [number, directory] : before) {
    if (!directories_.contains(number)) ::inotify_rm_watch(fd_, number);
  }
  return is_complete_;
}

// A directory is watched before a name is looked up in it, so that nothing happens in between.
void PathChanges::walk(const fs::path& path) {
  const fs::path whole = fs::absolute(path);
  std::deque<fs::path> steps(whole.begin(), whole.end());
  fs::path at = "/";
  for (int links = 0; !steps.empty();) {
    const fs::path step = std::move(steps.front());
    steps.pop_front();
    if (step.empty() || step == ".") continue;
    if (step == "/" || step == "..") {
      at = step == "/" ? step : at.parent_path();
      continue;
    }
    Directory* directory = watch(at, steps.empty() ? kNames | kContent : kNames);
    if (directory != nullptr) directory->names.insert(step.string());
    std::error_code error;
    const fs::path target = fs::read_symlink(at / step, error);
    if (error) {
      at /= step;
    } else if (++links > kMaxLinks) {
      return;
    } else {
      steps.insert(steps.begin(), target.begin(), target.end());
    }
  }
  std::error_code error;
  if (!fs::is_directory(at, error)) return;
  if (Directory* directory = watch(at, kNames | kContent)) directory->all_names = true;
}

PathChanges::Directory* PathChanges::watch(const fs::path& directory, std::uint32_t what) {
  Watch& watch = watches_[directory.string()];
  if ((what & ~watch.what) != 0) {
    // Added to what it is watched for: it may be reached by several paths.
    watch = {.number = ::inotify_add_watch(fd_, directory.c_str(), what | IN_ONLYDIR | IN_MASK_ADD),
             .what = watch.what | what};
    const bool is_refused = watch.number < 0 && errno != ENOENT && errno != ENOTDIR;
    is_complete_ = is_complete_ && !is_refused;
  }
  return watch.number < 0 ? nullptr : &directories_[watch.number];
}

bool PathChanges::take() {
  alignas(inotify_event) std::array<char, 16 * 1024> buffer;
  bool found = false;
  for (int reads = 0; reads < kMaxReads; ++reads) {
    const ssize_t size = ::read(fd_, buffer.data(), buffer.size());
    if (size <= 0) break;
    for (const char* at = buffer.data(); at < buffer.data() + size;) {
      inotify_event event{};
      std::memcpy(&event, at, sizeof(event));
      found = found || matters(event.wd, event.mask, at + sizeof(event));
      at += sizeof(event) + event.len;
    }
  }
  return found;
}

// `name` is what an event about a name has; others have none, and nothing may be read there.
bool PathChanges::matters(int number, std::uint32_t what, const char* name) const {
  if ((what & IN_Q_OVERFLOW) != 0) return true;  // whatever it was
  const auto found = directories_.find(number);
  if (found == directories_.end()) return false;
  if ((what & kGone) != 0) return true;
  const Directory& directory = found->second;
  return directory.all_names || directory.names.contains(name);
}

}  // namespace usher::server
