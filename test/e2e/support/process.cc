#include "support/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <thread>

namespace e2e {
namespace {

constexpr std::array kInherited = {"PATH", "ASAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS",
                                   "UBSAN_OPTIONS"};

// Pointers into `texts`, as exec wants them.
std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> environment_texts(Environment environment) {
  for (const char* name : kInherited) {
    if (const char* value = std::getenv(name)) environment.emplace(name, value);
  }
  std::vector<std::string> texts;
  for (const auto& [name, value] : environment) texts.push_back(name + "=" + value);
  return texts;
}

std::filesystem::path proc(pid_t pid) {
  return std::filesystem::path("/proc") / std::to_string(pid);
}

int exit_status(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Process::Process(std::string program, std::vector<std::string> arguments,
                 const Environment& environment, rlim_t descriptors)
    : program_(std::move(program)) {
  std::array<int, 2> out{};
  if (::pipe2(out.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
  stdout_ = out[0];
  stderr_ = ::memfd_create("stderr", MFD_CLOEXEC);
  arguments.insert(arguments.begin(), program_);
  std::vector<char*> argv = pointers_to(arguments);
  std::vector<std::string> texts = environment_texts(environment);
  std::vector<char*> envp = pointers_to(texts);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) {  // from here to exec only what is safe after a fork
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    const rlimit limit{descriptors, descriptors};
    if (descriptors > 0 && ::setrlimit(RLIMIT_NOFILE, &limit) != 0) ::_exit(127);
    ::dup2(out[1], STDOUT_FILENO);
    ::dup2(stderr_, STDERR_FILENO);
    ::execve(argv[0], argv.data(), envp.data());
    ::_exit(127);
  }
  ::close(out[1]);
  if (pid_ < 0) throw std::runtime_error("cannot fork");
}

Process::~Process() {
  if (running()) {
    signal(SIGKILL);
    wait();
  }
  if (::testing::Test::HasFailure()) {
    std::cerr << "--- stderr of " << program_ << " (exit " << *status_ << ")\n" << stderr_text();
  }
  ::close(stdout_);
  ::close(stderr_);
}

std::optional<std::string> Process::read_line() {
  for (;;) {
    if (const auto end = buffered_.find('\n'); end != std::string::npos) {
      std::string line = buffered_.substr(0, end);
      buffered_.erase(0, end + 1);
      return line;
    }
    pollfd waiting{stdout_, POLLIN, 0};
    const auto limit = std::chrono::milliseconds(kHangGuard).count();
    if (::poll(&waiting, 1, static_cast<int>(limit)) <= 0) {
      throw std::runtime_error(program_ + " says nothing");
    }
    std::array<char, 4096> bytes{};
    const ssize_t size = ::read(stdout_, bytes.data(), bytes.size());
    if (size <= 0) return std::nullopt;
    buffered_.append(bytes.data(), static_cast<std::size_t>(size));
  }
}

std::string Process::stderr_text() const {
  std::string text;
  std::array<char, 4096> bytes{};
  for (;;) {
    const ssize_t size =
        ::pread(stderr_, bytes.data(), bytes.size(), static_cast<off_t>(text.size()));
    if (size <= 0) return text;
    text.append(bytes.data(), static_cast<std::size_t>(size));
  }
}

void Process::limit_descriptors(rlim_t count) const {
  rlimit limit{};
  ::prlimit(pid_, RLIMIT_NOFILE, nullptr, &limit);
  limit.rlim_cur = count;
  if (::prlimit(pid_, RLIMIT_NOFILE, &limit, nullptr) != 0) throw std::runtime_error("prlimit");
}

rlim_t Process::next_descriptor() const {
  const std::filesystem::path directory = proc(pid_) / "fd";
  rlim_t number = 0;
  while (std::filesystem::is_symlink(directory / std::to_string(number))) ++number;
  return number;
}

// proc(5): the second word, the program's name in brackets, may hold spaces; utime and stime are
// the 12th and the 13th behind it.
std::chrono::milliseconds Process::cpu_time() const {
  std::ifstream file(proc(pid_) / "stat");
  std::string skipped;
  std::getline(file, skipped, ')');
  for (int i = 0; i < 11; ++i) file >> skipped;
  std::int64_t user = 0;
  std::int64_t system = 0;
  file >> user >> system;
  return std::chrono::milliseconds((user + system) * 1000 / ::sysconf(_SC_CLK_TCK));
}

std::size_t Process::resident() const {
  std::ifstream file(proc(pid_) / "statm");
  std::size_t all = 0;
  std::size_t resident = 0;
  file >> all >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

void Process::signal(int number) const {
  if (!status_) ::kill(pid_, number);
}

bool Process::running() {
  int status = 0;
  if (!status_ && ::waitpid(pid_, &status, WNOHANG) == pid_) status_ = exit_status(status);
  return !status_;
}

int Process::wait() {
  const auto limit = std::chrono::steady_clock::now() + kHangGuard;
  while (running()) {
    if (std::chrono::steady_clock::now() > limit) throw std::runtime_error(program_ + " hangs");
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return *status_;
}

}  // namespace e2e
