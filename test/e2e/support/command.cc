#include "support/command.h"

#include <stdexcept>

namespace e2e {

Finished run(std::vector<std::string> words, const Environment& environment) {
  Process process("/usr/bin/env", std::move(words), environment);
  Finished finished;
  while (const auto line = process.read_line()) finished.out += *line + "\n";
  finished.status = process.wait();
  finished.err = process.stderr_text();
  return finished;
}

std::string run_well(const std::vector<std::string>& words, const Environment& environment) {
  Finished finished = run(words, environment);
  if (finished.status == 0) return std::move(finished.out);
  std::string text;
  for (const std::string& word : words) text += word + " ";
  throw std::runtime_error(text + "failed: " + finished.err);
}

bool has_program(const std::string& name) {
  return run({"which", name}).status == 0;
}

}  // namespace e2e
