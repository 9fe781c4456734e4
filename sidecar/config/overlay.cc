#include "config/overlay.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>

#include "config/spelling.h"

namespace usher::config {
namespace {

using Type = Value::Type;

constexpr std::string_view kNamed = "endpoints";  // the list whose elements have names
constexpr std::string_view kWhole = "body";       // of a fallback: JSON of the user's own

Value* find(Value& object, std::string_view name) {
  const auto found = std::find_if(object.children.begin(), object.children.end(),
                                  [&](const Value& member) { return member.name == name; });
  return found == object.children.end() ? nullptr : &*found;
}

bool is_reference(const Value& value) {
  return !value.children.empty() &&
         std::all_of(value.children.begin(), value.children.end(), [](const Value& member) {
           return member.name == "env" || member.name == "file" || member.name == "default";
         });
}

std::string_view text_of(const Value& object, std::string_view name) {
  const Value* member = object.find(name);
  return member == nullptr ? std::string_view() : member->text;
}

bool is_of_other_scheme(const Value& base, const Value& overlay) {
  const std::string_view scheme = text_of(overlay, "scheme");
  return !scheme.empty() && scheme != text_of(base, "scheme");
}

bool are_mergeable(const Value& base, const Value& overlay) {
  return base.type == Type::Object && overlay.type == Type::Object && overlay.name != kWhole &&
         !is_reference(overlay) && !is_reference(base) && !is_of_other_scheme(base, overlay);
}

// "; did you mean …?", or else `otherwise`. Not among very many: each mistake would be compared
// with all of them.
std::string suggestion(std::string_view word, const std::vector<std::string_view>& words,
                       std::string_view otherwise) {
  constexpr std::size_t kMaxWords = 1000;
  const std::string_view close = words.size() > kMaxWords ? "" : nearest(word, words);
  return close.empty() ? std::string(otherwise) : "; did you mean " + in_quotes(close) + "?";
}

void warn_of_nothing(const Value& base, const Value& null, Problems& problems) {
  std::vector<std::string_view> names;
  for (const Value& member : base.children) names.push_back(member.name);
  problems.warn(name_place_of(null), in_quotes(null.name) +
                                         ": null takes away nothing, since there is nothing here" +
                                         suggestion(null.name, names, "; leave it out"));
}

void merge_member(Value& base, const Value& overlay, Problems& problems) {
  Value* member = find(base, overlay.name);
  if (member != nullptr && overlay.type == Type::Null) {
    base.children.erase(base.children.begin() + (member - base.children.data()));
  } else if (member != nullptr) {
    merge(*member, overlay, problems);
  } else if (overlay.type == Type::Null) {
    warn_of_nothing(base, overlay, problems);
  } else {
    base.children.push_back(overlay);
  }
}

// Two lists of objects with names, the second over the first. An element without a name is a
// mistake, which is found when it is read.
class NamedLists {
 public:
  NamedLists(Value& base, Problems& problems) : base_(base), problems_(problems) {
    for (std::size_t i = 0; i < base.children.size(); ++i) {
      places_.emplace(text_of(base.children[i], "name"), i);
    }
  }

  void lay(const Value& overlay) {
    std::unordered_map<std::string_view, Place> said;
    for (const Value& element : overlay.children) {
      const std::string_view name = text_of(element, "name");
      const auto [first, is_new] = said.emplace(name, place_of(element));
      if (is_new || name.empty()) {
        lay_element(element, name);
      } else {
        problems_.add(place_of(*element.find("name")),
                      in_quotes(name) + " stands twice here, first at " + to_string(first->second) +
                          "; make them one");
      }
    }
  }

 private:
  void lay_element(const Value& element, std::string_view name) {
    const auto place = places_.find(std::string(name));
    if (!name.empty() && place != places_.end()) {
      merge(base_.children[place->second], element, problems_);
    } else if (name.empty() || element.find("match") != nullptr) {
      base_.children.push_back(element);
    } else {
      report_unknown(element, name);
    }
  }

  void report_unknown(const Value& element, std::string_view name) {
    std::vector<std::string_view> names;
    for (const Value& known : base_.children) names.push_back(text_of(known, "name"));
    problems_.add(place_of(*element.find("name")),
                  "there is no endpoint " + in_quotes(name) + " in the directories before" +
                      suggestion(name, names, ";") + " a new one needs \"match\"");
  }

  Value& base_;
  Problems& problems_;
  std::unordered_map<std::string, std::size_t> places_;
};

}  // namespace

void merge(Value& base, const Value& overlay, Problems& problems) {
  if (are_mergeable(base, overlay)) {
    for (const Value& member : overlay.children) merge_member(base, member, problems);
  } else if (overlay.name == kNamed && base.type == Type::Array && overlay.type == Type::Array) {
    NamedLists(base, problems).lay(overlay);
  } else {
    base = Value(overlay);
  }
}

}  // namespace usher::config
