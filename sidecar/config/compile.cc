#include "config/compile.h"

#include <algorithm>
#include <deque>
#include <span>
#include <unordered_map>

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
  }

  void add(ServiceSettings&& service) {
    std::size_t listener = 0;
    if (!service.listen.empty()) listener = add_listener(service.listen);
    const auto cluster = static_cast<std::uint32_t>(snapshot_.clusters.size());
    const std::size_t first = snapshot_.endpoints.size();
    for (EndpointSettings& settings : service.endpoints) {
      auto endpoint = make_endpoint(service, settings);
      endpoint->cluster = cluster;
      const route::Endpoint* other = snapshot_.listeners[listener].router.add(*endpoint);
      if (other != nullptr) report_shadowed(settings, *other, other->cluster == cluster);
      places_.push_back(settings.match_place);
      snapshot_.endpoints.push_back(std::move(endpoint));
    }
    set_invalidated_paths(Endpoints(snapshot_.endpoints).subspan(first));
    set(service.cluster.breaker, shared_breaker(service.policy, usher_.defaults));
    snapshot_.clusters.push_back(std::move(service.cluster));
  }

 private:
  std::size_t add_listener(const std::vector<PlacedAddress>& addresses) {
    OutboundListener& listener = snapshot_.listeners.emplace_back();
    for (const PlacedAddress& address : addresses) listener.addresses.push_back(address.address);
    return snapshot_.listeners.size() - 1;
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
      const Value* auth = settings.auth != nullptr ? settings.auth : service.auth;
      endpoint->signer = signer_for(auth);
    }
    return endpoint;
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
    const filter::SignerContext context = {
        .secret = [&](std::string_view key, int strength) -> const Secret* {
          const Value* member = auth.find(key);
          if (member == nullptr) return nullptr;
          auto secret =
              references_.secret(*member, key, strength, insecure != nullptr && insecure->boolean);
          return secret ? &secrets.emplace_back(std::move(*secret)) : nullptr;
        },
        .error =
            [&](std::string_view key, std::string_view message) {
              const Value* member = auth.find(key);
              problems_.add(member == nullptr ? place_of(auth) : name_place_of(*member),
                            std::string(message));
            },
    };
    const std::size_t problems_before = problems_.size();
    auto signer = filter::Signer::configure(*scheme, compact_json(auth), snapshot_.consumer,
                                            now_ms_, context);
    if (signer == nullptr) {
      if (problems_.size() == problems_before) {
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
  std::unordered_map<const Value*, std::uint32_t> signers_;
  std::vector<Place> places_;  // of each endpoint's match, by its index
};

}  // namespace

void compile(const UsherSettings& usher, std::vector<ServiceSettings> services, std::int64_t now_ms,
             References& references, Problems& problems, Snapshot& snapshot) {
  Compiler compiler(usher, now_ms, references, problems, snapshot);
  for (ServiceSettings& service : services) compiler.add(std::move(service));
}

}  // namespace usher::config
