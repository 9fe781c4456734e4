#include "config/tag_lint.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "config/spelling.h"
#include "config/units.h"

namespace usher::config {
namespace {

// A tag up to its first value, which may be anything: "ticket:" of "ticket:{ticketId}".
struct Kind {
  explicit Kind(std::string_view tag)
      : text(tag.substr(0, tag.find('{'))), open(text.size() < tag.size()) {}

  std::string_view text;
  bool open;  // something follows
};

// The kinds of many tags.
class Kinds {
 public:
  void add(std::string_view tag) {
    const Kind kind(tag);
    auto& open = kinds_[kind.text];
    open = open || kind.open;
  }

  // Whether one of them may be the same tag as one of `tag`. Generous: what follows a first value
  // is not looked at.
  bool meet(std::string_view tag) const {
    const Kind kind(tag);
    const auto next = kinds_.lower_bound(kind.text);
    if (next != kinds_.end() &&
        (kind.open ? next->first.starts_with(kind.text) : next->first == kind.text)) {
      return true;
    }
    for (std::size_t size = 0; size < kind.text.size(); ++size) {
      const auto shorter = kinds_.find(kind.text.substr(0, size));
      if (shorter != kinds_.end() && shorter->second) return true;
    }
    return false;
  }

  // The one that `tag` may be a misspelling of, or empty. Among very many nobody looks.
  std::string_view nearest_to(std::string_view tag) const {
    constexpr std::size_t kMaxCompared = 256;
    if (kinds_.size() > kMaxCompared) return {};
    std::vector<std::string_view> texts;
    for (const auto& [text, open] : kinds_) texts.push_back(text);
    return nearest(Kind(tag).text, texts);
  }

 private:
  std::map<std::string_view, bool> kinds_;  // text → open
};

// Calls `each` with the tags in the list `name` of `object`.
template <typename Each>
void for_tags(const Value* object, std::string_view name, const Each& each) {
  const Value* list = object == nullptr ? nullptr : object->find(name);
  if (list == nullptr) return;
  for (const Value& tag : list->children) each(tag);
}

// The "cache" of an endpoint that keeps its answers, or null.
const Value* cache_of(const LintedEndpoint& linted) {
  return linted.endpoint->policy.cache ? linted.value->find("cache") : nullptr;
}

}  // namespace

void lint_tags(const std::vector<LintedEndpoint>& endpoints, Problems& problems) {
  Kinds kept;
  Kinds invalidated;
  for (const LintedEndpoint& linted : endpoints) {
    for_tags(cache_of(linted), "tags", [&](const Value& tag) { kept.add(tag.text); });
    for_tags(linted.value, "invalidates", [&](const Value& tag) { invalidated.add(tag.text); });
  }
  constexpr Duration kShort = std::chrono::minutes(1);
  for (const LintedEndpoint& linted : endpoints) {
    for_tags(linted.value, "invalidates", [&](const Value& tag) {
      if (kept.meet(tag.text)) return;
      const std::string_view close = kept.nearest_to(tag.text);
      problems.warn(
          place_of(tag),
          "no endpoint keeps an answer with the tag " + in_quotes(tag.text) +
              (close.empty() ? "; write it into the \"tags\" of one, or leave it out"
                             : "; did you mean one that begins with " + in_quotes(close) + "?"));
    });
    const Value* cache = cache_of(linted);
    if (cache == nullptr || linted.endpoint->policy.cache->ttl.value_or(kShort) <= kShort) continue;
    for_tags(cache, "tags", [&](const Value& tag) {
      if (invalidated.meet(tag.text)) return;
      problems.warn(place_of(tag),
                    "nothing invalidates the tag " + in_quotes(tag.text) +
                        ", so that an answer may be " +
                        format_duration(*linted.endpoint->policy.cache->ttl) +
                        " old; write it into the \"invalidates\" of what changes it, or shorten "
                        "\"ttl\"");
    });
  }
}

}  // namespace usher::config
