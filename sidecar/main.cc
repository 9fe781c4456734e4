// `usher`: what holds for every command; which one, cli/command_line.h reads.

#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstdio>

#include "cli/command_line.h"

namespace {

// The process holds secrets: nobody may attach to it, and it leaves no core file.
void protect_memory() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_DUMPABLE, 0);
}

}  // namespace

int main(int argc, char** argv) {
  protect_memory();
  return usher::cli::run_command_line(argc, argv, stdout, stderr);
}
