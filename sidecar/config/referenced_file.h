// What {"file": "/path"} names: a small text, often a secret.
//
// Thread: main. Blocking file reads.  Bounds: kMaxReferencedBytes.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "base/result.h"

namespace usher::config {

inline constexpr std::size_t kMaxReferencedBytes = 64 * 1024;

// The bytes of a regular file, or why there are none. No copy of them is left behind.
tl::expected<std::string, std::string> read_referenced(const std::filesystem::path& path);

// True when every user of the system may read the file, and it is not where Kubernetes mounts
// secrets: there it says so of every file, and nobody else is in the container.
bool is_for_everybody(const std::filesystem::path& path);

}  // namespace usher::config
