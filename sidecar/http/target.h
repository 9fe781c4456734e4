// Request targets: what may be one, and how its path reads (RFC 9112 §3.2, RFC 3986 §3.3).
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"

namespace usher::http {

// Path and query of an origin-form target. Nothing is decoded.
struct Target {
  std::string_view path;   // "/internal/tickets/7%2F1"
  std::string_view query;  // without '?', empty when there is none
};
Target split_target(std::string_view target);

// Checks an origin-form target: begins with '/', only bytes of RFC 3986, whole percent-escapes, no
// fragment, no "." or
// ".." segment (also percent-encoded), which two servers may read differently, no NUL escape.
Status check_target(std::string_view target);

// uri-host [":" port] (RFC 9112 §3.2); no userinfo, no comma, not empty.
bool is_authority(std::string_view text);

}  // namespace usher::http
