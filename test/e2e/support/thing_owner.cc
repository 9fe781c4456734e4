#include "support/thing_owner.h"

#include <thread>

namespace e2e {

ThingOwner::ThingOwner() : owner_([this](Peer& peer) { serve(peer); }) {}

void ThingOwner::set_fields(const std::string& fields) {
  const std::lock_guard lock(mutex_);
  fields_ = fields;
}

void ThingOwner::serve(Peer& peer) {
  while (const auto request = peer.read()) {
    const bool is_read = request->start_line.starts_with("GET ");
    const std::string tenant = request->fields.one("X-Tenant-ID");
    const std::size_t begin =
        request->start_line.rfind('/', request->start_line.rfind(' ') - 1) + 1;
    const std::string name =
        request->start_line.substr(begin, request->start_line.find(' ', begin) - begin);
    ++(is_read ? reads_ : writes_);
    std::string answer;
    {
      const std::lock_guard lock(mutex_);
      long& version = versions_[tenant + "/" + name];
      if (!is_read) ++version;
      const Json body = {{"tenant", tenant}, {"name", name}, {"version", version}};
      answer = ok_with(body.dump(), fields_);
    }
    if (const int status = status_; status != 0) {
      answer = "HTTP/1.1 " + std::to_string(status) + " Told\r\nContent-Length: 0\r\n\r\n";
    }
    std::this_thread::sleep_for(std::chrono::microseconds(pause_us_));
    if (!peer.send(answer)) return;
  }
}

Thing Thing::read(const Response& response) {
  const Json json = response.json();
  return {json.at("tenant"), json.at("name"), json.at("version")};
}

Config thing_config(const ThingOwner& owner, const Json& cache) {
  Config config;
  config.services() = {{"thing-service",
                        {{"service", "thing-service"},
                         {"addresses", {owner.address()}},
                         {"endpoints",
                          {{{"name", "read"},
                            {"match", "GET /internal/things/{id}"},
                            {"retry", "none"},
                            {"cache", cache}},
                           {{"name", "change"},
                            {"match", "PUT /internal/things/{id}"},
                            {"retry", "none"},
                            {"invalidates", {"thing:{id}"}}}}}}}};
  return config;
}

Request read_thing(const std::string& tenant, const std::string& name) {
  return get("/internal/things/" + name).without("X-Tenant-ID").with("X-Tenant-ID", tenant);
}

Request change_thing(const std::string& tenant, const std::string& name) {
  Request request = read_thing(tenant, name).with("Content-Type", "application/json");
  request.method = "PUT";
  request.body = "{}";
  return request;
}

std::string tenant_number(int number) {
  std::string digits = std::to_string(number);
  digits.insert(0, 12 - digits.size(), '0');
  return "11111111-2222-4333-8444-" + digits;
}

}  // namespace e2e
