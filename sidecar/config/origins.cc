#include "config/origins.h"

#include <algorithm>

#include "config/json_reader.h"

namespace usher::config {
namespace {

bool is_reference(const Value& value) {
  return value.find("env") != nullptr || value.find("file") != nullptr;
}

bool names_a_preset(const Value& member) {
  return member.type == Value::Type::String &&
         (member.name == "retry" || member.name == "breaker" || member.name == "preset");
}

}  // namespace

std::string to_string(const Origin& origin) {
  std::string text(origin.file);
  return text.append(":" + std::to_string(origin.line) + ":" + std::to_string(origin.column));
}

Origins::Texts::Texts() {
  number({});
}

std::uint32_t Origins::Texts::number(const std::string& text) {
  const auto [known, is_new] = numbers_.emplace(text, static_cast<std::uint32_t>(texts_.size()));
  if (is_new) texts_.push_back(&known->first);
  return known->second;
}

Origins::Object Origins::add(const Value& object) {
  begins_.push_back(static_cast<std::uint32_t>(members_.size()));
  std::string path;
  add_members(object, path);
  return static_cast<Object>(begins_.size() - 1);
}

void Origins::add_members(const Value& object, std::string& path) {
  const std::size_t size = path.size();
  for (const Value& member : object.children) {
    if (size == 0 && member.name == "endpoints") continue;
    if (size > 0) path += '.';
    path += member.name;
    add_member(member, path);
    const bool is_whole =
        member.type != Value::Type::Object || is_reference(member) || path == "fallback.body";
    if (!is_whole) add_members(member, path);
    path.resize(size);
  }
}

void Origins::add_member(const Value& member, const std::string& path) {
  if (member.document == nullptr) return;
  const std::uint32_t file = files_.number(member.document->file());
  const std::uint32_t preset = names_a_preset(member) ? presets_.number(member.text) : 0;
  if (file > kMaxNames || preset > kMaxNames) return;
  const Position position = member.document->position(member.offset);
  members_.push_back({.path = paths_.number(path),
                      .line = position.line,
                      .column = position.column,
                      .file = static_cast<std::uint16_t>(file),
                      .preset = static_cast<std::uint16_t>(preset)});
}

const Origins::Member* Origins::member(Object object, std::string_view path) const {
  if (object >= begins_.size()) return nullptr;
  const bool is_last = object + 1 == begins_.size();
  const std::size_t end = is_last ? members_.size() : begins_[object + 1];
  for (std::size_t i = begins_[object]; i < end; ++i) {
    if (paths_[members_[i].path] == path) return &members_[i];
  }
  return nullptr;
}

std::optional<Origin> Origins::find(Object object, std::string_view path) const {
  const Member* found = member(object, path);
  if (found == nullptr) return std::nullopt;
  return Origin{.file = files_[found->file], .line = found->line, .column = found->column};
}

std::string_view Origins::preset(Object object, std::string_view path) const {
  const Member* found = member(object, path);
  return found == nullptr ? std::string_view() : presets_[found->preset];
}

std::vector<std::string_view> Origins::members(Object object, std::string_view path) const {
  std::vector<std::string_view> names;
  if (object >= begins_.size()) return names;
  const std::string prefix = std::string(path) + ".";
  const bool is_last = object + 1 == begins_.size();
  const std::size_t end = is_last ? members_.size() : begins_[object + 1];
  for (std::size_t i = begins_[object]; i < end; ++i) {
    const std::string_view full = paths_[members_[i].path];
    if (!full.starts_with(prefix)) continue;
    const std::string_view name = full.substr(prefix.size());
    if (name.find('.') == std::string_view::npos) names.push_back(name);
  }
  return names;
}

std::size_t Origins::size_bytes() const {
  std::size_t bytes = members_.capacity() * sizeof(Member) + begins_.capacity() * sizeof(Object);
  for (const Texts* texts : {&paths_, &files_, &presets_}) {
    for (std::uint32_t i = 0; i < texts->size(); ++i) {
      bytes += (*texts)[i].size() + sizeof(std::string) + 4 * sizeof(void*);
    }
  }
  return bytes;
}

}  // namespace usher::config
