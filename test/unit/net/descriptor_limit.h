// Few descriptors for this process, for a while.
#pragma once

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <vector>

namespace usher::net {

// UBSan opens a pipe to look at an object, and takes its failure for a bad one.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kDescriptorsMayRunOut = false;
#else
inline constexpr bool kDescriptorsMayRunOut = true;
#endif
inline constexpr const char* kWhyNot = "UBSan needs descriptors";

// From its making to its end, this process gets no descriptor of `limit` or above. Those that are
// open stay.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(rlim_t limit) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit lowered{limit, before_.rlim_max};
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &lowered), 0);
  }
  ~DescriptorLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;

 private:
  rlimit before_{};
};

// The limit with which `spare` more descriptors can be had.
inline rlim_t with_spare(int spare) {
  std::vector<int> had;
  for (int i = 0; i <= spare; ++i) had.push_back(::dup(STDERR_FILENO));
  for (const int fd : had) ::close(fd);
  return static_cast<rlim_t>(had.back());
}

}  // namespace usher::net
