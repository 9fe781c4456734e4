// RedisBreaker: after so many failures in a row a server is left alone for a while, then one
// command tries.
//
// Thread: the owner's. Time: from the caller.
#pragma once

#include "base/clock.h"

namespace usher::cache {

class RedisBreaker {
 public:
  RedisBreaker(unsigned failures, Duration pause) : failures_max_(failures), pause_(pause) {}

  bool is_open() const { return failures_ >= failures_max_; }
  // Open, it lets one command through each time the pause is over.
  bool allows(Instant now) const { return !is_open() || now >= retry_at_; }
  // A command goes out.
  void note_try(Instant now) {
    if (is_open()) retry_at_ = now + pause_;
  }
  // These return whether it opened or closed by that.
  bool note_failure(Instant now) {
    const bool was_open = is_open();
    if (!was_open) ++failures_;
    if (is_open()) retry_at_ = now + pause_;
    return is_open() && !was_open;
  }
  bool note_success() {
    const bool was_open = is_open();
    failures_ = 0;
    return was_open;
  }

 private:
  unsigned failures_max_;
  Duration pause_;
  unsigned failures_ = 0;  // in a row
  Instant retry_at_{};
};

}  // namespace usher::cache
