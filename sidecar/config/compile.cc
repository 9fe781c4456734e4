#include "config/compile.h"

#include <algorithm>
#include <deque>
#include <span>
#include <unordered_map>

#include "config/cut_times.h"
#include "config/path_tree.h"
#include "policy/repeatability.h"

namespace usher::config {
namespace {

using Endpoints = std::span<const std::unique_ptr<route::Endpoint>>;

// A successful call that changes something makes stale what is kept of its own path (RFC 9111
// §4.4), which only some other endpoint of its service can have kept.
void set_invalidated_paths(Endpoints service) {
  PathTree kept;
  for (const auto& endpoint : service) {
    if (endpoint->policy.cache) kept.add(endpoint->match);
  }
  for (const auto& endpoint : service) {
    const bool only_reads = endpoint->policy.safe || policy::is_safe(endpoint->method);
    endpoint->policy.invalidates_path = !only_reads && kept.overlaps(endpoint->match);
  }
}

// "environment variable NAME" or "file PATH", of a list each; empty where `value` is no reference.
std::string describe_reference(const Value& value) {
  if (const Value* env = value.find("env")) return "environment variable " + env->text;
  if (const Value* file = value.find("file")) return "file " + file->text;
  std::string all;
  if (value.type != Value::Type::Array) return all;
  for (const Value& element : value.children) {
    const std::string one = describe_reference(element);
    if (one.empty()) return {};
    all.append(all.empty() ? "" : ", ").append(one);
  }
  return all;
}

WrittenAuth write_down(const Value& auth) {
  WrittenAuth written;
  for (const Value& member : auth.children) {
    if (member.name == "scheme") {
      written.scheme = member.text;
    } else {
      written.members.push_back({.name = member.name,
                                 .json = compact_json(member),
                                 .secret_from = describe_reference(member)});
    }
  }
  return written;
}

class Compiler {
 public:
  Compiler(const UsherSettings& usher, std::int64_t now_ms, References& references,
           Problems& problems, Snapshot& snapshot)
      : usher_(usher),
        now_ms_(now_ms),
        references_(references),
        problems_(problems),
        snapshot_(snapshot) {
    snapshot_.signers.push_back(filter::Signer::none());
    add_listener(usher.outbound);
    add_own_address(usher.admin.address);
    for (const std::string_view name : usher.presets.names()) {
      written_.presets.emplace_back(name, *usher.presets.find(name));
    }
    if (usher.written == nullptr) return;
    written_.usher = written_.origins.add(*usher.written);
    written_.usher_json = compact_json(*usher.written);
  }

  void add(ServiceSettings&& service) {
    std::size_t listener = 0;
    if (!service.listen.empty()) listener = add_listener(service.listen);
    const auto cluster = static_cast<std::uint32_t>(snapshot_.clusters.size());
    const std::size_t first = snapshot_.endpoints.size();
    add_names(service);
    written_.services.push_back(written_.origins.add(*service.written));
    written_.service_json.push_back(compact_json(*service.written, "endpoints"));
    for (EndpointSettings& settings : service.endpoints) {
      auto endpoint = make_endpoint(service, settings);
      endpoint->cluster = cluster;
      const route::Endpoint* other = snapshot_.listeners[listener].router.add(*endpoint);
      if (other != nullptr) report_shadowed(settings, *other, other->cluster == cluster);
      snapshot_.directory.router(cluster).add(*endpoint, settings.path);
      places_.push_back(settings.match_place);
      add_written(service, settings, *endpoint);
      snapshot_.endpoints.push_back(std::move(endpoint));
    }
    set_invalidated_paths(Endpoints(snapshot_.endpoints).subspan(first));
    set(service.cluster.breaker, shared_breaker(service.policy, usher_.defaults));
    snapshot_.clusters.push_back(std::move(service.cluster));
  }

 private:
  std::size_t add_listener(const std::vector<PlacedAddress>& addresses) {
    OutboundListener& listener = snapshot_.listeners.emplace_back();
    for (const PlacedAddress& address : addresses) {
      listener.addresses.push_back(address.address);
      add_own_address(address.address);
    }
    return snapshot_.listeners.size() - 1;
  }

  void add_own_address(const ListenAddress& address) {
    if (address.unix_path.empty()) snapshot_.directory.add_listener(address.host, address.port);
  }

  // What a consumer may call it by where Host, or a proxy's target, says whom it means.
  void add_names(const ServiceSettings& service) {
    route::ServiceDirectory& directory = snapshot_.directory;
    const auto& addresses = service.cluster.addresses;
    http::Authority first;
    if (!addresses.empty()) first = {.host = addresses[0].host, .port = addresses[0].port};
    const std::uint32_t index = directory.add_service(first);
    for (const upstream::HostAddress& address : addresses) {
      directory.add_name(index, address.host, address.port);
      directory.add_name(index, service.name, address.port);
      for (const ServiceHost& host : service.hosts) {
        directory.add_name(index, host.host, host.port.value_or(address.port));
      }
    }
  }

