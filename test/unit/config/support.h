// A configuration directory of a test's own, and environment variables that go when the test does.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "config/loader.h"

namespace usher::config::test {

class TempDirectory {
 public:
  TempDirectory() {
    std::string path = (std::filesystem::temp_directory_path() / "usher-config-XXXXXX").string();
    path_ = ::mkdtemp(path.data());
    std::filesystem::create_directory(path_ / "services");
  }
  ~TempDirectory() { std::filesystem::remove_all(path_); }
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
  }

 private:
  std::filesystem::path path_;
};

class Environment {
 public:
  ~Environment() {
    for (const std::string& name : names_) ::unsetenv(name.c_str());
  }
  void set(const std::string& name, const std::string& value) {
    ::setenv(name.c_str(), value.c_str(), 1);
    names_.push_back(name);
  }

 private:
  std::vector<std::string> names_;
};

inline constexpr const char* kUsher = R"({ "consumer": "payment-service" })";

// Problems as text, without the directory's own name.
inline std::vector<std::string> texts_of(const std::vector<Problem>& problems,
                                         const TempDirectory& directory) {
  std::vector<std::string> texts;
  const std::string prefix = directory.path().string() + "/";
  for (const Problem& problem : problems) {
    std::string text = to_string(problem);
    for (std::size_t at = 0; (at = text.find(prefix)) != std::string::npos;) {
      text.erase(at, prefix.size());
    }
    texts.push_back(std::move(text));
  }
  return texts;
}
inline std::vector<std::string> problems_of(const TempDirectory& directory) {
  return texts_of(load({directory.path()}, 0).problems, directory);
}
// The warnings of a configuration without mistakes.
inline std::vector<std::string> warnings_of(const TempDirectory& directory) {
  const LoadResult result = load({directory.path()}, 0);
  for (const Problem& problem : result.problems) ADD_FAILURE() << to_string(problem);
  return texts_of(result.warnings, directory);
}

// The root of the source tree.
inline std::filesystem::path source_root() {
  return USHER_SOURCE_DIRECTORY;
}

inline constexpr const char* kSecret = "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f6071";

}  // namespace usher::config::test
