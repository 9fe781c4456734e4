#include "arch/rules.h"

#include <algorithm>
#include <map>

namespace usher::arch {
namespace {

using Names = std::set<std::string, std::less<>>;

constexpr std::string_view kSidecar = "sidecar/";
constexpr std::string_view kPlugins = "plugins/";
// A file's area is its room, "main.cc", or this for all that is below plugins/.
constexpr std::string_view kPluginArea = "plugins";
// What a room may include beside itself: a room by its name, or one header of it.
const std::map<std::string, Names, std::less<>> kRooms = {
    {"base", {}},
    {"net", {"base"}},
    {"http", {"base"}},
    {"policy", {"base", "http"}},
    {"route", {"base", "http", "policy"}},
    {"filter", {"base", "http"}},
    {"intercept", {"base"}},
    {"upstream", {"base", "net", "http", "policy"}},
    {"cache", {"base", "net", "http", "policy"}},
    {"proxy", {"base", "net", "http", "policy", "route", "filter", "upstream", "cache"}},
    {"config",
     {"base", "http", "policy", "route", "filter/signer.h", "upstream/cluster_options.h",
      "cache/redis_options.h"}},
    {"openapi", {"base", "http", "policy", "route", "config", "proxy/local_reply.h"}},
    {"explain",
     {"base", "http", "policy", "route", "filter", "upstream", "cache", "proxy", "config"}},
    {"server",
     {"base", "net", "http", "policy", "route", "filter", "upstream", "cache", "proxy", "config",
      "explain"}},
    {"cli", {"base", "intercept", "config", "openapi", "explain", "server"}},
    {"main.cc", {"cli"}},
};

// Headers from outside, by the beginning of their path, and who alone may include them.
const std::map<std::string, Names, std::less<>> kReserved = {
    {"CLI/", {"cli"}},
    {"yaml.h", {"openapi"}},
    {"uv.h", {"net"}},
    {"uv/", {"net"}},
    {"llhttp.h", {"http"}},
    {"simdjson.h", {"cache", "config", "plugins"}},
    {"hiredis/", {"cache"}},
    {"openssl/", {"net", "cache", "server", "plugins"}},
    {"dlfcn.h", {"filter"}},
    {"usher/", {"filter", "server", "plugins"}},
    {"linux/netfilter", {"net", "intercept"}},
};

struct Include {
  std::size_t line = 0;
  std::string path;
  bool quoted = false;
};

std::string_view without_blanks(std::string_view text) {
  const auto start = text.find_first_not_of(" \t");
  return start == std::string_view::npos ? std::string_view{} : text.substr(start);
}

// One line's include, or an empty path. What stands in a block comment counts as well: it does no
// harm.
Include parse_include(std::string_view line) {
  line = without_blanks(line);
  if (!line.starts_with('#')) return {};
  line = without_blanks(line.substr(1));
  constexpr std::string_view kWord = "include";
  if (!line.starts_with(kWord)) return {};
  line = without_blanks(line.substr(kWord.size()));
  if (line.empty() || (line.front() != '"' && line.front() != '<')) return {};
  const bool quoted = line.front() == '"';
  const auto end = line.find(quoted ? '"' : '>', 1);
  if (end == std::string_view::npos) return {};
  return {.line = 0, .path = std::string(line.substr(1, end - 1)), .quoted = quoted};
}

std::vector<Include> includes_of(std::string_view text) {
  std::vector<Include> includes;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    Include include = parse_include(text.substr(0, end));
    include.line = number;
    if (!include.path.empty()) includes.push_back(std::move(include));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return includes;
}

std::string_view first_segment(std::string_view path) {
  return path.substr(0, path.find('/'));
}

// "net" for sidecar/net/stream.h, "main.cc" for sidecar/main.cc, "plugins" for all below plugins/.
std::string_view area_of(std::string_view path) {
  if (path.starts_with(kPlugins)) return kPluginArea;
  return path.starts_with(kSidecar) ? first_segment(path.substr(kSidecar.size()))
                                    : std::string_view{};
}

// Why `area` may not include the sidecar header `header`; empty when it may.
std::string refuse_room(std::string_view area, std::string_view header) {
  if (area == kPluginArea) return "plugins include nothing of sidecar/";
  const std::string_view room = first_segment(header);
  const Names& allowed = kRooms.find(area)->second;
  if (room == area || allowed.contains(room) || allowed.contains(header)) return "";
  return std::string(area) + " may not include " + std::string(header);
}

std::string refuse_outside(std::string_view area, std::string_view header) {
  for (const auto& [prefix, areas] : kReserved) {
    const bool match = prefix.ends_with('/') ? header.starts_with(prefix) : header == prefix;
    if (match && !areas.contains(area)) {
      return std::string(area) + " may not see <" + std::string(header) + ">";
    }
  }
  return "";
}

std::string leaves_folder(std::string_view header) {
  return "\"" + std::string(header) + "\" leaves its folder; write paths from the root";
}

std::string refuse(std::string_view area, const Include& include, const OwnHeaders& own) {
  const std::string_view header = include.path;
  if (header.find("..") != std::string_view::npos) return leaves_folder(header);
  if (own.contains(header)) return refuse_room(area, header);
  // A quoted room is a room even when the header does not exist (yet).
  if (include.quoted && kRooms.contains(first_segment(header))) return refuse_room(area, header);
  const bool from_plugins = area == kPluginArea;
  if (include.quoted && !from_plugins && header == first_segment(header)) {
    return "\"" + std::string(header) + "\" has no room; write paths from the root";
  }
  if (include.quoted && !from_plugins && header.starts_with(kPlugins)) {
    return leaves_folder(header);
  }
  return refuse_outside(area, header);
}

}  // namespace

std::vector<std::string> broken_include_rules(std::string_view path, std::string_view text,
                                              const OwnHeaders& own) {
  const std::string_view area = area_of(path);
  if (area != kPluginArea && !kRooms.contains(area)) {
    return {std::string(path) + ":1: " + std::string(area) + " is no room of sidecar/"};
  }
  std::vector<std::string> broken;
  for (const Include& include : includes_of(text)) {
    const std::string reason = refuse(area, include, own);
    if (reason.empty()) continue;
    broken.push_back(std::string(path) + ":" + std::to_string(include.line) + ": " + reason);
  }
  return broken;
}

std::vector<std::string> broken_size_rules(std::string_view path, std::string_view text,
                                           const std::set<std::string, std::less<>>& exempt) {
  auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  if (!text.empty() && text.back() != '\n') ++lines;
  if (lines <= kMaxFileLines || exempt.contains(path)) return {};
  return {std::string(path) + ":" + std::to_string(lines) + ": more than " +
          std::to_string(kMaxFileLines) + " lines; split it by subject"};
}

}  // namespace usher::arch
