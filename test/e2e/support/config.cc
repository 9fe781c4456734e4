#include "support/config.h"

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace e2e {
namespace {

Json read_json(const std::filesystem::path& path) {
  std::ifstream file(path);
  return Json::parse(file);
}

}  // namespace

TemporaryDirectory::TemporaryDirectory() {
  std::string name = std::filesystem::temp_directory_path() / "usher-e2e-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
  path_ = name;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path TemporaryDirectory::write(const std::filesystem::path& name,
                                                std::string_view text) const {
  const std::filesystem::path full = path_ / name;
  std::filesystem::create_directories(full.parent_path());
  std::ofstream(full) << text;
  return full;
}

Config::Config(Caches caches) {
  const std::filesystem::path shipped = USHER_SHIPPED_CONFIG;
  usher_ = read_json(shipped / "usher.json");
  usher_["outbound"]["listen"] = "127.0.0.1:0";
  usher_["admin"]["listen"] = "127.0.0.1:0";
  for (const auto& entry : std::filesystem::directory_iterator(shipped / "services")) {
    Json service = read_json(entry.path());
    for (Json& endpoint : service.at("endpoints")) {
      if (caches == Caches::Off) endpoint.erase("cache");
    }
    services_.emplace(service.at("service").get<std::string>(), service);
  }
}

Json& Config::endpoint(const std::string& service_name, const std::string& name) {
  for (Json& endpoint : services_.at(service_name).at("endpoints")) {
    if (endpoint.at("name") == name) return endpoint;
  }
  throw std::out_of_range("no endpoint " + name);
}

Config& Config::redirect(const std::string& service_name, const std::string& address) {
  services_.at(service_name)["addresses"] = Json::array({address});
  return *this;
}

void Config::write(const TemporaryDirectory& directory) const {
  directory.write("usher.json", usher_.dump(2));
  for (const auto& [name, service] : services_) {
    directory.write("services/" + name + ".json", service.dump(2));
  }
}

}  // namespace e2e
