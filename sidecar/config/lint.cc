#include "config/lint.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/bytes.h"
#include "config/tag_lint.h"
#include "config/units.h"
#include "http/target.h"

namespace usher::config {
namespace {

using policy::CacheScope;

const Value* member_of(const Value* object, std::string_view name) {
  return object == nullptr ? nullptr : object->find(name);
}

// `word` without case, '-' and '_': "userId", "user_id" and "user-id" are one.
std::string folded(std::string_view word) {
  std::string result;
  for (const char c : word) {
    if (c != '-' && c != '_') result += to_lower(c);
  }
  return result;
}

bool is_any_of(std::string_view word, std::span<const std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool means_a_user(std::string_view word) {
  constexpr std::string_view kWords[] = {"user", "userid", "uid"};
  return is_any_of(folded(word), kWords);
}

// "me", "current-user": whoever calls.
bool means_the_caller(std::string_view word) {
  constexpr std::string_view kWords[] = {"me", "my", "mine", "self", "whoami", "currentuser"};
  return is_any_of(folded(word), kWords);
}

// A word of the name of an endpoint: as part of one "self" means many things.
bool names_the_caller(std::string_view name) {
  if (folded(name).find("currentuser") != std::string::npos) return true;
  constexpr std::string_view kWords[] = {"me", "my", "mine", "whoami"};
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('-', begin), name.size());
    if (is_any_of(name.substr(begin, end - begin), kWords)) return true;
    begin = end + 1;
  }
  return false;
}

// --- what may be sent twice
// -----------------------------------------------------------------------

// What a POST that may be repeated needs: the owner must be able to tell that it has seen it.
void lint_idempotent(const LintedEndpoint& linted, const Value* usher, Problems& problems) {
  const route::Endpoint& endpoint = *linted.endpoint;
  const policy::EndpointPolicy& policy = endpoint.policy;
  const bool creates =
      endpoint.method == http::Method::Post || endpoint.method == http::Method::Patch;
  if (!creates || policy.safe || policy.retry.attempts == 1 ||
      policy.idempotent != policy::IdempotentRule::Yes) {
    return;
  }
  for (const Value* level : {linted.value, linted.service, member_of(usher, "defaults")}) {
    const Value* written = member_of(level, "idempotent");
    if (written == nullptr) continue;
    problems.warn(
        place_of(*written),
        "with \"idempotent\": true a POST or PATCH that fails is sent again without a key "
        "by which its owner could know it; write \"key\" where the owner honours "
        "Idempotency-Key, \"safe\": true where it only reads, or \"retry\": \"none\"");
    return;
  }
}

void lint_retry(const LintedEndpoint& linted, Problems& problems) {
  const route::Endpoint& endpoint = *linted.endpoint;
  const Value* retry = linted.value->find("retry");
  if (retry == nullptr || endpoint.policy.retry.attempts == 1 ||
      policy::may_repeat(endpoint.repeatability(true))) {
    return;
  }
  problems.warn(
      place_of(*retry),
      "\"retry\" stands at an endpoint whose calls may not be sent twice, so that only "
      "those that did not get out are tried again; write \"idempotent\": \"key\" where the "
      "owner honours Idempotency-Key, \"safe\": true where it only reads, or leave "
      "\"retry\" out");
}

// --- whose answer is kept
// -------------------------------------------------------------------------

// Why an endpoint's answers seem to be the calling user's own; empty where they do not.
std::string of_the_user(const route::Endpoint& endpoint) {
  for (const auto& segment : endpoint.match.segments()) {
    if (segment.is_parameter() && means_a_user(segment.parameter)) return {};
    if (!segment.is_parameter() && means_the_caller(segment.literal)) {
      return "by " + in_quotes(segment.literal) + " in its path";
    }
  }
  if (names_the_caller(endpoint.name)) return "by its name";
  for (const policy::TagTemplate& tag : endpoint.policy.cache->tags) {
    if (tag.source() != policy::TagTemplate::Source::Response || tag.pointer().empty()) continue;
    // A list of users is nobody's own.
    if (std::count(tag.pointer().begin(), tag.pointer().end(), "*") > 0) continue;
    if (means_a_user(tag.pointer().back())) return "by its tag " + in_quotes(tag.text());
  }
  return {};
}

void lint_audience(const LintedEndpoint& linted, Problems& problems) {
  const route::Endpoint& endpoint = *linted.endpoint;
  const auto& cache = endpoint.policy.cache;
  if (!cache || cache->scope == CacheScope::User) return;
  const Value& written = *linted.value->find("cache");
  const bool is_public = cache->scope == CacheScope::Public;
  if (const std::string why = of_the_user(endpoint); !why.empty()) {
    problems.warn(place_of(written), why + ", the answer depends on the user, but it is kept for " +
                                         (is_public ? "everybody" : "the whole tenant") +
                                         "; write \"scope\": \"user\"");
  } else if (is_public && endpoint.policy.tenant == policy::TenantRule::Required) {
    problems.warn(
        place_of(*written.find("scope")),
        "\"scope\": \"public\" gives what one tenant was answered to all others, but a "
        "call must say its tenant here; leave it out, or write \"tenant\": \"none\" where "
        "the answer does not depend on it");
  }
}

// --- what is never called
// -------------------------------------------------------------------------

void lint_path(const LintedEndpoint& linted, const policy::Limits& limits, Problems& problems) {
  const route::PathTemplate& match = linted.endpoint->match;
  const Place place = place_of(*linted.value->find("match"));
  std::string path;
  for (std::size_t at = 0; at < match.text().size(); ++at) {
    const bool parameter = match.text()[at] == '{';
    if (parameter) at = match.text().find('}', at);
    path += parameter ? 'x' : match.text()[at];
  }
  if (const auto checked = http::check_target(path); !checked) {
    problems.warn(place, "no call can match this, since its path is refused (" +
                             std::string(checked.error().detail) + "); write one that is not");
  } else if (path.size() > limits.head.target_bytes) {
    problems.warn(place,
                  "no call can match this, since its path is longer than \"request_target\" "
                  "of " +
                      format_size(limits.head.target_bytes) + "; raise that");
  }
}

// --- what is never used
// ---------------------------------------------------------------------------

// The name of the preset that a "retry" goes by.
void use_preset(const Value* retry, std::unordered_set<std::string_view>& used) {
  if (retry == nullptr) return;
  const Value* preset = retry->type == Value::Type::Object ? retry->find("preset") : retry;
  if (preset != nullptr) used.insert(preset->text);
}

void lint_presets(const Value& usher, const std::vector<LintedEndpoint>& endpoints,
                  Problems& problems) {
  const Value* presets = usher.find("retry_presets");
  if (presets == nullptr) return;
  std::unordered_set<std::string_view> used;
  use_preset(member_of(usher.find("defaults"), "retry"), used);
  for (const Value& preset : presets->children) use_preset(&preset, used);
  for (const LintedEndpoint& linted : endpoints) {
    use_preset(linted.value->find("retry"), used);
    use_preset(linted.service->find("retry"), used);
  }
  for (const Value& preset : presets->children) {
    if (used.contains(preset.name)) continue;
    problems.warn(name_place_of(preset), "no \"retry\" goes by the preset " +
                                             in_quotes(preset.name) + "; use it or leave it out");
  }
}

}  // namespace

void lint(const Value* usher, const std::vector<LintedEndpoint>& endpoints,
          const Snapshot& snapshot, Problems& problems) {
  for (const LintedEndpoint& linted : endpoints) {
    lint_idempotent(linted, usher, problems);
    lint_retry(linted, problems);
    lint_audience(linted, problems);
    lint_path(linted, snapshot.limits, problems);
  }
  // Whoever uses it may be what could not be read.
  if (!problems.empty()) return;
  lint_presets(*usher, endpoints, problems);
  lint_tags(endpoints, problems);
}

}  // namespace usher::config
