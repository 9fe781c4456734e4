#include "config/usher_file.h"

#include "config/redis_settings.h"
#include "config/units.h"

namespace usher::config {
namespace {

constexpr std::size_t kKiB = 1024;
constexpr std::size_t kMiB = 1024 * kKiB;
constexpr Duration kMaxTimeout = std::chrono::hours(1);

constexpr std::string_view kDefaultOutbound = "127.0.0.1:7401";
constexpr std::string_view kDefaultAdmin = "127.0.0.1:7400";

constexpr std::string_view kOpenToAll =
    " can be reached from outside, and whoever reaches it calls in this consumer's name; listen on "
    "127.0.0.1 or \"unix:/path\" where the consumer is on the same host or in the same pod";

void read_consumer(ObjectReader& reader, References& references, Snapshot& snapshot,
                   Problems& problems) {
  if (!snapshot.consumer.empty()) return;
  const Value* member = reader.require("consumer");
  if (member == nullptr) return;
  const auto name = references.text(*member, "consumer");
  if (!name) return;
  if (is_service_name(*name)) {
    snapshot.consumer = *name;
  } else {
    problems.add(reader.place_of(*member),
                 "\"consumer\" is " + in_quotes(*name) + "; expected " + std::string(kNameWanted));
  }
}

PlacedAddress default_address(std::string_view text) {
  return {.address = *parse_listen_address(text), .place = {}};
}

void read_interception(ObjectReader& outbound, Snapshot& snapshot, Problems& problems) {
  constexpr Choice<bool> kUnmatched[] = {{"refuse", false}, {"forward", true}};
  set(snapshot.forward_unmatched, outbound.choice("unmatched", kUnmatched));
  set(snapshot.detect_timeout, outbound.duration("detect_timeout", 1ms, kMaxTimeout));
  constexpr std::string_view kWanted = R"(a list such as ["db.example.com:5432"])";
  const auto patterns = outbound.any_list("connect", kWanted);
  if (!patterns) return;
  for (const Value& value : *patterns) {
    const std::string* text = outbound.text_of(value, "connect", kWanted);
    if (text == nullptr) continue;
    if (const auto added = snapshot.connect.add(*text); !added) {
      problems.add(place_of(value), added.error());
    }
  }
}

std::vector<PlacedAddress> read_outbound(ObjectReader outbound, Snapshot& snapshot,
                                         Problems& problems) {
  read_interception(outbound, snapshot, problems);
  set(snapshot.annotate, outbound.boolean("annotate"));
  policy::ConsumerTimeouts& timeouts = snapshot.consumer_timeouts;
  set(timeouts.head, outbound.duration("head_timeout", 1ms, kMaxTimeout));
  set(timeouts.idle, outbound.duration("idle_timeout", 1ms, kMaxTimeout));
  set(timeouts.body, outbound.duration("body_timeout", 1ms, kMaxTimeout));
  std::vector<PlacedAddress> addresses = read_listen(outbound, problems);
  if (outbound.find("listen") == nullptr) addresses = {default_address(kDefaultOutbound)};
  return addresses;
}

PlacedAddress read_admin(ObjectReader admin, Problems& problems) {
  PlacedAddress result = default_address(kDefaultAdmin);
  const std::string* text = admin.text("listen", "an address");
  if (text == nullptr) return result;
  const Place place = admin.place_of(*admin.find("listen"));
  auto address = parse_listen_address(*text);
  if (!address) {
    problems.add(place, address.error());
  } else if (!is_local(*address)) {
    problems.add(place, in_quotes(*text) +
                            " can be reached from outside, and the admin interface has "
                            "no login; expected a loopback address or \"unix:/path\"");
  } else {
    result = {.address = std::move(*address), .place = place};
  }
  return result;
}

void read_limits(ObjectReader reader, policy::Limits& limits, Problems& problems) {
  set(limits.head.head_bytes, reader.size("request_head", kKiB, 256 * kKiB));
  set(limits.head.target_bytes, reader.size("request_target", 64, 256 * kKiB));
  if (const auto count = reader.integer("header_count", 1, http::kMaxFields)) {
    limits.head.field_count = *count;
  }
  set(limits.signed_body_bytes, reader.size("signed_body", kKiB, 64 * kMiB));
  set(limits.memory_bytes, reader.size("memory", kMiB, 1024 * 1024 * kMiB));
  set(limits.buffer_bytes, reader.size("buffer", 4 * kKiB, 16 * kMiB));
  set(limits.replay_bytes, reader.size("replay", 0, 64 * kMiB));
  if (const auto count = reader.integer("connections", 1, 1'000'000)) limits.connections = *count;

  // While a held body is made one piece it is there twice.
  const Value* memory = reader.find("memory");
  if (const Value* body = reader.find("signed_body");
      limits.signed_body_bytes > limits.memory_bytes / 2 &&
      (body != nullptr || memory != nullptr)) {
    problems.add(reader.place_of(body != nullptr ? *body : *memory),
                 "\"signed_body\" of " + format_size(limits.signed_body_bytes) +
                     " is more than half of \"memory\" of " + format_size(limits.memory_bytes) +
                     "; lower it, or raise \"memory\"");
  }
  if (limits.head.target_bytes <= limits.head.head_bytes) return;
  if (const Value* target = reader.find("request_target")) {
    problems.add(reader.place_of(*target),
                 "\"request_target\" of " + format_size(limits.head.target_bytes) +
                     " is larger than \"request_head\" of " + format_size(limits.head.head_bytes) +
                     ", which holds it; lower it");
  } else {
    limits.head.target_bytes = limits.head.head_bytes;
  }
}

void read_log(ObjectReader log, Snapshot& snapshot) {
  constexpr Choice<LogLevel> kLevels[] = {{"debug", LogLevel::Debug},
                                          {"info", LogLevel::Info},
                                          {"warn", LogLevel::Warn},
                                          {"error", LogLevel::Error}};
  constexpr Choice<AccessLog> kAccess[] = {
      {"off", AccessLog::Off}, {"errors", AccessLog::Errors}, {"all", AccessLog::All}};
  set(snapshot.log_level, log.choice("level", kLevels));
  set(snapshot.access_log, log.choice("access", kAccess));
}

void read_cache(ObjectReader cache, References& references, Snapshot& snapshot,
                Problems& problems) {
  set(snapshot.cache_memory_bytes, cache.size("memory", 0, 64 * 1024 * kMiB));
  if (references.needs_secrets()) snapshot.redis = read_redis(cache, references, problems);
}

}  // namespace

std::vector<PlacedAddress> read_listen(ObjectReader& reader, Problems& problems) {
  std::vector<PlacedAddress> addresses;
  const Value* member = reader.find("listen");
  if (member == nullptr) return addresses;
  constexpr std::string_view kWanted = "an address or a list of addresses";
  std::span<const Value> values(member, 1);
  if (member->type != Value::Type::String) values = reader.list("listen", kWanted);
  for (const Value& value : values) {
    const std::string* text = reader.text_of(value, "listen", kWanted);
    if (text == nullptr) continue;
    auto address = parse_listen_address(*text);
    if (!address) {
      problems.add(place_of(value), address.error());
      continue;
    }
    if (!is_local(*address)) {
      problems.warn(place_of(value), in_quotes(*text) + std::string(kOpenToAll));
    }
    addresses.push_back({.address = std::move(*address), .place = place_of(value)});
  }
  return addresses;
}

UsherSettings read_usher_file(const Value& root, References& references, Snapshot& snapshot,
                              Problems& problems) {
  ObjectReader reader(root, Scope::Usher, problems);
  reader.text("$schema", "a string");
  read_consumer(reader, references, snapshot, problems);
  if (const auto workers = reader.integer("workers", 1, 64)) {
    snapshot.workers = static_cast<unsigned>(*workers);
  }
  UsherSettings settings;
  settings.written = &root;
  settings.outbound =
      read_outbound(Section(reader, "outbound", Scope::Outbound, problems), snapshot, problems);
  settings.admin = read_admin(Section(reader, "admin", Scope::Admin, problems), problems);
  snapshot.admin = settings.admin.address;
  read_limits(Section(reader, "limits", Scope::Limits, problems), snapshot.limits, problems);
  Section drain(reader, "drain", Scope::Drain, problems);
  set(snapshot.drain.delay, drain.duration("delay", Duration::zero(), kMaxTimeout));
  set(snapshot.drain.timeout, drain.duration("timeout", Duration::zero(), kMaxTimeout));
  read_log(Section(reader, "log", Scope::Log, problems), snapshot);
  read_cache(Section(reader, "cache", Scope::Cache, problems), references, snapshot, problems);
  read_retry_presets(reader, settings.presets, problems);
  Section defaults(reader, "defaults", Scope::Defaults, problems);
  settings.defaults = read_policy(defaults, settings.presets, problems);
  return settings;
}

}  // namespace usher::config
