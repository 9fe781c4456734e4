// The access log: one line for a call that has ended. It names the endpoint, never the path: paths
// hold e-mail addresses.
//
// Thread: any.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/log.h"
#include "route/endpoint.h"

namespace usher::proxy {

struct AccessRecord {
  std::string_view consumer;
  const route::Endpoint* endpoint;  // null: none matched
  std::string_view method;
  int status;
  std::string_view error;  // Usher's own code; empty when the owner answered
  int attempts;
  Duration duration;
  std::string_view tenant;
  std::string_view trace_id;
};

// Errors: calls that Usher answered itself or that ended without an answer, and owners' 5xx.
inline bool is_logged(AccessLog what, int status, std::string_view error) {
  if (what == AccessLog::Off) return false;
  return what == AccessLog::All || !error.empty() || status >= 500;
}

void log_access(const AccessRecord& record);

}  // namespace usher::proxy
