// PathChanges: is told by the kernel when what some paths lead to may have changed.
//
// A path is walked as the kernel would, link by link, and every directory on the way is watched
// for the one name that is looked up in it. So whatever is put in the place of a step is seen: a
// file that an editor renames over the old one, the ..data link that the kubelet turns to another
// directory, a directory that is moved, deleted or appears later. A directory at the end of a path
// is watched for all names.
//
// Owner: ConfigWatcher.  Thread: one.  Bounds: one descriptor, a watch a directory; kMaxReads a
// take().  Source: inotify(7).
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace usher::server {

class PathChanges {
 public:
  PathChanges();
  ~PathChanges();
  PathChanges(const PathChanges&) = delete;
  PathChanges& operator=(const PathChanges&) = delete;

  // Readable when there may be something to take; -1 when the system has none to give.
  int fd() const { return fd_; }

  // Follows `paths` from now on and no others; watches that are still needed stay. False when the
  // system did not give all that are needed. REQUIRES: fd() >= 0.
  bool follow(const std::vector<std::filesystem::path>& paths);

  // Has something happened on the way of a path, since the last call?
  bool take();

  static constexpr int kMaxLinks = 40;  // as the kernel's
  static constexpr int kMaxReads = 64;

 private:
  struct Directory {
    std::unordered_set<std::string> names;
    bool all_names = false;
  };
  struct Watch {
    int number = -1;  // -1: refused
    std::uint32_t what = 0;
  };

  void walk(const std::filesystem::path& path);
  // Null when there is none to be had.
  Directory* watch(const std::filesystem::path& directory, std::uint32_t what);
  bool matters(int number, std::uint32_t what, const char* name) const;

  int fd_;
  bool is_complete_ = true;
  std::unordered_map<int, Directory> directories_;  // by inotify's number
  std::unordered_map<std::string, Watch> watches_;  // by path, of the latest follow()
};

}  // namespace usher::server
