// Destination: where a call or a connection goes that is no endpoint's.
#pragma once

#include <utility>

#include "http/authority.h"

namespace usher::proxy {

struct Destination {
  http::Authority authority;  // as the consumer knows it; with a port
  http::Authority dialled;    // what is connected to: a literal address, or a name to be looked up

  static Destination of(const http::Authority& authority) {
    return {.authority = authority, .dialled = authority};
  }
  bool operator==(const Destination&) const = default;
};

}  // namespace usher::proxy
