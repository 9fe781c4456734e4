// The command line of `usher`: which command, with which options.
//
// Thread: main.
#pragma once

#include <cstdio>

namespace usher::cli {

// Runs the command that the arguments name. What it is asked for goes to `out`, what went wrong to
// `err`. Returns the exit status: the command's own, or 2 when it is used wrongly.
int run_command_line(int argc, const char* const* argv, std::FILE* out, std::FILE* err);

}  // namespace usher::cli
