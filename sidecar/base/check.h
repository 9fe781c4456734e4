// USHER_CHECK: an invariant of ours, in every build. Never for what a peer, a file or a library can
// cause.
#pragma once

namespace usher {

[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace usher

#define USHER_CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::usher::check_failed(#condition, __FILE__, __LINE__))
