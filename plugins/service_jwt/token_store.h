// The token in use, written by the thread that renews and read by the workers.
//
// A worker keeps a copy and asks one atomic number whether it is still the newest; only after a
// renewal does it take the lock, once. So signing does not wait for anything.
#ifndef USHER_PLUGINS_SERVICE_JWT_TOKEN_STORE_H
#define USHER_PLUGINS_SERVICE_JWT_TOKEN_STORE_H

#include <atomic>
#include <cstdint>
#include <limits>
#include <mutex>
#include <string_view>

#include "common/secret_text.h"

namespace usher::plugins {

inline constexpr int64_t kNeverExpires = std::numeric_limits<int64_t>::max();

// Safe for any number of threads.
class TokenStore {
 public:
  // `expires_ms`: milliseconds since 1970, or kNeverExpires.
  void publish(std::string_view token, int64_t expires_ms) {
    const std::lock_guard lock(mutex_);
    token_.assign(token);
    expires_ms_ = expires_ms;
    generation_.fetch_add(1, std::memory_order_release);
  }

 private:
  friend class TokenReader;

  std::atomic<uint64_t> generation_{0};
  std::mutex mutex_;
  SecretText token_;
  int64_t expires_ms_ = 0;
};

// One worker's view of the store, which must outlive it.
class TokenReader {
 public:
  explicit TokenReader(TokenStore& store) : store_(store) {}

  // The newest token, or an empty text when it has expired. Valid until the next call.
  std::string_view token(int64_t now_ms) {
    if (store_.generation_.load(std::memory_order_acquire) != generation_) refresh();
    return now_ms < expires_ms_ ? token_.view() : std::string_view();
  }

 private:
  void refresh() {
    const std::lock_guard lock(store_.mutex_);
    generation_ = store_.generation_.load(std::memory_order_relaxed);
    token_.assign(store_.token_.view());
    expires_ms_ = store_.expires_ms_;
  }

  TokenStore& store_;
  uint64_t generation_ = 0;
  SecretText token_;
  int64_t expires_ms_ = 0;
};

}  // namespace usher::plugins

#endif  // USHER_PLUGINS_SERVICE_JWT_TOKEN_STORE_H
