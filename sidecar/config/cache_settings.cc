#include "config/cache_settings.h"

#include <algorithm>
#include <functional>

#include "base/bytes.h"
#include "config/vary_field.h"
#include "policy/repeatability.h"

namespace usher::config {
namespace {

using policy::CachePolicy;
using policy::CacheScope;
using policy::TagTemplate;

constexpr std::size_t kKiB = 1024;
constexpr Duration kMaxTtl = std::chrono::hours(30 * 24);
constexpr std::size_t kMaxTags = 16;
constexpr std::size_t kMaxVary = 16;
constexpr std::size_t kMaxQuery = 64;

constexpr Choice<CacheScope> kScopes[] = {
    {"tenant", CacheScope::Tenant}, {"user", CacheScope::User}, {"public", CacheScope::Public}};

// Calls `read` with each string of a list, which has no more than `max` and none twice; false where
// there is no list.
bool read_strings(ObjectReader& reader, std::string_view key, std::size_t max, Problems& problems,
                  const std::function<void(const std::string&, Place)>& read) {
  constexpr std::string_view kWanted = "a list of strings";
  const auto values = reader.any_list(key, kWanted);
  if (!values) return false;
  if (values->size() > max) {
    problems.add(reader.place_of(*reader.find(key)),
                 in_quotes(key) + " has " + std::to_string(values->size()) + " elements; at most " +
                     std::to_string(max) + " are allowed");
  }
  for (const Value& value : *values) {
    const std::string* text = reader.text_of(value, key, kWanted);
    if (text == nullptr) continue;
    const bool again = std::any_of(values->data(), &value,
                                   [&](const Value& earlier) { return earlier.text == *text; });
    if (again) {
      problems.add(reader.place_of(value), in_quotes(*text) + " stands twice; leave one out");
    } else {
      read(*text, reader.place_of(value));
    }
  }
  return true;
}

// "tags" or "invalidates". A pointer into the answer is for the one, into the call for the other.
std::vector<TagTemplate> read_tags(ObjectReader& reader, std::string_view key,
                                   const std::optional<MatchedCall>& call, Problems& problems) {
  const bool of_answer = key == "tags";
  const auto other = of_answer ? TagTemplate::Source::Request : TagTemplate::Source::Response;
  const std::string_view why =
      of_answer ? R"( takes a value from the call's body, which GET has none of; use {response:/…})"
                : R"( takes a value from the answer, which only "tags" do; use {request:/…})";
  std::vector<TagTemplate> tags;
  read_strings(reader, key, kMaxTags, problems, [&](const std::string& text, Place place) {
    if (!call) return;
    auto tag = TagTemplate::parse(text, call->parameters);
    if (!tag) {
      problems.add(place, tag.error());
    } else if (tag->source() == other) {
      problems.add(place, in_quotes(text) + std::string(why));
    } else {
      tags.push_back(std::move(*tag));
    }
  });
  return tags;
}

void read_times(ObjectReader& reader, CachePolicy& policy, Problems& problems) {
  constexpr Choice<bool> kFreshness[] = {{"owner", false}, {"policy", true}};
  policy.ttl = reader.duration("ttl", 1ms, kMaxTtl);
  set(policy.ttl_overrides, reader.choice("freshness", kFreshness));
  if (policy.ttl_overrides && reader.find("ttl") == nullptr) {
    problems.add(reader.place_of(*reader.find("freshness")),
                 R"("freshness": "policy" has no time to go by; write "ttl" too)");
  }
  set(policy.stale_while_revalidate,
      reader.duration("stale_while_revalidate", Duration::zero(), kMaxTtl));
  set(policy.stale_if_error, reader.duration("stale_if_error", Duration::zero(), kMaxTtl));
  set(policy.negative_ttl,
      reader.duration("negative_ttl", Duration::zero(), std::chrono::seconds(30)));
}

// "scope" and "vary", in which "user" is another way to say "scope": "user".
void read_audience(ObjectReader& reader, CachePolicy& policy, Problems& problems) {
  set(policy.scope, reader.choice("scope", kScopes));
  read_strings(reader, "vary", kMaxVary, problems, [&](const std::string& name, Place place) {
    if (name == "user") {
      if (policy.scope == CacheScope::Public) {
        problems.add(place, R"("user" contradicts "scope": "public" beside it; leave out one)");
      }
      policy.scope = CacheScope::User;
      return;
    }
    if (const std::string_view why = why_not_in_key(name); !why.empty()) {
      problems.add(place, in_quotes(name) + " " + std::string(why));
      return;
    }
    std::string& field = policy.vary.emplace_back(name);
    std::transform(field.begin(), field.end(), field.begin(), to_lower);
  });
  std::sort(policy.vary.begin(), policy.vary.end());
  policy.vary.erase(std::unique(policy.vary.begin(), policy.vary.end()), policy.vary.end());
}

// Names are compared with the bytes of a call's query.
void read_query(ObjectReader& reader, CachePolicy& policy, Problems& problems) {
  std::vector<std::string> names;
  const auto read = [&](const std::string& name, Place place) {
    const bool good = !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
      return c > 0x20 && c < 0x7f && c != '&' && c != '=' && c != '#';
    });
    if (good) {
      names.push_back(name);
    } else {
      problems.add(
          place, in_quotes(name) + " is not a parameter's name; write it as it stands in a query");
    }
  };
  if (!read_strings(reader, "query", kMaxQuery, problems, read)) return;
  std::sort(names.begin(), names.end());
  policy.query = std::move(names);
}

