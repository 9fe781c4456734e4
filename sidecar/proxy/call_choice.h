// CallChoice: what becomes of a call that came by redirection or by a forward proxy's rules: whose
// endpoints it is looked for in, or where it goes as it is.
//
//   redirected to Usher by the kernel     Host names the service, the original destination checks
//   it within a tunnel made by CONNECT       likewise, the tunnel's authority being the destination
//   absolute-form target                  its authority names the service
//
// Source of what must not be believed: the platform's rules for names (a destination never comes
// from Host alone; a contradiction is refused; the sidecar is never its own owner).
//
// Thread: any. Pure.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/clock.h"
#include "base/result.h"
#include "http/message.h"
#include "policy/destination_list.h"
#include "proxy/destination.h"
#include "route/service_directory.h"

namespace usher::proxy {

// What the configuration says of calls that are no endpoint's.
struct InterceptOptions {
  const route::ServiceDirectory* directory = nullptr;  // null: every call is a base URL's
  const policy::DestinationList* connect = nullptr;    // where CONNECT may go besides services
  bool forward_unmatched = false;                      // outbound.unmatched
  Duration detect_timeout = std::chrono::milliseconds(100);
};

struct CallChoice {
  enum class Kind : std::uint8_t {
    Call,         // an endpoint's, or refused as one: `router`; null: the listener's own
    PassThrough,  // to `destination`, as it is
    Tunnel,       // to `destination`, and all that follows it
    Open,         // CONNECT to a service: answered, and what follows is as if redirected there
    Refused,      // `error`
  };
  Kind kind = Kind::Call;
  const route::Router* router = nullptr;
  Destination destination{};
  Error error{ErrorCode::NoEndpoint};
};

// `listener`: the endpoints of the listener that it came to. `head` was read with
// Reading::Everything. `redirected_to`: null for a connection that was aimed
// at the sidecar.
CallChoice choose_call(const InterceptOptions& options, const route::Router& listener,
                       const http::RequestHead& head, const Destination* redirected_to);

}  // namespace usher::proxy
