#include "config/overlay.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace usher::config {
namespace {

using Type = Value::Type;

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

bool has_names(const Value& list) {
  return !list.children.empty() &&
         std::all_of(list.children.begin(), list.children.end(),
                     [](const Value& element) { return !text_of(element, "name").empty(); });
}

void merge_member(Value& base, const Value& overlay) {
  Value* member = find(base, overlay.name);
  if (member == nullptr) {
    base.children.push_back(overlay);  // a null too: there is nothing that it could take away
  } else if (overlay.type == Type::Null) {
    base.children.erase(base.children.begin() + (member - base.children.data()));
  } else {
    merge(*member, overlay);
  }
}

void merge_by_name(Value& base, const Value& overlay) {
  std::unordered_map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < base.children.size(); ++i) {
    places.emplace(text_of(base.children[i], "name"), i);
  }
  for (const Value& element : overlay.children) {
    const auto place = places.find(std::string(text_of(element, "name")));
    if (place == places.end()) {
      base.children.push_back(element);
    } else {
      merge(base.children[place->second], element);
    }
  }
}

}  // namespace

void merge(Value& base, const Value& overlay) {
  const bool are_objects = base.type == Type::Object && overlay.type == Type::Object;
  if (are_objects && !is_reference(overlay) && !is_reference(base) &&
      !is_of_other_scheme(base, overlay)) {
    for (const Value& member : overlay.children) merge_member(base, member);
  } else if (base.type == Type::Array && overlay.type == Type::Array && has_names(base) &&
             has_names(overlay)) {
    merge_by_name(base, overlay);
  } else {
    base = Value(overlay);
  }
}

}  // namespace usher::config
