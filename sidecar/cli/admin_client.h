// ask_admin(): one GET to a running sidecar's admin port.
//
// Thread: any; blocks, at most some seconds.
#pragma once

#include <string>
#include <tl/expected.hpp>

namespace usher::cli {

struct AdminReply {
  int status = 0;
  std::string body;
};

// `address`: "host:port" or "unix:/path". Errors: a sentence that says what went wrong.
tl::expected<AdminReply, std::string> ask_admin(const std::string& address,
                                                const std::string& target);

}  // namespace usher::cli
