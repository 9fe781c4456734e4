#include "config/service_file.h"

#include <algorithm>

#include "config/cache_settings.h"
#include "config/fallback_settings.h"
#include "config/owner_settings.h"
#include "config/spelling.h"
#include "filter/signer.h"

namespace usher::config {
namespace {

constexpr http::Method kEndpointMethods[] = {
    http::Method::Get,    http::Method::Head,  http::Method::Post,   http::Method::Put,
    http::Method::Delete, http::Method::Patch, http::Method::Options};

// "name" or "service".
std::string read_name(ObjectReader& reader, std::string_view key) {
  const Value* member = reader.require(key);
  if (member == nullptr) return {};
  const std::string* name = reader.text_of(*member, key, kNameWanted);
  if (name == nullptr) return {};
  if (is_service_name(*name)) return *name;
  reader.wrong(*member, key, kNameWanted);
  return {};
}

Allowlist read_consumers(ObjectReader& reader, Problems& problems) {
  if (reader.find("consumers") == nullptr) return std::nullopt;
  std::vector<std::string> names;
  for (const Value& value :
       reader.list("consumers", "a list of names; leave it out to allow every consumer")) {
    if (value.type != Value::Type::String || !is_service_name(value.text)) {
      reader.wrong(value, "consumers", kNameWanted);
    } else if (std::find(names.begin(), names.end(), value.text) != names.end()) {
      problems.warn(place_of(value), in_quotes(value.text) + " stands twice; leave one out");
    } else {
      names.push_back(value.text);
    }
  }
  return names;
}

// What every scheme has in common. The scheme itself checks the rest when it is configured.
const Value* read_auth(ObjectReader& parent, Problems& problems) {
  const Value* member = parent.find("auth");
  if (member == nullptr) return nullptr;
  ObjectReader reader(*member, Scope::Auth, problems);
  if (member->type != Value::Type::Object) return nullptr;
  reader.boolean("insecure");
  const Value* scheme = reader.require("scheme");
  if (scheme == nullptr) return nullptr;
  const auto names = filter::scheme_names();
  if (scheme->type != Value::Type::String ||
      std::find(names.begin(), names.end(), scheme->text) == names.end()) {
    reader.not_one_of(*scheme, "scheme", names);
    return nullptr;
  }
  if (scheme->text != "none") return member;
  for (const Value& other : member->children) {
    if (other.name == "scheme" || other.name == "insecure") continue;
    problems.add(name_place_of(other), "the scheme \"none\" has no " + in_quotes(other.name) +
                                           "; leave it out or choose another scheme");
  }
  return member;
}

// "base_path" or "prefix": a path without parameters or a slash at its end.
std::string read_path(ObjectReader& reader, std::string_view key, Problems& problems) {
  const std::string* text = reader.text(key, "a path such as \"/auth\"");
  if (text == nullptr) return {};
  const Place place = reader.place_of(*reader.find(key));
  const auto path = route::PathTemplate::parse(*text);
  if (!path) {
    problems.add(place, in_quotes(key) + ": " + path.error());
  } else if (path->parameter_count() > 0) {
    problems.add(place, in_quotes(key) +
                            " has a parameter; it is the same for every call, give each "
                            "endpoint a \"rewrite\" instead");
  } else if (text->ends_with('/')) {
    problems.add(place, in_quotes(key) +
                            " ends with '/'; leave that out, the path behind it begins "
                            "with one");
  } else {
    return *text;
  }
  return {};
}

struct MatchText {
  http::Method method;
  std::string path;
};

std::optional<MatchText> split_match(std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  for (const http::Method method : kEndpointMethods) {
    if (text.substr(0, space) == http::to_string(method)) {
      return MatchText{.method = method, .path = std::string(text.substr(space + 1))};
    }
  }
  return std::nullopt;
}

std::vector<std::string_view> method_names() {
  std::vector<std::string_view> names;
  for (const http::Method method : kEndpointMethods) names.push_back(http::to_string(method));
  return names;
}

std::string match_wanted() {
  return R"("METHOD /path", METHOD being one of )" + list_of(method_names());
}

// "GET /a" for "get /a" and "GTE /a"; empty where no method is near.
std::string close_match(std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos) return {};
  std::string method(text.substr(0, space));
  std::transform(method.begin(), method.end(), method.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  const auto names = method_names();
  const std::string_view close = nearest(method, names);
  return close.empty() ? std::string() : std::string(close) + std::string(text.substr(space));
}

// Paths that every endpoint of a service has around its own.
struct ServicePaths {
  std::string base_path;
  std::string prefix;
};

// "it has {x}, {y}", for messages.
std::string list_of(const route::PathTemplate& match) {
  std::string list;
  for (const auto& segment : match.segments()) {
    if (segment.is_parameter())
      list += (list.empty() ? "it has {" : ", {") + segment.parameter + "}";
  }
  return list.empty() ? "it has none" : list;
}

// The owner's path: "rewrite", else prefix and match. False after a mistake.
bool read_rewrite(ObjectReader& reader, const std::string& default_path, EndpointSettings& endpoint,
                  Problems& problems) {
  const Value* member = reader.find("rewrite");
  if (member != nullptr && member->type != Value::Type::String) return false;  // was reported
  auto rewrite = route::PathTemplate::parse(member == nullptr ? default_path : member->text);
  const Place place = member == nullptr ? endpoint.match_place : reader.place_of(*member);
  if (!rewrite) {
    problems.add(place,
                 in_quotes(member == nullptr ? "match" : "rewrite") + ": " + rewrite.error());
    return false;
  }
  endpoint.rewrite = std::move(*rewrite);
  if (endpoint.rewrite.bind(endpoint.match)) return true;
  for (const auto& segment : endpoint.rewrite.segments()) {
    if (segment.is_parameter() && endpoint.match.parameter_index(segment.parameter) < 0) {
      problems.add(place, "\"rewrite\" has the parameter {" + segment.parameter +
                              "}, which \"match\" does not have; " + list_of(endpoint.match));
    }
  }
  return false;
}

bool read_match(ObjectReader& reader, const ServicePaths& paths, EndpointSettings& endpoint,
                Problems& problems) {
  const Value* member = reader.require("match");
  if (member == nullptr) return false;
  endpoint.match_place = reader.place_of(*member);
  const std::string* text = reader.text_of(*member, "match", match_wanted());
  if (text == nullptr) return false;
  auto split = split_match(*text);
  if (!split) {
    reader.wrong(*member, "match", match_wanted(), close_match(*text));
    return false;
  }
  endpoint.method = split->method;
  auto match = route::PathTemplate::parse(split->path);
  if (match) endpoint.path = *match;
  if (match) match = route::PathTemplate::parse(paths.base_path + split->path);
  if (!match) {
    problems.add(endpoint.match_place, "\"match\": " + match.error());
    return false;
  }
  endpoint.match = std::move(*match);
  return read_rewrite(reader, paths.prefix + split->path, endpoint, problems);
}

void read_safe(ObjectReader& reader, EndpointSettings& endpoint, Problems& problems) {
  endpoint.policy.safe = reader.boolean("safe");
  const auto& idempotent = endpoint.policy.idempotent;
  if (endpoint.policy.safe.value_or(false) && idempotent &&
      idempotent->value == policy::IdempotentRule::No) {
    problems.add(reader.place_of(*reader.find("safe")),
                 "\"safe\": true contradicts \"idempotent\": false beside it; what only reads may "
                 "be repeated, leave out one");
  }
}

void read_caching(ObjectReader& reader, bool matches, EndpointSettings& endpoint,
                  Problems& problems) {
  std::optional<MatchedCall> call;
  if (matches) {
    call = {.method = endpoint.method, .parameters = {}};
    for (const auto& segment : endpoint.match.segments()) {
      if (segment.is_parameter()) call->parameters.push_back(segment.parameter);
    }
  }
  endpoint.policy.cache = read_endpoint_cache(reader, call, problems);
  // Another path at the owner is another answer.
  if (endpoint.policy.cache) add_to_version(*endpoint.policy.cache, endpoint.rewrite.text());
  endpoint.policy.invalidates = read_invalidates(reader, call, problems);
}

// Nothing when the endpoint cannot be matched; the rest of it was checked all the same.
std::optional<EndpointSettings> read_endpoint(const Value& value, const ServicePaths& paths,
                                              const RetryPresets& presets, Problems& problems) {
  ObjectReader reader(value, Scope::Endpoint, problems);
  if (value.type != Value::Type::Object) return std::nullopt;
  EndpointSettings endpoint;
  endpoint.written = &value;
  endpoint.name = read_name(reader, "name");
  const Value* name = reader.find("name");
  endpoint.place = name == nullptr ? reader.place() : reader.place_of(*name);
  endpoint.consumers = read_consumers(reader, problems);
  endpoint.auth = read_auth(reader, problems);
  endpoint.policy = read_policy(reader, presets, problems);
  read_safe(reader, endpoint, problems);
  endpoint.policy.fallback = read_fallback(reader, problems);
  reader.text("rewrite", "a path");
  const bool matches = read_match(reader, paths, endpoint, problems);
  read_caching(reader, matches, endpoint, problems);
  if (!matches) return std::nullopt;
  return endpoint;
}

void read_addresses(ObjectReader& reader, References& references, ServiceSettings& service,
                    Problems& problems) {
  if (reader.require("addresses") == nullptr) return;
  constexpr std::string_view kWanted = R"(a list such as ["http://ticket-service:3004"])";
  for (const Value& value : reader.list("addresses", kWanted)) {
    const auto text = references.text(value, "addresses");
    if (!text) continue;
    auto address = parse_owner_address(*text);
    if (address) {
      service.cluster.addresses.push_back(std::move(*address));
    } else {
      problems.add(reader.place_of(value), address.error());
    }
  }
}

void read_hosts(ObjectReader& reader, ServiceSettings& service, Problems& problems) {
  constexpr std::string_view kWanted =
      R"(a list such as ["ticket-service.shop.svc.cluster.local", "tickets:3004"])";
  const auto hosts = reader.any_list("hosts", kWanted);
  if (!hosts) return;
  for (const Value& value : *hosts) {
    const std::string* text = reader.text_of(value, "hosts", kWanted);
    if (text == nullptr) continue;
    const auto parsed = parse_host_and_port(*text);
    if (parsed) {
      service.hosts.push_back({.host = parsed->host, .port = parsed->port});
    } else {
      problems.add(place_of(value), in_quotes(*text) +
                                        " is no host and port; expected a name or an address, with "
                                        "or without a port, such as \"ticket-service:3004\"");
    }
  }
}

}  // namespace

ServiceSettings read_service_file(const Value& root, References& references,
                                  const RetryPresets& presets, Problems& problems) {
  ObjectReader reader(root, Scope::Service, problems);
  ServiceSettings service;
  service.written = &root;
  reader.text("$schema", "a string");
  service.name = read_name(reader, "service");
  const Value* name = reader.find("service");
  service.place = name == nullptr ? reader.place() : reader.place_of(*name);
  service.cluster.service = service.name;
  read_addresses(reader, references, service, problems);
  read_hosts(reader, service, problems);
  if (const auto count = reader.integer("connections", 1, 65535)) {
    service.cluster.connections_per_host = *count;
  }
  if (const auto count = reader.integer("pending", 0, 1'000'000)) service.cluster.pending = *count;
  read_owner_settings(reader, service.cluster, problems);
  service.listen = read_listen(reader, problems);
  service.consumers = read_consumers(reader, problems);
  service.auth = read_auth(reader, problems);
  service.policy = read_policy(reader, presets, problems);

  const ServicePaths paths = {.base_path = read_path(reader, "base_path", problems),
                              .prefix = read_path(reader, "prefix", problems)};
  if (reader.require("endpoints") == nullptr) return service;
  for (const Value& value : reader.list("endpoints", "a list of at least one endpoint")) {
    auto endpoint = read_endpoint(value, paths, presets, problems);
    if (endpoint) service.endpoints.push_back(std::move(*endpoint));
  }
  return service;
}

}  // namespace usher::config
