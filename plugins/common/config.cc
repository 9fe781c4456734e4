#include "common/config.h"

#include <simdjson.h>

#include <algorithm>

#include "common/abi.h"
#include "common/http_text.h"
#include "common/spelling.h"

namespace usher::plugins {
namespace {

std::string in_quotes(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

}  // namespace

Config::Config(const usher_host_v1* host, usher_context* context, usher_host_str json,
               std::span<const std::string_view> members)
    : host_(host), context_(context) {
  if (!parse(view(json))) error("", "this is not a JSON object");
  for (const Member& member : members_) {
    const std::string& key = member.entry.key;
    if (key == "scheme" || key == "insecure") continue;
    if (std::find(members.begin(), members.end(), key) == members.end()) {
      error(key, unknown_name("member", key, members));
    }
  }
}

bool Config::parse(std::string_view json) {
  using simdjson::dom::element_type;
  const auto entry = [](const simdjson::dom::key_value_pair& field) {
    Entry result{std::string(field.key), Kind::Other, {}};
    const element_type type = field.value.type();
    if (type == element_type::NULL_VALUE) result.kind = Kind::Null;
    if (type == element_type::OBJECT) result.kind = Kind::Object;
    std::string_view text;
    if (field.value.get_string().get(text) == simdjson::SUCCESS) {
      result.kind = Kind::Text;
      result.text = text;
    }
    return result;
  };
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  const simdjson::padded_string padded(json);
  if (parser.parse(padded).get_object().get(object) != simdjson::SUCCESS) return false;
  for (const simdjson::dom::key_value_pair field : object) {
    Member member{entry(field), {}};
    simdjson::dom::object inner;
    if (field.value.get_object().get(inner) == simdjson::SUCCESS) {
      for (const simdjson::dom::key_value_pair item : inner) member.entries.push_back(entry(item));
    }
    members_.push_back(std::move(member));
  }
  return true;
}

void Config::error(std::string_view key, std::string_view message) {
  ok_ = false;
  host_->config_error(context_, plugin_str(key), plugin_str(message));
}

const Config::Member* Config::find(std::string_view key) const {
  const auto member = std::find_if(members_.begin(), members_.end(),
                                   [&](const Member& m) { return m.entry.key == key; });
  return member == members_.end() ? nullptr : &*member;
}

std::optional<std::string> Config::text(std::string_view key) {
  const Member* member = find(key);
  if (member == nullptr) return std::nullopt;
  if (member->entry.kind != Kind::Text) {
    error(key, std::string(key) + " must be a string");
    return std::nullopt;
  }
  return member->entry.text;
}

std::optional<size_t> Config::choose_index(std::string_view key,
                                           std::span<const std::string_view> words) {
  const std::optional<std::string> word = text(key);
  if (!word) return std::nullopt;
  const auto found = std::find(words.begin(), words.end(), *word);
  if (found != words.end()) return static_cast<size_t>(found - words.begin());
  error(key, unknown_name(key, *word, words));
  return std::nullopt;
}

std::optional<std::string_view> Config::secret(std::string_view key, int strength) {
  usher_host_str value{};
  if (host_->secret(context_, plugin_str(key), strength, &value) == 0) return view(value);
  // A secret that is there but refused has been reported by the host.
  if (!has(key)) {
    error(key, std::string(key) + R"( is missing; give {"env": "NAME"} or {"file": "/path"})");
  }
  ok_ = false;
  return std::nullopt;
}

void Config::header_names(std::string_view key, std::span<const HeaderSlot> slots) {
  const Member* member = find(key);
  if (member == nullptr) return;
  if (member->entry.kind != Kind::Object) {
    error(key, std::string(key) + " must be an object of header names");
    return;
  }
  for (const Entry& entry : member->entries) header_name(key, entry, slots);
  for (size_t i = 0; i < slots.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      if (slots[i].name->empty() || !same_name(*slots[i].name, *slots[j].name)) continue;
      error(key, std::string(slots[j].role) + " and " + std::string(slots[i].role) +
                     " have the same header " + in_quotes(*slots[i].name));
    }
  }
}

void Config::header_name(std::string_view key, const Entry& entry,
                         std::span<const HeaderSlot> slots) {
  const auto slot = std::find_if(slots.begin(), slots.end(),
                                 [&](const HeaderSlot& s) { return s.role == entry.key; });
  if (slot == slots.end()) {
    std::vector<std::string_view> roles;
    for (const HeaderSlot& s : slots) roles.push_back(s.role);
    error(key, unknown_name("header", entry.key, roles));
    return;
  }
  const bool absent = entry.kind == Kind::Null || (entry.kind == Kind::Text && entry.text.empty());
  if (!absent && (entry.kind != Kind::Text || !is_token(entry.text))) {
    const std::string shown = entry.kind == Kind::Text ? " " + in_quotes(entry.text) : "";
    error(key, "the header name" + shown + " of " + in_quotes(entry.key) +
                   " is not one; use letters, digits and -, or null to leave it out");
    return;
  }
  *slot->name = entry.text;
}

}  // namespace usher::plugins
