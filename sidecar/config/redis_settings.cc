#include "config/redis_settings.h"

#include <algorithm>

#include "config/address.h"
#include "config/redis_url.h"
#include "filter/signer.h"

namespace usher::config {
namespace {

using cache::RedisAddress;
using cache::RedisOptions;
using cache::RedisTopology;

// What reading needs at every step.
struct Sources {
  References& references;
  Problems& problems;
};

// "username", "database" and so on, where the URL says the same.
void report_twice(const ObjectReader& reader, std::string_view key, Problems& problems) {
  const Value* member = reader.find(key);
  if (member == nullptr) return;
  problems.add(reader.place_of(*member),
               in_quotes(key) + " stands in \"url\" too; leave out one of them");
}

std::string read_secret(ObjectReader& reader, std::string_view key, int strength,
                        const Sources& sources) {
  const Value* member = reader.find(key);
  if (member == nullptr) return {};
  const auto secret = sources.references.secret(*member, key, strength, std::nullopt);
  return secret ? std::string(secret->reveal()) : std::string();
}

// What of a member stands in the file itself: a string, or the default of a reference.
std::string_view written(const Value& value) {
  const Value* fallback = value.find("default");
  return fallback == nullptr ? value.text : fallback->text;
}

void read_url(ObjectReader& reader, const Value& member, RedisOptions& options,
              const Sources& sources) {
  const auto text = sources.references.text(member, "url");
  if (!text) return;
  auto url = parse_redis_url(*text);
  if (!url) {
    sources.problems.add(reader.place_of(member), "\"url\" " + url.error());
    return;
  }
  const auto literal = parse_redis_url(written(member));
  if (literal && !literal->password.empty()) {
    sources.problems.add(reader.place_of(member),
                         "\"url\" holds a password, which is a secret and may not stand in the "
                         "file; put the URL in {\"env\": \"NAME\"} or {\"file\": \"/path\"}, or "
                         "the password alone, as \"password\"");
  }
  if (!url->username.empty()) report_twice(reader, "username", sources.problems);
  if (!url->password.empty()) report_twice(reader, "password", sources.problems);
  if (url->database) report_twice(reader, "database", sources.problems);
  options.addresses = {std::move(url->address)};
  options.username = std::move(url->username);
  options.password = std::move(url->password);
  options.database = url->database.value_or(0);
  options.tls.enabled = url->tls;
}

// Of a node; what may hold a password is not repeated.
std::string in_quotes_if_harmless(const Value& value, const std::string& text) {
  const bool is_harmless = value.type == Value::Type::String && text.find('@') == std::string::npos;
  return is_harmless ? in_quotes(text) : "this";
}

std::vector<RedisAddress> read_nodes(ObjectReader& reader, std::string_view key,
                                     std::uint16_t default_port, const Sources& sources) {
  const std::string wanted = "a list such as [\"redis-1:" + std::to_string(default_port) + "\"]";
  std::vector<RedisAddress> nodes;
  for (const Value& value : reader.list(key, wanted)) {
    const auto text = sources.references.text(value, key);
    if (!text) continue;
    auto place = parse_host_and_port(*text);
    if (place) {
      nodes.push_back(
          {.host = std::move(place->host), .port = place->port.value_or(default_port), .path = {}});
    } else {
      sources.problems.add(reader.place_of(value),
                           in_quotes_if_harmless(value, *text) +
                               " is not the address of a node; expected \"host:port\"");
    }
  }
  return nodes;
}

void read_sentinel(ObjectReader reader, RedisOptions& options, const Sources& sources) {
  constexpr std::uint16_t kSentinelPort = 26379;
  constexpr std::string_view kMasterWanted = "the name of a master";
  reader.require("master");
  reader.require("addresses");
  if (const std::string* master = reader.text("master", kMasterWanted)) {
    options.sentinel_master = *master;
    if (master->empty()) reader.wrong(*reader.find("master"), "master", kMasterWanted);
  }
  options.addresses = read_nodes(reader, "addresses", kSentinelPort, sources);
  options.sentinel_password = read_secret(reader, "password", USHER_SECRET_KEY, sources);
}

// Where Redis is: one of three ways to say it.
void read_topology(ObjectReader& reader, RedisOptions& options, const Sources& sources) {
  const Value* first = nullptr;
  for (const std::string_view key : {"url", "cluster", "sentinel"}) {
    const Value* member = reader.find(key);
    if (member == nullptr) continue;
    if (first != nullptr) {
      sources.problems.add(
          reader.place_of(*member),
          in_quotes(key) + " stands beside " + in_quotes(first->name) + "; leave out one of them");
      continue;
    }
    first = member;
    if (key == "url") {
      read_url(reader, *member, options, sources);
    } else if (key == "cluster") {
      options.topology = RedisTopology::Cluster;
      options.addresses = read_nodes(reader, "cluster", 6379, sources);
    } else {
      options.topology = RedisTopology::Sentinel;
      read_sentinel(ObjectReader(*member, Scope::RedisSentinel, sources.problems), options,
                    sources);
    }
  }
  if (first == nullptr) {
    sources.problems.add(reader.place(),
                         "\"redis\" does not say where it is; write \"url\", \"cluster\" or "
                         "\"sentinel\"");
  }
}

// A name without a password would not log in.
void check_login(const ObjectReader& reader, const RedisOptions& options, Problems& problems) {
  if (options.username.empty() || !options.password.empty()) return;
  if (reader.find("password") != nullptr) return;  // was reported
  const Value* username = reader.find("username");
  problems.add(reader.place_of(username != nullptr ? *username : *reader.find("url")),
               "there is a user name without a password; write \"password\" too");
}

// One, or the one that seals and then those that are accepted besides.
void read_seal_keys(ObjectReader& reader, RedisOptions& options, const Sources& sources) {
  constexpr std::size_t kMaxKeys = 4;
  const Value* member = reader.find("secret");
  if (member == nullptr) return;
  if (member->type != Value::Type::Array) {
    options.seal_key = read_secret(reader, "secret", USHER_SECRET_SHARED, sources);
    return;
  }
  if (member->children.empty() || member->children.size() > kMaxKeys) {
    sources.problems.add(reader.place_of(*member),
                         "\"secret\" is a list of " + std::to_string(member->children.size()) +
                             "; expected 1 to " + std::to_string(kMaxKeys) +
                             " references, the first of which seals");
    return;
  }
  std::vector<std::string> keys;
  for (const Value& value : member->children) {
    const auto key = sources.references.secret(value, "secret", USHER_SECRET_SHARED, std::nullopt);
    if (!key) continue;
    if (std::find(keys.begin(), keys.end(), key->reveal()) != keys.end()) {
      sources.problems.warn(reader.place_of(value),
                            "this secret is the same as one before it; leave it out, or give it "
                            "the value that it is to have");
    }
    keys.emplace_back(key->reveal());
  }
  if (keys.empty()) return;
  options.seal_key = std::move(keys.front());
  options.other_seal_keys.assign(std::next(keys.begin()), keys.end());
}

void read_login(ObjectReader& reader, RedisOptions& options, const Sources& sources) {
  if (const Value* member = reader.find("username")) {
    const auto name = sources.references.text(*member, "username");
    if (name) options.username = *name;
  }
  const std::string password = read_secret(reader, "password", USHER_SECRET_KEY, sources);
  if (!password.empty()) options.password = password;
  check_login(reader, options, sources.problems);
  set(options.database, reader.integer("database", 0, kMaxRedisDatabase));
  if (options.topology == RedisTopology::Cluster && options.database != 0) {
    sources.problems.add(reader.place_of(*reader.find("database")),
                         "a cluster has no databases but 0; leave \"database\" out");
  }
  read_seal_keys(reader, options, sources);
}

void read_tls_object(ObjectReader reader, cache::RedisTls& tls, const Sources& sources) {
  const auto read_path = [&](std::string_view key, std::string& path) {
    const Value* member = reader.find(key);
    if (member == nullptr) return;
    set(path, sources.references.path(*member, key));
  };
  read_path("ca", tls.ca_file);
  read_path("certificate", tls.certificate_file);
  read_path("key", tls.key_file);
  constexpr std::string_view kNameWanted = "a host's name";
  if (const std::string* name = reader.text("server_name", kNameWanted)) {
    const auto host = parse_host_and_port(*name);
    if (host && !host->port) {
      tls.server_name = host->host;
    } else {
      reader.wrong(*reader.find("server_name"), "server_name", kNameWanted);
    }
  }
  set(tls.verify, reader.boolean("verify"));
  const Value* certificate = reader.find("certificate");
  const Value* key = reader.find("key");
  if ((certificate == nullptr) == (key == nullptr)) return;
  sources.problems.add(
      reader.place_of(certificate != nullptr ? *certificate : *key),
      std::string(certificate != nullptr ? R"("certificate" stands without "key")"
                                         : R"("key" stands without "certificate")") +
          "; Usher needs both to prove who it is, or neither");
}

void read_tls(ObjectReader& reader, RedisOptions& options, const Sources& sources) {
  const Value* member = reader.find("tls");
  if (member != nullptr && member->type == Value::Type::Object) {
    options.tls.enabled = true;
    read_tls_object(ObjectReader(*member, Scope::RedisTls, sources.problems), options.tls, sources);
  } else if (member != nullptr && member->type == Value::Type::Bool) {
    if (options.tls.enabled && !member->boolean) {
      sources.problems.add(reader.place_of(*member),
                           R"("tls": false contradicts the scheme "rediss" of "url"; change one)");
    }
    options.tls.enabled = member->boolean;
  } else if (member != nullptr) {
    reader.wrong(*member, "tls", "true, false or an object");
  }
  if (options.tls.enabled && !options.addresses.empty() && !options.addresses[0].path.empty()) {
    sources.problems.add(reader.place_of(*member),
                         "\"tls\" is not for a Unix socket, whose file says who may connect; "
                         "leave it out");
  }
}

// "prefix" or "tenant_channel": printed in logs and, the prefix, put before a cluster's hash tag.
void read_name(ObjectReader& reader, std::string_view key, std::string_view forbidden,
               std::string& name) {
  constexpr std::size_t kMaxBytes = 64;
  std::string wanted = "1 to 64 visible characters";
  if (!forbidden.empty()) wanted += " other than { and }";
  const std::string* text = reader.text(key, wanted);
  if (text == nullptr) return;
  const bool good =
      !text->empty() && text->size() <= kMaxBytes &&
      text->find_first_of(forbidden) == std::string::npos &&
      std::all_of(text->begin(), text->end(), [](char c) { return c > 0x20 && c < 0x7f; });
  if (good) {
    name = *text;
  } else {
    reader.wrong(*reader.find(key), key, wanted);
  }
}

void read_limits(ObjectReader& reader, RedisOptions& options) {
  constexpr Duration kMaxTimeout = std::chrono::seconds(10);
  set(options.connections, reader.integer("connections", 1, 16));
  set(options.connect_timeout, reader.duration("connect_timeout", 1ms, kMaxTimeout));
  set(options.timeout, reader.duration("timeout", 1ms, kMaxTimeout));
  set(options.failures, reader.integer("failures", 1, 100));
  set(options.pause, reader.duration("pause", 10ms, std::chrono::minutes(1)));
  set(options.memory_ttl, reader.duration("memory_ttl", Duration::zero(), std::chrono::hours(1)));
}

}  // namespace

std::optional<RedisOptions> read_redis(ObjectReader& cache, References& references,
                                       Problems& problems) {
  const Value* member = cache.find("redis");
  if (member == nullptr) return std::nullopt;
  ObjectReader reader(*member, Scope::Redis, problems);
  if (member->type != Value::Type::Object) return std::nullopt;
  const Sources sources = {.references = references, .problems = problems};
  RedisOptions options;
  read_topology(reader, options, sources);
  read_login(reader, options, sources);
  read_tls(reader, options, sources);
  read_name(reader, "prefix", "{}", options.prefix);
  read_name(reader, "tenant_channel", "", options.tenant_channel);
  read_limits(reader, options);
  return options;
}

}  // namespace usher::config
