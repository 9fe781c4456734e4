// What this build is, and of which libraries.
#pragma once

#include <string>

namespace usher::server {

inline constexpr const char* kVersion = USHER_VERSION;

// The text of `usher version`, a line per part.
std::string version_text();

}  // namespace usher::server
