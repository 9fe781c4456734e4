// SettingList: settings as they are put down one after the other.
//
// Thread: any, one object each.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "explain/effective.h"
#include "explain/values.h"

namespace usher::explain {

class SettingList {
 public:
  void text(std::string key, std::string_view value, Source source) {
    settings_.push_back({.key = std::move(key),
                         .value = std::string(value),
                         .is_text = true,
                         .source = std::move(source)});
  }
  void json(std::string key, std::string value, Source source) {
    settings_.push_back({.key = std::move(key),
                         .value = std::move(value),
                         .is_text = false,
                         .source = std::move(source)});
  }
  void flag(std::string key, bool value, Source source) {
    json(std::move(key), value ? "true" : "false", std::move(source));
  }
  std::vector<Setting>& all() { return settings_; }

 private:
  std::vector<Setting> settings_;
};

// The members of one object among the policy keys.
class MemberList {
 public:
  MemberList(SettingList& list, const Sources& sources, std::string_view key)
      : list_(list), sources_(sources), key_(key) {}

  void text(std::string_view member, std::string_view value) {
    list_.text(path(member), value, sources_.of_member(key_, member));
  }
  void json(std::string_view member, std::string value) {
    list_.json(path(member), std::move(value), sources_.of_member(key_, member));
  }
  void duration(std::string_view member, Duration value) { text(member, format_duration(value)); }
  void integer(std::string_view member, std::int64_t value) { json(member, std::to_string(value)); }
  void number(std::string_view member, double value) { json(member, format_number(value)); }
  void flag(std::string_view member, bool value) { json(member, value ? "true" : "false"); }

 private:
  std::string path(std::string_view member) const {
    return std::string(key_).append(".").append(member);
  }

  SettingList& list_;
  const Sources& sources_;
  std::string_view key_;
};

}  // namespace usher::explain
