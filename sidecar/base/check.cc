#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace usher {

void check_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "usher: invariant broken: %s (%s:%d)\n", condition, file, line);
  std::abort();
}

}  // namespace usher
