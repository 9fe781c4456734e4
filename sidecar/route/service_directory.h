// ServiceDirectory: which owning service a consumer means, where it names one: by the Host of a
// redirected connection, by the authority of an absolute target, or by that of CONNECT.
//
// What a consumer says never leads anywhere but to a configured address: the directory only decides
// whose endpoints are looked through. Where the name and the redirected connection's destination
// contradict each other, neither is believed.
//
// Owner: the configuration's Snapshot.  Thread: any; immutable once built.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "http/authority.h"
#include "route/router.h"

namespace usher::route {

struct ServiceChoice {
  enum class Kind : std::uint8_t {
    Unknown,        // no configured service
    Service,        // `service`
    Shared,         // an address that several services share: by path alone
    Listener,       // this sidecar itself
    Contradiction,  // a service's name, and another destination
  };
  Kind kind = Kind::Unknown;
  std::uint32_t service = 0;  // by its index in the Snapshot
};

class ServiceDirectory {
 public:
  // The next service, by its first configured address. Returns its index.
  std::uint32_t add_service(http::Authority address);
  // Consumers call it so, at this port.
  void add_name(std::uint32_t service, std::string_view host, std::uint16_t port);
  // The sidecar listens there.
  void add_listener(std::string_view host, std::uint16_t port);

  // What a forward proxy is asked for. Port 80 where none is given.
  ServiceChoice choose(const http::Authority& authority) const;
  // Of a connection that was redirected on its way to `destination`, a literal address. An
  // authority without a host: HTTP/1.0 without Host.
  ServiceChoice choose(const http::Authority& authority, const http::Authority& destination) const;

  // Some service listens at such a port.
  bool is_service_port(std::uint16_t port) const { return by_port_.contains(port); }
  // One of the sidecar's own listeners.
  bool is_listener(const http::Authority& authority) const;

  // Its endpoints alone, without the service's base path.
  Router& router(std::uint32_t service) { return services_[service].router; }
  const Router& router(std::uint32_t service) const { return services_[service].router; }
  const http::Authority& address(std::uint32_t service) const { return services_[service].address; }

 private:
  static constexpr std::uint32_t kShared = UINT32_MAX;

  struct Service {
    http::Authority address;
    Router router;
  };

  static void note(std::unordered_map<std::string, std::uint32_t>& names, std::string key,
                   std::uint32_t service);
  ServiceChoice named(std::string_view host, std::uint16_t port) const;
  ServiceChoice at_loopback(std::uint16_t port) const;

  std::deque<Service> services_;
  std::unordered_map<std::string, std::uint32_t> names_;  // "host:port" → service, or kShared
  std::unordered_map<std::string, std::uint32_t> hosts_;  // "host" → some service of that name
  std::unordered_map<std::uint16_t, std::uint32_t> by_port_;  // likewise
  std::vector<http::Authority> listeners_;
};

}  // namespace usher::route
