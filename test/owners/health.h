// The health answers all owners share.
#pragma once

#include <chrono>
#include <ctime>
#include <string>

#include "router.h"

namespace owners {

// A point in time as JavaScript's toISOString writes it.
inline std::string iso_time(std::chrono::system_clock::time_point time) {
  const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch());
  const std::time_t seconds = since.count() / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[24];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  const std::string fraction = std::to_string(1000 + since.count() % 1000).substr(1);
  return std::string(text) + "." + fraction + "Z";
}

inline std::string iso_now() {
  return iso_time(std::chrono::system_clock::now());
}

inline Response healthy(std::string_view service) {
  return json_response(200,
                       {{"status", "healthy"}, {"service", service}, {"timestamp", iso_now()}});
}

// GET /health, open to everybody, as a container's probe wants it.
inline Route health_route(std::string_view service) {
  return {"GET", "/health", TenantRule::Unused, [service](Call&) { return healthy(service); },
          Guard::Open};
}

}  // namespace owners
