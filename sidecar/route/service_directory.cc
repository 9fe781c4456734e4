#include "route/service_directory.h"

#include <algorithm>
#include <utility>

namespace usher::route {
namespace {

constexpr std::uint16_t kHttpPort = 80;

std::string key_of(std::string_view host, std::uint16_t port) {
  return std::string(host) + ':' + std::to_string(port);
}

using Kind = ServiceChoice::Kind;

}  // namespace

std::uint32_t ServiceDirectory::add_service(http::Authority address) {
  services_.push_back({.address = std::move(address), .router = {}});
  return static_cast<std::uint32_t>(services_.size() - 1);
}

void ServiceDirectory::note(std::unordered_map<std::string, std::uint32_t>& names, std::string key,
                            std::uint32_t service) {
  const auto [known, is_new] = names.emplace(std::move(key), service);
  if (!is_new && known->second != service) known->second = kShared;
}

void ServiceDirectory::add_name(std::uint32_t service, std::string_view host, std::uint16_t port) {
  const std::string canonical = http::canonical_host(host);
  note(names_, key_of(canonical, port), service);
  note(hosts_, canonical, service);
  const auto [known, is_new] = by_port_.emplace(port, service);
  if (!is_new && known->second != service) known->second = kShared;
}

void ServiceDirectory::add_listener(std::string_view host, std::uint16_t port) {
  listeners_.push_back({.host = http::canonical_host(host), .port = port});
}

bool ServiceDirectory::is_listener(const http::Authority& authority) const {
  const bool is_loopback = http::is_loopback_host(authority.host);
  return std::any_of(listeners_.begin(), listeners_.end(), [&](const http::Authority& listener) {
    if (listener.port != authority.port) return false;
    return listener.host == authority.host ||
           (is_loopback && http::is_loopback_host(listener.host));
  });
}

ServiceChoice ServiceDirectory::named(std::string_view host, std::uint16_t port) const {
  const auto found = names_.find(key_of(host, port));
  if (found == names_.end()) return {};
  if (found->second == kShared) return {.kind = Kind::Shared};
  return {.kind = Kind::Service, .service = found->second};
}

// What listens at a port of this machine (or pod) is the service that has it, where only one does.
ServiceChoice ServiceDirectory::at_loopback(std::uint16_t port) const {
  const auto found = by_port_.find(port);
  if (found == by_port_.end() || found->second == kShared) return {};
  return {.kind = Kind::Service, .service = found->second};
}

ServiceChoice ServiceDirectory::choose(const http::Authority& authority) const {
  const http::Authority whole = {.host = authority.host,
                                 .port = authority.port == 0 ? kHttpPort : authority.port};
  if (is_listener(whole)) return {.kind = Kind::Listener};
  const ServiceChoice by_name = named(whole.host, whole.port);
  if (by_name.kind != Kind::Unknown) return by_name;
  return http::is_loopback_host(whole.host) ? at_loopback(whole.port) : ServiceChoice{};
}

ServiceChoice ServiceDirectory::choose(const http::Authority& authority,
                                       const http::Authority& destination) const {
  ServiceChoice by_destination = named(destination.host, destination.port);
  if (by_destination.kind == Kind::Unknown && http::is_loopback_host(destination.host)) {
    by_destination = at_loopback(destination.port);
  }
  if (authority.host.empty()) return by_destination;

  const bool is_same_port = authority.port == 0 || authority.port == destination.port;
  const bool is_name = !http::is_ip_literal(authority.host) && authority.host != "localhost";
  if (is_name) {
    if (!hosts_.contains(authority.host)) {
      if (is_same_port || by_destination.kind == Kind::Unknown) return by_destination;
      return {.kind = Kind::Contradiction};
    }
    const ServiceChoice by_name = named(authority.host, destination.port);
    if (!is_same_port || by_name.kind == Kind::Unknown) return {.kind = Kind::Contradiction};
    // A literal address is one service's alone.
    const bool is_other = by_destination.kind == Kind::Service && by_name.kind == Kind::Service &&
                          by_destination.service != by_name.service;
    return is_other ? ServiceChoice{.kind = Kind::Contradiction} : by_name;
  }
  const bool is_same_host =
      authority.host == destination.host ||
      (authority.host == "localhost" && http::is_loopback_host(destination.host));
  if (is_same_host && is_same_port) return by_destination;
  // It names an address that is not where it goes: of importance where either is a service's.
  const std::uint16_t port = authority.port == 0 ? destination.port : authority.port;
  const bool matters =
      by_destination.kind != Kind::Unknown || named(authority.host, port).kind != Kind::Unknown;
  return matters ? ServiceChoice{.kind = Kind::Contradiction} : ServiceChoice{};
}

}  // namespace usher::route
