// WorkerSetup: a Snapshot, and what is made of it for all workers.
//
// Thread: main; workers hold on to it.
#pragma once

#include <memory>

#include "config/snapshot.h"
#include "proxy/shared_state.h"
#include "proxy/worker_snapshot.h"
#include "server/restart_settings.h"

namespace usher::server {

struct WorkerSetup {
  std::shared_ptr<const config::Snapshot> snapshot;
  proxy::SnapshotParts parts;
};

// `started`: what a later Snapshot does not change. `before`: what the workers go by now, or null.
WorkerSetup make_worker_setup(std::shared_ptr<const config::Snapshot> snapshot,
                              const RestartSettings& started,
                              const proxy::SharedState* before = nullptr);

}  // namespace usher::server
