#include "explain/cache_plan.h"

#include <algorithm>

#include "base/bytes.h"
#include "explain/values.h"
#include "http/cache_control.h"
#include "http/target.h"
#include "policy/names.h"

namespace usher::explain {
namespace {

using policy::TagTemplate;

// What only the owner can answer: a part of the answer, or a condition on what it has now.
bool is_owners_alone(const http::Fields& fields) {
  using http::FieldId;
  return std::any_of(fields.begin(), fields.end(), [](const http::Field& field) {
    return field.id == FieldId::Range || field.id == FieldId::IfRange ||
           field.id == FieldId::IfMatch || field.id == FieldId::IfUnmodifiedSince;
  });
}

// A pointer's value is in a body that is not here: the tag shows the pointer in its place.
std::vector<std::string> expand(const std::vector<TagTemplate>& templates,
                                const route::Parameters& parameters) {
  const std::span<const std::string_view> values(parameters.values.data(), parameters.size);
  std::vector<std::string> tags;
  for (const TagTemplate& tag : templates) {
    std::string pointer;
    for (const std::string& token : tag.pointer()) pointer += "/" + token;
    const bool of_answer = tag.source() == TagTemplate::Source::Response;
    tags.push_back(tag.expand(values, (of_answer ? "{response:" : "{request:") + pointer + "}"));
  }
  return tags;
}

std::string value_of(const http::Fields& fields, std::string_view name) {
  std::string value;
  bool is_there = false;
  for (const http::Field& field : fields) {
    if (!equals_ignoring_case(field.name, name)) continue;
    if (is_there) value += ", ";
    value += field.value;
    is_there = true;
  }
  return is_there ? value : "not there";
}

std::string or_none(std::string_view text) {
  return text.empty() ? "none" : std::string(text);
}

std::vector<std::pair<std::string, std::string>> key_parts(const policy::CachePolicy& policy,
                                                           const CacheQuestion& question) {
  const http::Target target = http::split_target(question.head.target);
  std::vector<std::pair<std::string, std::string>> parts = {
      {"consumer", std::string(question.consumer)},
      {"service", question.match.endpoint->service},
      {"endpoint", question.match.endpoint->name},
      {"scope", std::string(name_of(policy.scope))}};
  if (policy.scope != policy::CacheScope::Public)
    parts.emplace_back("tenant", or_none(question.tenant));
  if (policy.scope == policy::CacheScope::User) parts.emplace_back("user", or_none(question.user));
  parts.emplace_back("path", target.path);
  parts.emplace_back("query", or_none(target.query));
  for (const std::string& name : policy.vary) {
    parts.emplace_back("header " + name, value_of(question.head.fields, name));
  }
  return parts;
}

std::vector<std::string> freshness_of(const policy::CachePolicy& policy) {
  std::vector<std::string> lines;
  const std::string ttl = policy.ttl ? format_duration(*policy.ttl) : std::string();
  if (policy.ttl_overrides) {
    lines.push_back("fresh for " + ttl + ", whatever time the owner gives");
  } else if (policy.ttl) {
    lines.push_back("fresh for as long as the owner says, else for " + ttl);
  } else {
    lines.emplace_back("fresh for as long as the owner says; else not kept");
  }
  const auto add = [&](Duration time, std::string_view before, std::string_view after) {
    if (time > Duration::zero()) {
      lines.push_back(std::string(before).append(format_duration(time)).append(after));
    }
  };
  add(policy.stale_while_revalidate, "then given for ", " more while it is fetched anew");
  add(policy.stale_if_error, "then given for ", " more when the owner cannot answer");
  add(policy.negative_ttl, "404 and 410 are fresh for ", "");
  if (policy.scope != policy::CacheScope::User) {
    lines.emplace_back("with Authorization or Cookie only what the owner calls public");
  }
  return lines;
}

bool has_redis(const config::Snapshot& snapshot) {
  return snapshot.written.origins.find(snapshot.written.usher, "cache.redis").has_value();
}

std::string why_not(const config::Snapshot& snapshot, const policy::CachePolicy& policy,
                    const CacheQuestion& question, bool has_key) {
  if (snapshot.cache_memory_bytes == 0 && !has_redis(snapshot)) {
    return "nothing is kept: cache.memory is 0B and there is no Redis";
  }
  if (http::CacheControl::of_request(question.head.fields).no_store) {
    return "the call says Cache-Control: no-store";
  }
  if (!has_key && policy.scope == policy::CacheScope::User && question.user.empty()) {
    return "the scope is the user, and the call has no X-User-ID";
  }
  if (!has_key) return "the query has a parameter that \"query\" does not name, or too many";
  if (is_owners_alone(question.head.fields) &&
      question.head.fields.find(http::FieldId::Range) == nullptr) {
    return "the call has a condition on what the owner has now";
  }
  return {};
}

}  // namespace

CachePlan plan_cache(const config::Snapshot& snapshot, const CacheQuestion& question) {
  const policy::EndpointPolicy& endpoint = question.match.endpoint->policy;
  CachePlan plan;
  plan.invalidates = expand(endpoint.invalidates, question.match.parameters);
  plan.invalidates_path = endpoint.invalidates_path;
  if (!endpoint.cache) {
    plan.why_not = "the endpoint keeps no answers";
    return plan;
  }
  const policy::CachePolicy& policy = *endpoint.cache;
  plan.keeps = true;
  plan.kept_in = "memory of " + format_size(snapshot.cache_memory_bytes) +
                 (has_redis(snapshot) ? " and Redis" : "");
  cache::Hasher hasher;
  const auto key = cache::make_key(hasher, policy,
                                   {.consumer = question.consumer,
                                    .service = question.match.endpoint->service,
                                    .endpoint = question.match.endpoint->name,
                                    .target = question.head.target,
                                    .tenant = question.tenant,
                                    .user = question.user,
                                    .fields = question.head.fields});
  plan.why_not = why_not(snapshot, policy, question, key.has_value());
  plan.looked_up = plan.why_not.empty();
  plan.stored = plan.looked_up && question.head.method == http::Method::Get &&
                !is_owners_alone(question.head.fields);
  plan.key = key_parts(policy, question);
  if (key) plan.digest = cache::to_hex(key->digest);
  plan.tags = expand(policy.tags, question.match.parameters);
  plan.freshness = freshness_of(policy);
  return plan;
}

}  // namespace usher::explain
