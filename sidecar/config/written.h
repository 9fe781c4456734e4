// Written: what the configuration says and where, kept to explain a running sidecar. Calls need
// nothing of it.
//
// References stand in it as references: what they stand for is nowhere here.
// Owner: Snapshot.  Thread: any; immutable once loaded.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "config/origins.h"
#include "policy/retry_policy.h"

namespace usher::config {

// A time that ends with a longer one around it, cut to that.
struct CutTime {
  std::uint32_t endpoint;  // by its index
  std::string_view key;    // "per_try_timeout"; a literal
  std::string_view by;     // "timeout"; a literal
  Duration written;        // before
};

// One "auth" object.
struct WrittenAuth {
  struct Member {
    std::string name;
    std::string json;         // as written
    std::string secret_from;  // "environment variable NAME", "file PATH"; empty: no reference
  };
  std::string scheme = "none";
  bool lacks_secret = false;    // explaining alone: LoadOptions::needs_secrets
  std::vector<Member> members;  // but "scheme"
};

struct WrittenEndpoint {
  Origins::Object object = 0;
  std::uint32_t auth = 0;  // into Written::auths, whether or not this consumer may call it
};

struct Written {
  Origins origins;
  Origins::Object usher = 0;
  // Usher's own and those of usher.json, with what they stand for.
  std::vector<std::pair<std::string, policy::RetryOptions>> presets;
  std::vector<Origins::Object> services;                         // by cluster
  std::vector<WrittenEndpoint> endpoints;                        // by Endpoint::index
  std::vector<WrittenAuth> auths = std::vector<WrittenAuth>(1);  // [0]: none
  std::vector<CutTime> cuts;                                     // in the order of endpoints
  // As JSON, overlays laid over: usher.json, and the services, by cluster, without their endpoints.
  std::string usher_json;
  std::vector<std::string> service_json;
};

}  // namespace usher::config
