// WorkerSetup: a Snapshot, and what is made of it for all workers.
//
// Thread: main; workers hold on to it.
#pragma once

#include <cstddef>
#include <memory>

#include "config/snapshot.h"
#include "proxy/shared_state.h"
#include "proxy/worker_snapshot.h"

namespace usher::server {

struct WorkerSetup {
  std::shared_ptr<const config::Snapshot> snapshot;
  proxy::SnapshotParts parts;
};

// `before`: what the workers go by now, or null.
WorkerSetup make_worker_setup(std::shared_ptr<const config::Snapshot> snapshot, std::size_t workers,
                              const proxy::SharedState* before = nullptr);

}  // namespace usher::server
