#include "openapi/servers.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "config/address.h"
#include "openapi/naming.h"

namespace usher::openapi {
namespace {

using config::Document;
using config::Problems;
using config::Value;

// The URL with its variables' defaults (OpenAPI 3.1.1 §4.8.5); what has none stays in braces.
std::string with_defaults(const Value& server) {
  std::string url = server.find("url")->text;
  const Value* variables = server.find("variables");
  if (variables == nullptr) return url;
  for (const Value& variable : variables->children) {
    const std::string braces = "{" + variable.name + "}";
    const Value* value = variable.find("default");
    if (value == nullptr || value->text.empty()) continue;
    // Once: a default that holds braces of its own would never end.
    const std::size_t at = url.find(braces);
    if (at != std::string::npos) url.replace(at, braces.size(), value->text);
  }
  return url;
}

struct Url {
  std::string address;  // "http://host:port"
  std::string path;
};

struct Candidate {
  const Value* value;  // its "url"
  Url url;
};

Url split(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const std::size_t scheme = url.find("://");
  const std::size_t host = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::size_t path = scheme == std::string_view::npos && !url.starts_with("//")
                               ? 0
                               : std::min(url.find('/', host == 0 ? 2 : host), url.size());
  Url result = {.address = std::string(url.substr(0, path)), .path = std::string(url.substr(path))};
  while (result.path.ends_with('/')) result.path.pop_back();
  if (!result.path.empty() && result.path.front() != '/') result.path.insert(0, "/");
  return result;
}

// A path that stands in front of every call, or nothing.
std::string usable_path(const std::string& path) {
  if (path.empty()) return {};
  const MatchPath converted = match_path(path);
  const bool fixed = converted.error.empty() && converted.text.find('{') == std::string::npos;
  return fixed ? converted.text : std::string();
}

void note_unusable(const Document& document, const Value& url_value, const Url& url,
                   Problems& notes) {
  const config::Place place = document.place(url_value);
  if (!url.path.empty() && usable_path(url.path).empty()) {
    notes.add(place,
              "the path of this server is not fixed, and is left out; write the \"base_path\" and "
              "\"prefix\" that are meant");
  }
  if (url.address.starts_with("https://")) {
    notes.add(
        place,
        "Usher calls owners by http:// within the cluster, so this address is not taken over");
  } else if (!url.address.empty() && !config::parse_owner_address(url.address)) {
    notes.add(place, config::in_quotes(url.address) + " is no address that Usher could call");
  }
}

}  // namespace

Servers read_servers(const Document& document, Problems& notes) {
  Servers result;
  const Value* servers = document.root().find("servers");
  if (servers == nullptr) return result;
  std::vector<Candidate> candidates;
  for (const Value& server : servers->children) {
    const Value* url = server.find("url");
    const bool is_sidecar = server.find("x-usher") != nullptr;  // of an exported document
    if (url != nullptr && !is_sidecar)
      candidates.push_back({.value = url, .url = split(with_defaults(server))});
  }
  if (candidates.empty()) return result;
  const auto callable =
      std::find_if(candidates.begin(), candidates.end(), [](const Candidate& candidate) {
        return config::parse_owner_address(candidate.url.address).has_value();
      });
  const auto taken = callable == candidates.end() ? candidates.begin() : callable;
  result.value = taken->value;
  result.path = usable_path(taken->url.path);
  if (taken == callable) result.address = taken->url.address;
  note_unusable(document, *taken->value, taken->url, notes);
  for (const Candidate& other : candidates) {
    if (&other == &*taken) continue;
    notes.add(document.place(*other.value),
              "this server is not taken over; where environments differ, \"addresses\" may hold "
              "{\"env\": \"NAME\"}");
  }
  return result;
}

}  // namespace usher::openapi