  std::unique_ptr<route::Endpoint> make_endpoint(const ServiceSettings& service,
                                                 EndpointSettings& settings) {
    auto endpoint = std::make_unique<route::Endpoint>();
    endpoint->index = static_cast<std::uint32_t>(snapshot_.endpoints.size());
    endpoint->name = settings.name;
    endpoint->service = service.name;
    endpoint->method = settings.method;
    endpoint->match = std::move(settings.match);
    endpoint->rewrite = std::move(settings.rewrite);
    endpoint->policy = effective_policy(settings.method, settings.policy, service.policy,
                                        usher_.defaults, problems_);
    const Allowlist& consumers = settings.consumers ? settings.consumers : service.consumers;
    if (consumers) endpoint->consumers = *consumers;
    endpoint->consumer_allowed = is_allowed(consumers);
    // One configuration serves every consumer, and none needs the secrets of calls that it may not
    // make.
    if (endpoint->consumer_allowed) {
      endpoint->signer = signer_for(auth_of(service, settings));
    }
    return endpoint;
  }

  void add_written(const ServiceSettings& service, const EndpointSettings& settings,
                   const route::Endpoint& endpoint) {
    written_.endpoints.push_back({.object = written_.origins.add(*settings.written),
                                  .auth = written_auth(auth_of(service, settings))});
    add_cut_times(endpoint.index, endpoint.policy, settings.policy, service.policy, usher_.defaults,
                  written_.cuts);
  }

  static const Value* auth_of(const ServiceSettings& service, const EndpointSettings& settings) {
    return settings.auth != nullptr ? settings.auth : service.auth;
  }

  // Its number among those written down; 0: none.
  std::uint32_t written_auth(const Value* auth) {
    if (auth == nullptr) return 0;
    const auto [known, is_new] =
        auths_.emplace(auth, static_cast<std::uint32_t>(written_.auths.size()));
    if (is_new) written_.auths.push_back(write_down(*auth));
    return known->second;
  }

  bool is_allowed(const Allowlist& consumers) const {
    if (snapshot_.consumer.empty()) return false;
    return !consumers ||
           std::find(consumers->begin(), consumers->end(), snapshot_.consumer) != consumers->end();
  }

  void report_shadowed(const EndpointSettings& settings, const route::Endpoint& other,
                       bool is_own) {
    problems_.add(settings.match_place,
                  "this matches the same calls as the endpoint " + in_quotes(other.name) +
                      (is_own ? "" : " of " + in_quotes(other.service)) + " at " +
                      to_string(places_[other.index]) + "; change one" +
                      (is_own ? " or leave it out"
                              : ", or give one service its own \"listen\" or \"base_path\""));
  }

  // The signer of an auth object; 0, which is "none", also after a mistake.
  std::uint32_t signer_for(const Value* auth) {
    if (auth == nullptr) return 0;
    const auto [known, is_new] = signers_.emplace(auth, 0);
    if (is_new) known->second = make_signer(*auth);
    return known->second;
  }

  std::uint32_t make_signer(const Value& auth) {
    const usher_signer_v1* scheme = filter::find_scheme(auth.find("scheme")->text);
    if (scheme == nullptr) return 0;
    const Value* insecure = auth.find("insecure");
    std::deque<Secret> secrets;  // kept until the scheme is configured
    bool lacks_secret = false;
    const filter::SignerContext context = {
        .secret = [&](std::string_view key, int strength) -> const Secret* {
          const Value* member = auth.find(key);
          if (member == nullptr) return nullptr;
          auto secret =
              references_.secret(*member, key, strength, insecure != nullptr && insecure->boolean);
          if (!secret) return nullptr;
          lacks_secret = lacks_secret || secret->reveal() == References::kStandIn;
          return &secrets.emplace_back(std::move(*secret));
        },
        .error =
            [&](std::string_view key, std::string_view message) {
              if (lacks_secret) return;  // a consequence, mostly
              const Value* member = auth.find(key);
              problems_.add(member == nullptr ? place_of(auth) : name_place_of(*member),
                            std::string(message));
            },
    };
    const std::size_t problems_before = problems_.size();
    auto signer = filter::Signer::configure(*scheme, compact_json(auth), snapshot_.consumer,
                                            now_ms_, context);
    written_.auths[written_auth(&auth)].lacks_secret = lacks_secret;
    if (signer == nullptr) {
      if (problems_.size() == problems_before && !lacks_secret) {
        problems_.add(place_of(auth), "the scheme refused this without saying why");
      }
      return 0;
    }
    snapshot_.signers.push_back(std::move(signer));
    return static_cast<std::uint32_t>(snapshot_.signers.size() - 1);
  }

  const UsherSettings& usher_;
  std::int64_t now_ms_;
  References& references_;
  Problems& problems_;
  Snapshot& snapshot_;
  Written& written_ = snapshot_.written;
  std::unordered_map<const Value*, std::uint32_t> auths_;
  std::unordered_map<const Value*, std::uint32_t> signers_;
  std::vector<Place> places_;  // of each endpoint's match, by its index
};

}  // namespace

void compile(const UsherSettings& usher, std::vector<ServiceSettings> services, std::int64_t now_ms,
             References& references, Problems& problems, Snapshot& snapshot) {
  Compiler compiler(usher, now_ms, references, problems, snapshot);
  for (ServiceSettings& service : services) compiler.add(std::move(service));
  snapshot.written.origins.shrink();
}

}  // namespace usher::config
