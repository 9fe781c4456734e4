#include "openapi/export.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "base/bytes.h"

#include "openapi/exported_answers.h"
#include "openapi/exported_components.h"
#include "openapi/exported_operation.h"
#include "openapi/json_tree.h"
#include "openapi/naming.h"

namespace usher::openapi {
namespace {

constexpr std::string_view kOpenApi = "3.1.1";

std::string url_of(const config::ListenAddress& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return "http://" + (v6 ? "[" + address.host + "]" : address.host) + ":" +
         std::to_string(address.port);
}

// Where the listener is reached; without Unix sockets and ports that the kernel chooses. Marked, so
// that an import does not take the sidecar for the owner.
Value servers_of(const config::OutboundListener& listener) {
  Value servers = make_array();
  for (const config::ListenAddress& address : listener.addresses) {
    if (!address.unix_path.empty() || address.port == 0) continue;
    Value server = make_object();
    put(server, "url", url_of(address));
    put(server, "description", "The sidecar.");
    put(server, "x-usher", make_object());
    append(servers, std::move(server));
  }
  return servers;
}

std::string lower_case(std::string_view text) {
  std::string lower;
  for (const char c : text) lower += to_lower(c);
  return lower;
}

class Exporter {
 public:
  Exporter(const config::Snapshot& snapshot, const Contracts& contracts, const std::string& service)
      : snapshot_(snapshot),
        contracts_(contracts),
        service_(service),
        components_(exported_contracts()),
        answers_(snapshot, first_exported(), components_) {
    add_shared_parameters(components_);
    for (const auto& endpoint : snapshot.endpoints) {
      if (is_exported(*endpoint)) ++name_counts_[endpoint->name];
    }
  }

  ExportResult write() {
    Value document = make_object();
    put(document, "openapi", kOpenApi);
    put(document, "info", info());
    Value servers = servers_of(snapshot_.listeners.front());
    if (!servers.children.empty()) put(document, "servers", std::move(servers));
    put(document, "tags", tags());
    for (const auto& endpoint : snapshot_.endpoints) {
      if (is_exported(*endpoint)) add_endpoint(*endpoint);
    }
    put(document, "paths", std::move(paths_));
    put(document, "components", components_.take());
    return {.text = to_json(document) + "\n", .notes = std::move(notes_)};
  }

 private:
  struct Path {
    std::size_t position;  // in paths_
    route::PathTemplate path;
  };

  bool is_exported(const route::Endpoint& endpoint) const {
    return service_.empty() || endpoint.service == service_;
  }

  const route::Endpoint& first_exported() const {
    return **std::find_if(snapshot_.endpoints.begin(), snapshot_.endpoints.end(),
                          [&](const auto& endpoint) { return is_exported(*endpoint); });
  }

  std::vector<const Contract*> exported_contracts() const {
    std::vector<const Contract*> contracts;
    for (const auto& contract : contracts_) {
      const bool configured = std::any_of(
          snapshot_.endpoints.begin(), snapshot_.endpoints.end(), [&](const auto& endpoint) {
            return endpoint->service == contract->service() && is_exported(*endpoint);
          });
      if (configured) contracts.push_back(contract.get());
    }
    return contracts;
  }

  Value info() const {
    const Contract* contract = service_.empty() ? nullptr : find_contract(contracts_, service_);
    Value info = make_object();
    put(info, "title",
        service_.empty() ? "What " + snapshot_.consumer + " calls through Usher"
                         : service_ + " through Usher");
    put(info, "version",
        contract == nullptr ? "1"
                            : contract->document().root().find("info")->find("version")->text);
    put(info, "description",
        "Every endpoint that is configured, as " + snapshot_.consumer +
            " sees it. An owner's answer passes unchanged, whatever its status; what Usher "
            "answers itself has the schema UsherError. \"x-usher\" says the policy in the keys of "
            "a service file; what is not there has its built-in value.");
    return info;
  }

  // The services, each with its contract's words.
  Value tags() const {
    Value tags = make_array();
    std::string last;
    for (const auto& endpoint : snapshot_.endpoints) {
      if (!is_exported(*endpoint) || endpoint->service == last) continue;
      last = endpoint->service;
      Value tag = make_object();
      put(tag, "name", last);
      const Contract* contract = find_contract(contracts_, last);
      if (contract != nullptr) {
        const Value& words = *contract->document().root().find("info");
        const Value* text = words.find("description");
        put(tag, "description", (text == nullptr ? words.find("title") : text)->text);
      }
      append(tags, std::move(tag));
    }
    return tags;
  }

  // Paths that differ in the names of parameters alone are one path here (OpenAPI 3.1.1 §4.8.8.2).
  void add_endpoint(const route::Endpoint& endpoint) {
    const auto [path, is_new] =
        by_shape_.emplace(shape_of(http::Method::Other, endpoint.match),
                          Path{.position = paths_.children.size(), .path = endpoint.match});
    if (is_new) add(paths_, endpoint.match.text(), make_object());
    Value& item = paths_.children[path->second.position];
    const std::string method = lower_case(http::to_string(endpoint.method));
    if (const Value* other = item.find(method)) {
      notes_.push_back(std::string(http::to_string(endpoint.method)) + " " + endpoint.match.text() +
                       " of " + endpoint.service +
                       " is left out: " + other->find("x-usher")->find("service")->text +
                       " has the same on another listener; export each with --service");
      return;
    }
    Value operation = exported_operation({.endpoint = &endpoint,
                                          .contract = find_contract(contracts_, endpoint.service),
                                          .operation_id = operation_id(endpoint),
                                          .path = path->second.path},
                                         snapshot_, components_, answers_);
    if (const config::OutboundListener* listener = own_listener(endpoint)) {
      Value servers = servers_of(*listener);
      if (!servers.children.empty()) put(operation, "servers", std::move(servers));
    }
    add(item, method, std::move(operation));
  }

  std::string operation_id(const route::Endpoint& endpoint) const {
    const bool unique = name_counts_.find(endpoint.name)->second == 1;
    return unique ? endpoint.name : endpoint.service + "." + endpoint.name;
  }

  // The listener that its service has for itself; null: it is on the main one. Found by asking each
  // for a call of the endpoint.
  const config::OutboundListener* own_listener(const route::Endpoint& endpoint) const {
    std::string path = endpoint.match.text();
    for (std::size_t at = 0; (at = path.find('{')) != std::string::npos;) {
      path.replace(at, path.find('}') + 1 - at, "~any~");  // no literal looks like this
    }
    for (std::size_t i = 1; i < snapshot_.listeners.size(); ++i) {
      const config::OutboundListener& listener = snapshot_.listeners[i];
      if (listener.router.match(endpoint.method, path).endpoint == &endpoint) return &listener;
    }
    return nullptr;
  }

  const config::Snapshot& snapshot_;
  const Contracts& contracts_;
  const std::string& service_;
  ExportedComponents components_;
  ExportedAnswers answers_;
  std::map<std::string, int, std::less<>> name_counts_;
  Value paths_ = make_object();
  std::unordered_map<std::string, Path> by_shape_;
  std::vector<std::string> notes_;
};

}  // namespace

ExportResult export_document(const config::Snapshot& snapshot, const Contracts& contracts,
                             const std::string& service) {
  return Exporter(snapshot, contracts, service).write();
}

}  // namespace usher::openapi
