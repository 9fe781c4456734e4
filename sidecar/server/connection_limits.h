// How many connections the process can have with the file descriptors that it may open.
//
// Thread: main, before workers start.
#pragma once

#include <cstddef>

#include "config/snapshot.h"
#include "proxy/outbound_listener.h"

namespace usher::server {

// Raises RLIMIT_NOFILE as far as it goes; returns what it then is.
std::size_t raise_descriptor_limit();

// The bounds of each worker's connections: limits.connections, or less where `descriptors` do not
// suffice for them, the connections to owners (one for each consumer's is enough) and what else the
// process opens. At least one.
proxy::ConnectionBounds plan_connections(const config::Snapshot& snapshot, std::size_t descriptors);

// Connections of one worker to owners, at most.
std::size_t owner_connections(const config::Snapshot& snapshot);

}  // namespace usher::server
