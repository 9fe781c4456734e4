#include "config/validate.h"

#include <string>
#include <string_view>
#include <unordered_map>

namespace usher::config {
namespace {

// Names within one scope, with the place that had each first.
class UniqueNames {
 public:
  explicit UniqueNames(std::string_view what) : what_(what) {}

  void add(std::string_view name, Place place, Problems& problems) {
    if (name.empty()) return;  // was reported
    const auto [first, is_new] = seen_.emplace(name, place);
    if (is_new) return;
    problems.add(place, std::string(what_) + " " + in_quotes(name) + " stands twice, first at " +
                            to_string(first->second) + "; choose another name");
  }

 private:
  std::string_view what_;
  std::unordered_map<std::string_view, Place> seen_;
};

void check_names(const std::vector<ServiceSettings>& services, Problems& problems) {
  UniqueNames service_names("the service");
  for (const ServiceSettings& service : services) {
    service_names.add(service.name, service.place, problems);
    UniqueNames endpoint_names("the endpoint");
    for (const EndpointSettings& endpoint : service.endpoints) {
      endpoint_names.add(endpoint.name, endpoint.place, problems);
    }
  }
}

// Pairs are compared only where both have the same port or are Unix sockets, so many services stay
// cheap.
void check_listeners(const UsherSettings& usher, const std::vector<ServiceSettings>& services,
                     Problems& problems) {
  std::vector<const PlacedAddress*> all = {&usher.admin};
  for (const PlacedAddress& address : usher.outbound) all.push_back(&address);
  for (const ServiceSettings& service : services) {
    for (const PlacedAddress& address : service.listen) all.push_back(&address);
  }
  std::unordered_map<std::string, std::vector<const PlacedAddress*>> by_port;
  for (const PlacedAddress* address : all) {
    const ListenAddress& listen = address->address;
    auto& others =
        by_port[listen.unix_path.empty() ? std::to_string(listen.port) : listen.unix_path];
    for (const PlacedAddress* other : others) {
      if (!clash(other->address, listen)) continue;
      // A default has no place of its own: the mistake is then where the other one stands.
      const PlacedAddress* at = address->place.document != nullptr ? address : other;
      const PlacedAddress* first = at == address ? other : address;
      if (at->place.document == nullptr) continue;
      const std::string where =
          first->place.document == nullptr ? "the default" : to_string(first->place);
      problems.add(at->place, in_quotes(at->address.text) + " clashes with " +
                                  in_quotes(first->address.text) + " (" + where +
                                  "); choose another port or path");
      break;
    }
    others.push_back(address);
  }
}

}  // namespace

void validate(const UsherSettings& usher, const std::vector<ServiceSettings>& services,
              Problems& problems) {
  check_names(services, problems);
  check_listeners(usher, services, problems);
}

}  // namespace usher::config
