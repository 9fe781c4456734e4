#include "server/cache_invalidation.h"

#include "config/json_reader.h"
#include "server/query.h"

namespace usher::server {
namespace {

using config::Document;
using config::Value;
using Order = tl::expected<InvalidationOrder, std::string>;

constexpr std::string_view kUsage =
    R"(; expected {"tags": ["…"], "tenant": "…"} or {"all": true}, or as much in the query)";

Order wrong(std::string why) {
  return tl::unexpected<std::string>(std::move(why) + std::string(kUsage));
}

// Either some tags, none of them empty, or `all`.
Order checked(InvalidationOrder order, bool all) {
  for (const std::string& tag : order.tags) {
    if (tag.empty()) return wrong("a tag is empty");
  }
  if (all && !order.tags.empty()) return wrong("there are tags, and \"all\" too");
  if (!all && order.tags.empty()) return wrong("there is no tag");
  if (order.tags.size() > InvalidationOrder::kTagsMax) {
    return wrong("there are more than " + std::to_string(InvalidationOrder::kTagsMax) + " tags");
  }
  return order;
}

Order read_query(std::string_view text) {
  const auto query = Query::parse(text);
  if (!query) return wrong("a '%' in the query without two hexadecimal digits");
  if (const std::string* unknown = query->unknown({"tag", "tenant", "all"})) {
    return wrong("unknown parameter " + config::in_quotes(*unknown));
  }
  InvalidationOrder order{.tags = query->all("tag"), .tenant = std::nullopt};
  if (const std::string* tenant = query->find("tenant")) order.tenant = *tenant;
  const std::string* all = query->find("all");
  if (all != nullptr && *all != "true") return wrong("\"all\" is not \"true\"");
  return checked(std::move(order), all != nullptr);
}

// Nothing unless `value` is a list of strings.
std::optional<std::vector<std::string>> strings(const Value& value) {
  if (value.type != Value::Type::Array) return std::nullopt;
  std::vector<std::string> texts;
  for (const Value& element : value.children) {
    if (element.type != Value::Type::String) return std::nullopt;
    texts.push_back(element.text);
  }
  return texts;
}

Order read_body(std::string_view text) {
  config::Problems problems;
  const auto document = Document::parse("body", 0, std::string(text), problems);
  if (document == nullptr) return wrong(to_string(problems.take().front()));
  InvalidationOrder order;
  bool all = false;
  for (const Value& member : document->root().children) {
    if (member.name == "tags") {
      auto tags = strings(member);
      if (!tags) return wrong("\"tags\" is not a list of strings");
      order.tags = std::move(*tags);
    } else if (member.name == "tenant") {
      if (member.type != Value::Type::String) return wrong("\"tenant\" is not a string");
      order.tenant = member.text;
    } else if (member.name == "all") {
      if (member.type != Value::Type::Bool) return wrong("\"all\" is neither true nor false");
      all = member.boolean;
    } else {
      return wrong("unknown member " + config::in_quotes(member.name));
    }
  }
  return checked(std::move(order), all);
}

void invalidate_tags(const InvalidationOrder& order, cache::SharedCache& cache) {
  if (order.is_all() && !order.tenant) {
    cache.tags.invalidate_all();
    return;
  }
  cache::Hasher hasher;
  const cache::ScopeId scope =
      cache::scope_of(hasher, policy::CacheScope::Tenant, order.tenant.value_or(""));
  for (const std::string& text : order.texts()) {
    const cache::Tag tag = cache::make_tag(hasher, scope, text);
    if (order.tenant) {
      cache.tags.invalidate(tag);
    } else {
      cache.tags.invalidate_anywhere(tag.anywhere);
    }
  }
}

}  // namespace

Order parse_invalidation(std::string_view query, std::string_view body) {
  if (!query.empty() && !body.empty()) return wrong("there is a query and a body");
  return body.empty() ? read_query(query) : read_body(body);
}

std::size_t invalidate_here(const InvalidationOrder& order, cache::SharedCache& cache) {
  invalidate_tags(order, cache);
  return cache.memory.remove_if(
      [&](const cache::Entry& entry) { return !cache.tags.is_good(entry.begun(), entry.tags()); });
}

}  // namespace usher::server