// FNV-1a, 64 bits (Fowler, Noll and Vo).
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3;
  }
  return hash;
}

// A number of all that the policy says: the same in every process and after every restart. Elements
// of lists end with a byte that they cannot have.
std::uint64_t version_of(const CachePolicy& policy) {
  const auto number = [](auto value) { return std::to_string(value) + ' '; };
  std::string text = policy.ttl ? number(policy.ttl->count()) : "- ";
  text += number(policy.ttl_overrides) + number(policy.stale_while_revalidate.count()) +
          number(policy.stale_if_error.count()) + number(policy.negative_ttl.count()) +
          number(static_cast<int>(policy.scope)) + number(policy.max_object) + number(policy.lock);
  for (const std::string& name : policy.vary) text += name + '\n';
  text += policy.query ? "\nquery\n" : "\nany\n";
  for (const std::string& name : policy.query.value_or(std::vector<std::string>())) {
    text += name + '\n';
  }
  for (const TagTemplate& tag : policy.tags) text += '\n' + tag.text() + '\0';
  return hash_of(text);
}

CachePolicy read_object(ObjectReader reader, const std::optional<MatchedCall>& call,
                        Problems& problems) {
  CachePolicy policy;
  read_times(reader, policy, problems);
  read_audience(reader, policy, problems);
  read_query(reader, policy, problems);
  set(policy.max_object, reader.size("max_object", kKiB, 16 * kKiB * kKiB));
  policy.tags = read_tags(reader, "tags", call, problems);
  set(policy.lock, reader.boolean("lock"));
  policy.version = version_of(policy);
  return policy;
}

// Says that `key` must not stand at an endpoint that is as `what` says.
void report_misplaced(const ObjectReader& endpoint, std::string_view key, std::string_view what,
                      Problems& problems) {
  problems.add(endpoint.place_of(*endpoint.find(key)),
               in_quotes(key) + " stands at an endpoint " + std::string(what) + "; leave it out");
}

}  // namespace

void add_to_version(policy::CachePolicy& policy, std::string_view text) {
  policy.version = hash_of(std::to_string(policy.version).append(text));
}

std::optional<CachePolicy> read_endpoint_cache(ObjectReader& endpoint,
                                               const std::optional<MatchedCall>& call,
                                               Problems& problems) {
  const Value* member = endpoint.find("cache");
  if (member == nullptr || (member->type == Value::Type::Bool && !member->boolean)) {
    return std::nullopt;
  }
  if (member->type != Value::Type::Object) {
    endpoint.wrong(*member, "cache", "false or an object");
    return std::nullopt;
  }
  if (call && call->method != http::Method::Get) {
    report_misplaced(endpoint, "cache",
                     "for " + std::string(http::to_string(call->method)) +
                         R"(, but only answers to GET are kept, whatever "safe" says)",
                     problems);
    return std::nullopt;
  }
  return read_object(ObjectReader(*member, Scope::EndpointCache, problems), call, problems);
}

std::vector<TagTemplate> read_invalidates(ObjectReader& endpoint,
                                          const std::optional<MatchedCall>& call,
                                          Problems& problems) {
  if (endpoint.find("invalidates") == nullptr) return {};
  const Value* safe = endpoint.find("safe");
  const bool only_reads =
      (call && policy::is_safe(call->method)) || (safe != nullptr && safe->boolean);
  if (!only_reads) return read_tags(endpoint, "invalidates", call, problems);
  report_misplaced(endpoint, "invalidates", "that only reads, and changes nothing", problems);
  return {};
}

}  // namespace usher::config
