// A child process: its arguments and environment are given, its output is read, it dies with the
// test.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace e2e {

// Nothing here takes this long: whoever waits longer hangs.
inline constexpr std::chrono::seconds kHangGuard{30};

using Environment = std::map<std::string, std::string>;

class Process {
 public:
  // The child sees `environment` alone, besides PATH and what sanitizers read. It may not open more
  // than `descriptors`; 0: as many as this process may.
  Process(std::string program, std::vector<std::string> arguments, const Environment& environment,
          rlim_t descriptors = 0);
  // Kills it. When the running test has failed, shows what it wrote to stderr.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  const std::string& program() const { return program_; }

  // The next line of its stdout; nothing at its end.
  std::optional<std::string> read_line();
  // What it has written to stderr so far.
  std::string stderr_text() const;

  // From now on it may open so many descriptors; those that are open stay.
  void limit_descriptors(rlim_t count) const;
  // The one that it would open next.
  rlim_t next_descriptor() const;
  // What it and its kernel side have worked so far.
  std::chrono::milliseconds cpu_time() const;
  // Bytes in memory, now.
  std::size_t resident() const;

  void signal(int number) const;
  bool running();
  // Its exit status, or 128 and the signal that ended it.
  int wait();

 private:
  std::string program_;
  pid_t pid_ = -1;
  int stdout_ = -1;
  int stderr_ = -1;  // a file in memory
  std::string buffered_;
  std::optional<int> status_;
};

}  // namespace e2e
