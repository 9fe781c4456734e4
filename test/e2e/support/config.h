// The shipped configuration in a directory of its own, where a test may change it.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace e2e {

using Json = nlohmann::json;

class TemporaryDirectory {
 public:
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  // Creates or replaces a file below it.
  std::filesystem::path write(const std::filesystem::path& name, std::string_view text) const;

 private:
  std::filesystem::path path_;
};

class Config {
 public:
  // Off: every call is answered by its owner, whose view of it most tests look at.
  enum class Caches { Off, AsShipped };
  // As shipped, but for the listeners, which are on ports that the kernel chooses.
  explicit Config(Caches caches = Caches::Off);

  Json& usher() { return usher_; }
  Json& service(const std::string& name) { return services_.at(name); }
  Json& endpoint(const std::string& service_name, const std::string& name);
  // Other services than the shipped ones, or fewer.
  std::map<std::string, Json>& services() { return services_; }
  // Every call of this service goes to `address`.
  Config& redirect(const std::string& service_name, const std::string& address);

  void write(const TemporaryDirectory& directory) const;

 private:
  Json usher_;
  std::map<std::string, Json> services_;  // by name
};

}  // namespace e2e
