// Source: where a value of an endpoint's policy comes from; Sources finds it.
//
// Thread: any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "config/snapshot.h"

namespace usher::explain {

struct Source {
  enum class Kind : std::uint8_t { Endpoint, Service, Defaults, Preset, BuiltIn };

  Kind kind = Kind::BuiltIn;
  std::string preset{};                     // of Kind::Preset: its name
  std::optional<config::Origin> written{};  // nothing: built-in, or a preset of Usher's own
};

// "endpoint", "service", "defaults", "preset", "built-in".
std::string_view to_string(Source::Kind kind);
// "services/a.json:3:5", "preset fast, usher.json:4:7", "preset fast (built-in)", "built-in".
std::string to_string(const Source& source);

class Sources {
 public:
  // Borrows both.
  Sources(const config::Snapshot& snapshot, const route::Endpoint& endpoint);

  // Of a policy key that is one value: the first of endpoint, service and defaults that writes it.
  Source of(std::string_view key) const;

  // Of a member of a policy key that is an object. Objects are inherited as a whole: what the one
  // that counts does not write is its preset's, or built-in.
  Source of_member(std::string_view key, std::string_view member) const;

  // Of what the service alone says.
  Source of_service(std::string_view key) const;

 private:
  struct Level {
    Source::Kind kind;
    config::Origins::Object object;
    std::string prefix;  // of a key's path in the object
  };

  const Level* level_of(std::string_view key) const;
  Source in_preset(std::string name, std::string_view member) const;

  const config::Written& written_;
  Level levels_[3];
};

}  // namespace usher::explain
