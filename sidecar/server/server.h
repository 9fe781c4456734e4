// Server: the process `usher run`: configuration, listeners, workers, admin port, signals, the end.
//
// Thread: main.
#pragma once

#include <filesystem>
#include <vector>

namespace usher::server {

// Runs until SIGTERM or SIGINT has been obeyed. Returns the process's exit status: 0 after an
// orderly end, 1 when it could not start (why is on stderr).
int run(const std::vector<std::filesystem::path>& directories);

}  // namespace usher::server
