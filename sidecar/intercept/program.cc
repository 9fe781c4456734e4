#include "intercept/program.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <system_error>
#include <thread>

namespace usher::intercept {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kTimeout{15};
constexpr std::chrono::milliseconds kPause{5};

std::string reason(int error) {
  return std::generic_category().message(error);
}

// A file in memory: unlike a pipe it takes everything, so nobody waits for a reader.
class MemoryFile {
 public:
  MemoryFile() : descriptor_(::memfd_create("usher", MFD_CLOEXEC)) {}
  ~MemoryFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  int descriptor() const { return descriptor_; }

  bool write(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t size = ::write(descriptor_, text.data(), text.size());
      if (size <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(size));
    }
    return ::lseek(descriptor_, 0, SEEK_SET) == 0;
  }

  std::string text() const {
    const off_t size = ::lseek(descriptor_, 0, SEEK_END);
    std::string text(size > 0 ? static_cast<std::size_t>(size) : 0, '\0');
    const ssize_t read = ::pread(descriptor_, text.data(), text.size(), 0);
    text.resize(read > 0 ? static_cast<std::size_t>(read) : 0);
    return text;
  }

 private:
  int descriptor_;
};

// Its wait status; nothing when it had to be killed.
std::optional<int> wait_for(pid_t pid) {
  int status = 0;
  for (const Clock::time_point end = Clock::now() + kTimeout; Clock::now() < end;) {
    if (::waitpid(pid, &status, WNOHANG) == pid) return status;
    std::this_thread::sleep_for(kPause);
  }
  ::kill(pid, SIGKILL);
  ::waitpid(pid, &status, 0);
  return std::nullopt;
}

tl::expected<pid_t, std::string> start(const std::string& path,
                                       const std::vector<std::string>& arguments,
                                       const MemoryFile& in, const MemoryFile& out,
                                       const MemoryFile& err) {
  std::vector<char*> words = {const_cast<char*>(path.c_str())};
  for (const std::string& argument : arguments) {
    words.push_back(const_cast<char*>(argument.c_str()));
  }
  words.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in.descriptor(), STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out.descriptor(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err.descriptor(), STDERR_FILENO);
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, path.c_str(), &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return tl::unexpected(path + ": " + reason(error));
  return pid;
}

}  // namespace

std::string find_program(std::string_view name) {
  const char* variable = std::getenv("PATH");
  const std::string folders = std::string(variable == nullptr ? "" : variable) + ":/usr/sbin:/sbin";
  for (std::string_view rest = folders; !rest.empty();) {
    const std::string_view folder = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(folder.size() + 1, rest.size()));
    // A relative one is whose the working directory is; this runs with rights.
    if (!folder.starts_with('/')) continue;
    std::string path = std::string(folder) + "/" + std::string(name);
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  return "";
}

tl::expected<std::string, std::string> run_program(const std::string& path,
                                                   const std::vector<std::string>& arguments,
                                                   std::string_view input) {
  const MemoryFile in;
  const MemoryFile out;
  const MemoryFile err;
  if (!in.write(input)) return tl::unexpected(path + ": its input: " + reason(errno));
  const auto pid = start(path, arguments, in, out, err);
  if (!pid) return tl::unexpected(pid.error());
  const std::optional<int> status = wait_for(*pid);
  if (!status) return tl::unexpected(path + ": not done after 15 s, killed");
  if (WIFEXITED(*status) && WEXITSTATUS(*status) == 0) return out.text();
  std::string why = err.text();
  while (why.ends_with('\n')) why.pop_back();
  return tl::unexpected(path + ": " + (why.empty() ? "failed" : why));
}

}  // namespace usher::intercept
