// The nineteen endpoints of the plan: who calls, what the owner gets, what it answers.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "support/raw_http.h"

namespace e2e {

struct EndpointCase {
  std::string name;          // in the configuration
  std::string owner;         // "ticket"
  std::string consumer;      // one that may call it
  Request request;           // as that consumer sends it
  std::string owner_target;  // path and query as the owner gets them
  Json expected;             // members of the answer; null stands for any value
  std::string rows;          // what a passing call proves, as in "_M018"

  std::string service() const { return owner + "-service"; }
};

const std::vector<EndpointCase>& catalogue();
const EndpointCase& endpoint_case(const std::string& name);
std::vector<EndpointCase> endpoints_of(const std::string& owner);

// Whether all that `expected` has is in `actual`.
bool contains(const Json& actual, const Json& expected);

// "ticket-status" as part of a test's name.
std::string test_name(std::string name);

inline void PrintTo(const EndpointCase& endpoint, std::ostream* out) {
  *out << endpoint.name;
}

}  // namespace e2e
