// References: {"env": "NAME"} and {"file": "/path"}, and the secrets behind them.
//
// Thread: main. Blocking file reads. A secret's value never stands in a problem.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "config/files_read.h"
#include "config/json_reader.h"
#include "config/problem.h"

namespace usher::config {

class References {
 public:
  // Relative paths in references are relative to the directory of the document they stand in. What
  // is read is noted in `files`. Unless it `needs_secrets`, what is wrong with one is a warning,
  // and kStandIn is in the place of one that is missing.
  References(FilesRead& files, Problems& problems, bool needs_secrets = true)
      : files_(files), problems_(problems), needs_secrets_(needs_secrets) {}

  static constexpr std::string_view kStandIn = "(a secret that is missing and signs nothing)";
  bool needs_secrets() const { return needs_secrets_; }

  // A string, or what a reference stands for ("default" included). Nothing after a mistake, which
  // is reported; `key` is its name there.
  std::optional<std::string> text(const Value& value, std::string_view key);

  // What a reference stands for; a string in its place is refused. `strength` is USHER_SECRET_…;
  // `insecure` lets short and publicly known secrets pass with a warning; nothing: its object has
  // no such key.
  std::optional<Secret> secret(const Value& value, std::string_view key, int strength,
                               std::optional<bool> insecure);

  // The path of a file that can be read, given as a string.
  std::optional<std::string> path(const Value& value, std::string_view key);

 private:
  void warn_of_rights(const Value& path);
  enum class For : std::uint8_t { Text, Secret };
  std::optional<std::string> resolve(const Value& value, std::string_view key, For purpose);
  std::optional<std::string> resolve_file(const Value& path, For purpose);
  void report(Place place, std::string message, For purpose);

  FilesRead& files_;
  Problems& problems_;
  bool needs_secrets_;
};

// True for a secret that everybody knows: a placeholder of examples and public repositories, or one
// character repeated.
bool is_publicly_known(std::string_view secret);

}  // namespace usher::config
