// FilesRead: which files a configuration came from, and whether they are still the same.
//
// Thread: main.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>
#include <vector>

namespace usher::config {

class FilesRead {
 public:
  // A file or directory that matters, whether it is there or not.
  void look_at(std::filesystem::path path) { paths_.push_back(std::move(path)); }
  // What was read of one.
  void add(const std::filesystem::path& path, std::string_view bytes);

  const std::vector<std::filesystem::path>& paths() const { return paths_; }
  // Of all paths and bytes. Not cryptographic; never shown, since it is of secrets too.
  std::uint64_t fingerprint() const { return fingerprint_; }

 private:
  std::vector<std::filesystem::path> paths_;
  std::uint64_t fingerprint_ = 0;
};

}  // namespace usher::config
