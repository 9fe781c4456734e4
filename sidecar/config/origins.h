// Origins: where each value of the configuration was written, without the values.
//
// A running sidecar keeps this to answer where a policy comes from; the documents are gone by then.
// An object of a file (usher.json, a service, an endpoint) is a row of members, each with the path
// that it has in the object ("retry.attempts") and its place. Paths, file names and preset names
// are kept once: a member costs 16 bytes.
//
// Thread: any, once filled in.  Bounds: kMaxNames files and names; members beyond have no place.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/json_value.h"

namespace usher::config {

struct Origin {
  std::string_view file;
  std::uint32_t line = 0;    // from 1
  std::uint32_t column = 0;  // from 1, in bytes
};
// "file:line:column".
std::string to_string(const Origin& origin);

class Origins {
 public:
  using Object = std::uint32_t;

  static constexpr std::size_t kMaxNames = 0xffff;

  Origins() = default;
  Origins(Origins&&) = default;
  Origins& operator=(Origins&&) = default;

  // Takes down the members of `object`, to any depth. A reference, a list and a fallback's body are
  // one member; a service's endpoints are objects of their own and left out.
  Object add(const Value& object);

  // Nothing is added any more: gives back memory that was for more.
  void shrink() {
    members_.shrink_to_fit();
    begins_.shrink_to_fit();
  }

  // Nothing where the object does not write that.
  std::optional<Origin> find(Object object, std::string_view path) const;

  // The preset that the member's value names, for members called "retry", "breaker" and "preset";
  // empty where it names none.
  std::string_view preset(Object object, std::string_view path) const;

  // The members directly below `path`, in their order: of "retry_presets" the presets' names.
  std::vector<std::string_view> members(Object object, std::string_view path) const;

  // What all of it takes, in bytes, about.
  std::size_t size_bytes() const;

 private:
  // Texts by number, each once; 0 is the empty one.
  class Texts {
   public:
    Texts();
    std::uint32_t number(const std::string& text);
    const std::string& operator[](std::uint32_t number) const { return *texts_[number]; }
    std::size_t size() const { return texts_.size(); }

   private:
    std::unordered_map<std::string, std::uint32_t> numbers_;
    std::vector<const std::string*> texts_;  // its keys
  };

  struct Member {
    std::uint32_t path;
    std::uint32_t line;
    std::uint32_t column;
    std::uint16_t file;
    std::uint16_t preset;
  };

  void add_members(const Value& object, std::string& path);
  void add_member(const Value& member, const std::string& path);
  const Member* member(Object object, std::string_view path) const;

  Texts paths_;
  Texts files_;
  Texts presets_;
  std::vector<Member> members_;
  std::vector<std::uint32_t> begins_;  // of each object in members_
};

}  // namespace usher::config
