#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

// The rules of ARCHITECTURE.md, "Rooms", as functions of a file's path and text. Paths are relative
// to the repository and use '/'. Each broken rule is one line "path:line: what is wrong"; no line
// means all is well.
namespace usher::arch {

inline constexpr std::size_t kMaxFileLines = 400;

// Headers below sidecar/ by the path that includes name them by ("net/stream.h").
using OwnHeaders = std::set<std::string, std::less<>>;

// `own` tells <net/stream.h>, which is ours, from <net/if.h>, which is the system's.
std::vector<std::string> broken_include_rules(std::string_view path, std::string_view text,
                                              const OwnHeaders& own);

// `exempt` holds the paths that may be longer.
std::vector<std::string> broken_size_rules(std::string_view path, std::string_view text,
                                           const std::set<std::string, std::less<>>& exempt);

}  // namespace usher::arch
