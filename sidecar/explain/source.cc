#include "explain/source.h"

#include <algorithm>

namespace usher::explain {
namespace {

std::string path_of(std::string_view prefix, std::string_view key, std::string_view member = {}) {
  std::string path(prefix);
  path += key;
  if (!member.empty()) path.append(".").append(member);
  return path;
}

}  // namespace

std::string_view to_string(Source::Kind kind) {
  switch (kind) {
    case Source::Kind::Endpoint:
      return "endpoint";
    case Source::Kind::Service:
      return "service";
    case Source::Kind::Defaults:
      return "defaults";
    case Source::Kind::Preset:
      return "preset";
    case Source::Kind::BuiltIn:
      break;
  }
  return "built-in";
}

std::string to_string(const Source& source) {
  const std::string place = source.written ? to_string(*source.written) : std::string();
  if (source.kind != Source::Kind::Preset) return place.empty() ? "built-in" : place;
  return "preset " + source.preset + (place.empty() ? " (built-in)" : ", " + place);
}

Sources::Sources(const config::Snapshot& snapshot, const route::Endpoint& endpoint)
    : written_(snapshot.written),
      levels_{{.kind = Source::Kind::Endpoint,
               .object = written_.endpoints[endpoint.index].object,
               .prefix = {}},
              {.kind = Source::Kind::Service,
               .object = written_.services[endpoint.cluster],
               .prefix = {}},
              {.kind = Source::Kind::Defaults, .object = written_.usher, .prefix = "defaults."}} {}

const Sources::Level* Sources::level_of(std::string_view key) const {
  const auto level =
      std::find_if(std::begin(levels_), std::end(levels_), [&](const Level& candidate) {
        return written_.origins.find(candidate.object, path_of(candidate.prefix, key)).has_value();
      });
  return level == std::end(levels_) ? nullptr : level;
}

Source Sources::of(std::string_view key) const {
  const Level* level = level_of(key);
  if (level == nullptr) return {};
  return {.kind = level->kind,
          .preset = {},
          .written = written_.origins.find(level->object, path_of(level->prefix, key))};
}

Source Sources::of_member(std::string_view key, std::string_view member) const {
  const Level* level = level_of(key);
  if (level == nullptr) return {};
  const config::Origins& origins = written_.origins;
  const std::string object = path_of(level->prefix, key);
  if (const auto place = origins.find(level->object, object + "." + std::string(member))) {
    return {.kind = level->kind, .preset = {}, .written = place};
  }
  std::string_view preset = origins.preset(level->object, object);
  if (preset.empty()) preset = origins.preset(level->object, object + ".preset");
  return preset.empty() ? Source{} : in_preset(std::string(preset), member);
}

// A preset may build on another one: on one that stands before it, else on Usher's own.
Source Sources::in_preset(std::string name, std::string_view member) const {
  const config::Origins& origins = written_.origins;
  auto presets = origins.members(written_.usher, "retry_presets");
  for (;;) {
    const auto preset = std::find(presets.begin(), presets.end(), name);
    if (preset == presets.end()) break;
    const std::string path = path_of("retry_presets.", name);
    if (const auto place = origins.find(written_.usher, path_of(path + ".", member))) {
      return {.kind = Source::Kind::Preset, .preset = std::move(name), .written = place};
    }
    const std::string_view base = origins.preset(written_.usher, path + ".preset");
    if (base.empty()) return {};
    name = base;
    presets.erase(preset, presets.end());
  }
  return {.kind = Source::Kind::Preset, .preset = std::move(name), .written = std::nullopt};
}

Source Sources::of_service(std::string_view key) const {
  const auto place = written_.origins.find(levels_[1].object, key);
  if (!place) return {};
  return {.kind = Source::Kind::Service, .preset = {}, .written = place};
}

}  // namespace usher::explain
