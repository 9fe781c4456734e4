#include "server/cache_entry_page.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/json_writer.h"
#include "http/target.h"
#include "server/query.h"

namespace usher::server {
namespace {

using cache::EntryRef;

// The call whose answer is looked for.
struct Asked {
  std::string target;
  std::string tenant;
  std::string user;
  std::string consumer;
  http::Method method = http::Method::Get;
  std::vector<std::string> headers;  // "Name: value"
  http::Fields fields;               // of them
  bool body = false;
};

// What is wrong with the query; empty when nothing is.
std::string why_unusable(const std::optional<Query>& query) {
  if (!query) return "a '%' in the query without two hexadecimal digits";
  if (const std::string* unknown =
          query->unknown({"target", "tenant", "user", "consumer", "method", "header", "body"})) {
    return "unknown parameter \"" + *unknown + "\"";
  }
  const std::string* target = query->find("target");
  if (target == nullptr) return "there is no \"target\", such as target=/internal/tickets/7";
  if (!http::check_target(*target)) return "\"target\" is none that a call can have";
  const std::string* method = query->find("method");
  if (method != nullptr && *method != "GET" && *method != "HEAD") {
    return "only answers to GET are kept, which HEAD gets too";
  }
  return "";
}

// REQUIRES: why_unusable() has nothing to say. Its fields point into it.
std::unique_ptr<Asked> read_asked(const Query& query, const std::string& consumer) {
  const auto value_of = [&](std::string_view name, const std::string& otherwise) {
    const std::string* value = query.find(name);
    return value == nullptr ? otherwise : *value;
  };
  auto asked = std::make_unique<Asked>();
  asked->target = value_of("target", "");
  asked->tenant = value_of("tenant", "");
  asked->user = value_of("user", "");
  asked->consumer = value_of("consumer", consumer);
  if (value_of("method", "GET") == "HEAD") asked->method = http::Method::Head;
  asked->body = value_of("body", "") == "1";
  asked->headers = query.all("header");
  for (const std::string_view header : asked->headers) {
    const std::size_t colon = std::min(header.find(':'), header.size());
    const std::string_view name = trim(header.substr(0, colon));
    const std::string_view value = trim(header.substr(std::min(colon + 1, header.size())));
    asked->fields.add(name, value, http::field_id(name));
  }
  return asked;
}

// On whichever listener there is one.
const route::Endpoint* find_endpoint(const config::Snapshot& snapshot, const Asked& asked) {
  const std::string_view path = http::split_target(asked.target).path;
  for (const config::OutboundListener& listener : snapshot.listeners) {
    const auto match = listener.router.match(asked.method, path);
    if (match.endpoint != nullptr) return match.endpoint;
  }
  return nullptr;
}

// "Name: value\r\n…" as a list of strings.
void write_lines(JsonWriter& json, std::string_view lines) {
  json.name("head").open('[');
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find("\r\n"), lines.size());
    json.string(lines.substr(0, end));
    lines.remove_prefix(std::min(end + 2, lines.size()));
  }
  json.close(']');
}

void write_freshness(JsonWriter& json, const policy::Freshness& freshness, std::int64_t now_ms) {
  const std::int64_t age = freshness.age_ms(now_ms);
  json.number("ageMs", age)
      .number("freshForMs", std::max<std::int64_t>(0, freshness.lifetime_ms - age))
      .number("lifetimeMs", freshness.lifetime_ms)
      .number("staleWhileRevalidateMs", freshness.stale_while_revalidate_ms)
      .number("staleIfErrorMs", freshness.stale_if_error_ms);
  json.name("mustRevalidate").literal(freshness.must_revalidate ? "true" : "false");
  json.name("noCache").literal(freshness.no_cache ? "true" : "false");
}

std::string render(const route::Endpoint& endpoint, const cache::Entry& entry, const Asked& asked,
                   const CachePageParts& parts) {
  JsonWriter json;
  json.open('{').name("service").string(endpoint.service).name("endpoint").string(endpoint.name);
  json.name("key").string(to_hex(entry.key().digest)).number("status", entry.status());
  // Not good: made stale since, or not trusted while the channel to other sidecars is broken.
  json.name("good").literal(parts.cache.tags.is_good(entry.begun(), entry.tags()) ? "true"
                                                                                  : "false");
  write_freshness(json, entry.freshness(), parts.now_ms);
  json.number("inMemoryMs", std::max<std::int64_t>(0, parts.now_ms - entry.loaded_ms()))
      .number("bytes", entry.bytes())
      .number("tags", entry.tags().size());
  write_lines(json, entry.lines());
  json.number("bodyBytes", entry.body().size());
  if (asked.body) json.name("body").string(entry.body());
  json.close('}');
  return json.take();
}

}  // namespace

AdminAnswer answer_cache_entry(const AdminRequest& request, const CachePageParts& parts) {
  const auto query = Query::parse(request.query);
  if (const std::string why = why_unusable(query); !why.empty()) return admin_refusal(400, why);
  const auto asked = read_asked(*query, parts.snapshot.consumer);
  const route::Endpoint* endpoint = find_endpoint(parts.snapshot, *asked);
  if (endpoint == nullptr) return admin_refusal(404, "no endpoint has this method and path");
  if (!endpoint->policy.cache) {
    return admin_refusal(404, "answers of " + endpoint->name + " are not kept");
  }
  cache::Hasher hasher;
  const auto key = make_key(hasher, *endpoint->policy.cache,
                            {.consumer = asked->consumer,
                             .service = endpoint->service,
                             .endpoint = endpoint->name,
                             .target = asked->target,
                             .tenant = asked->tenant,
                             .user = asked->user,
                             .fields = asked->fields});
  if (!key) {
    return admin_refusal(404,
                         "such a call is not answered from the cache: it has a parameter that "
                         "\"query\" does not name, or no user where the scope is the user");
  }
  EntryRef entry = parts.cache.memory.peek(*key);
  std::string differs;
  if (entry && entry->kind() == cache::EntryKind::Vary) {
    const std::string names(entry->body());
    entry = parts.cache.memory.peek(variant_key(hasher, *key, names, asked->fields));
    differs = "; answers differ by " + names + ", which \"header\" can give";
  }
  if (!entry) return admin_refusal(404, "no answer to such a call is in memory" + differs);
  return {.body = render(*endpoint, *entry, *asked, parts)};
}

}  // namespace usher::server
