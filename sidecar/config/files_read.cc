#include "config/files_read.h"

#include <functional>
#include <string>

namespace usher::config {

void FilesRead::add(const std::filesystem::path& path, std::string_view bytes) {
  const std::hash<std::string_view> hash;
  for (const std::uint64_t part : {hash(path.native()), hash(bytes)}) {
    fingerprint_ = (fingerprint_ ^ part) * 0x9e3779b97f4a7c15;  // the golden ratio, as Knuth has it
  }
}

}  // namespace usher::config
