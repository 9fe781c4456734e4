// A program that is run to its end.
#pragma once

#include <string>
#include <vector>

#include "support/process.h"

namespace e2e {

struct Finished {
  int status = 0;
  std::string out;  // whole lines; what follows the last line's end is lost
  std::string err;
};

// The program is looked for in PATH. Throws when it hangs.
Finished run(std::vector<std::string> words, const Environment& environment = {});
// Likewise; throws when it fails too.
std::string run_well(const std::vector<std::string>& words, const Environment& environment = {});
bool has_program(const std::string& name);

}  // namespace e2e
