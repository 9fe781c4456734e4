// A configuration with one key, on the third line, and nothing else.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "config/config_keys.h"
#include "config/object_reader.h"
#include "unit/config/support.h"

namespace usher::config::test {

// What stands before the keys of each scope.
inline const std::map<Scope, std::string>& openings() {
  static const std::map<Scope, std::string> kOpenings = {
      {Scope::Usher, "{"},
      {Scope::Outbound, "{\"outbound\":{"},
      {Scope::Admin, "{\"admin\":{"},
      {Scope::Limits, "{\"limits\":{"},
      {Scope::Drain, "{\"drain\":{"},
      {Scope::Log, "{\"log\":{"},
      {Scope::Defaults, "{\"defaults\":{"},
      {Scope::Retry, "{\"defaults\":{\"retry\":{"},
      {Scope::Breaker, "{\"defaults\":{\"breaker\":{"},
      {Scope::BreakerFailures, "{\"defaults\":{\"breaker\":{\"failures\":{"},
      {Scope::Concurrency, "{\"defaults\":{\"concurrency\":{"},
      {Scope::Hedge, "{\"defaults\":{\"hedge\":{"},
      {Scope::Fallback, "{\"endpoints\":[{\"fallback\":{"},
      {Scope::RetryBudget, "{\"retry_budget\":{"},
      {Scope::Outlier, "{\"outlier\":{"},
      {Scope::Cache, "{\"cache\":{"},
      {Scope::Redis, "{\"cache\":{\"redis\":{"},
      {Scope::RedisSentinel, "{\"cache\":{\"redis\":{\"sentinel\":{"},
      {Scope::RedisTls, "{\"cache\":{\"redis\":{\"tls\":{"},
      {Scope::EndpointCache, "{\"endpoints\":[{\"cache\":{"},
      {Scope::Service, "{"},
      {Scope::Endpoint, "{\"endpoints\":[{"},
      {Scope::Auth, "{\"auth\":{"},
  };
  return kOpenings;
}

class KeyPlace {
 public:
  KeyPlace(Scope scope, const std::string& name, const std::string& value)
      : opening_(openings().at(scope)), name_(name) {
    const std::set<Scope> of_services = {Scope::Service,      Scope::Endpoint, Scope::Auth,
                                         Scope::Fallback,     Scope::Outlier,  Scope::RetryBudget,
                                         Scope::EndpointCache};
    in_service_ = of_services.contains(scope);
    std::string closing;
    for (const char c : opening_) closing.insert(0, c == '{' ? "}" : c == '[' ? "]" : "");
    text_ = opening_ + "\n\n\"" + name + "\": " + value + "\n" + closing;
  }

  bool in_service() const { return in_service_; }
  std::string file() const { return in_service_ ? "services/a.json" : "usher.json"; }
  const std::string& text() const { return text_; }
  // The steps to the value, as a JSON array.
  std::string path() const {
    std::string path = "[";
    for (std::size_t at = 0; at < opening_.size(); ++at) {
      if (opening_[at] == '[') path += "0, ";
      if (opening_[at] != '"') continue;
      const std::size_t end = opening_.find('"', at + 1);
      path += opening_.substr(at, end + 1 - at) + ", ";
      at = end;
    }
    return path + '"' + name_ + "\"]";
  }
  // What the loader says of it.
  std::vector<std::string> problems() const {
    const TempDirectory directory;
    directory.write("usher.json", in_service_ ? kUsher : text_);
    directory.write("services/a.json", in_service_ ? text_ : "{}");
    return problems_of(directory);
  }

 private:
  std::string opening_;
  std::string name_;
  std::string text_;
  bool in_service_ = false;
};

// Calls `each` with every key and the scope that it may stand in.
template <typename Each>
void for_each_key(const Each& each) {
  for (const auto& [scope, opening] : openings()) {
    for (const std::string_view name : keys_of(scope)) each(scope, std::string(name));
  }
}

}  // namespace usher::config::test
