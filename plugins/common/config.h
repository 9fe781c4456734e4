// Reads the configuration object of a scheme and reports what is wrong with it, every mistake in
// one go. Lives during one configure call, on its thread; nothing throws.
#ifndef USHER_PLUGINS_COMMON_CONFIG_H
#define USHER_PLUGINS_COMMON_CONFIG_H

#include <usher/plugin.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace usher::plugins {

// One header that a scheme can send: what it is for, and the name to be read. Empty: not sent.
struct HeaderSlot {
  std::string_view role;
  std::string* name;
};

// One word that a member may have, and what it stands for.
template <typename T>
struct Choice {
  std::string_view word;
  T value;
};

class Config {
 public:
  // Reports text that is not a JSON object and members that are not among `members`; the host's own
  // ("scheme", "insecure") are left alone.
  Config(const usher_host_v1* host, usher_context* context, usher_host_str json,
         std::span<const std::string_view> members);

  // True when nothing was reported so far.
  bool ok() const { return ok_; }

  // Reports a mistake in the member `key`; empty: in the object as a whole.
  void error(std::string_view key, std::string_view message);

  bool has(std::string_view key) const { return find(key) != nullptr; }

  // The text of a member; nothing when it is absent or, which is reported, not a string.
  std::optional<std::string> text(std::string_view key);

  // Sets `value` when the member is there; a word that is not among `choices` is reported.
  template <typename T, size_t N>
  void choose(std::string_view key, const Choice<T> (&choices)[N], T& value) {
    std::string_view words[N];
    for (size_t i = 0; i < N; ++i) words[i] = choices[i].word;
    if (const std::optional<size_t> index = choose_index(key, words)) value = choices[*index].value;
  }

  // The secret under `key`, memory of the host. Nothing when it is absent, which is reported, or
  // was refused by the host, which reported it.
  std::optional<std::string_view> secret(std::string_view key, int strength);

  // Reads an object of header names into `slots`, keeping the name of a slot that is not mentioned.
  // null and "" mean "not sent". Reports unknown roles, names that are no tokens and names used
  // twice.
  void header_names(std::string_view key, std::span<const HeaderSlot> slots);

 private:
  enum class Kind { Null, Text, Object, Other };
  struct Entry {
    std::string key;
    Kind kind;
    std::string text;
  };
  struct Member {
    Entry entry;
    std::vector<Entry> entries;  // of an object
  };

  bool parse(std::string_view json);
  const Member* find(std::string_view key) const;
  std::optional<size_t> choose_index(std::string_view key, std::span<const std::string_view> words);
  void header_name(std::string_view key, const Entry& entry, std::span<const HeaderSlot> slots);

  const usher_host_v1* host_;
  usher_context* context_;
  std::vector<Member> members_;
  bool ok_ = true;
};

}  // namespace usher::plugins

#endif  // USHER_PLUGINS_COMMON_CONFIG_H
