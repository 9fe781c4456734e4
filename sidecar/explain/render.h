// An explanation as people and as programs read it.
//
// Thread: any.
#pragma once

#include <string>

#include "base/json_writer.h"
#include "explain/call.h"
#include "explain/live_state.h"

namespace usher::explain {

// `live`: of a running sidecar, else null.
std::string render_text(const config::Snapshot& snapshot, const CallExplanation& call,
                        const LiveState* live);
// One JSON object, and a line end.
std::string render_json(const config::Snapshot& snapshot, const CallExplanation& call,
                        const LiveState* live);

// The elements of a list that the caller opens and closes.
void write_settings(JsonWriter& json, const std::vector<Setting>& settings);

}  // namespace usher::explain
