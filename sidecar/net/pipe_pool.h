// PipePool: pipes through which bytes are spliced from one socket to another. An empty one that
// comes back is kept for the next user, up to a bound; one with bytes in it is closed.
//
// Owner: a UvNetwork's Tunnels. Thread: the loop's. Source: splice(2), pipe(7).
#pragma once

#include <cstddef>
#include <vector>

namespace usher::net {

class PipePool;

// A pipe on loan, or none.
class Pipe {
 public:
  // What it is asked to hold. The system may refuse, and takes less then.
  static constexpr std::size_t kBytes = 256 * 1024;

  Pipe() = default;
  Pipe(Pipe&& other) noexcept;
  Pipe& operator=(Pipe&& other) noexcept;
  ~Pipe() { give_back(); }

  explicit operator bool() const { return pool_ != nullptr; }
  bool empty() const { return held_ == 0; }
  std::size_t held() const { return held_; }

  // As splice(2), whose errno stays; never waits. REQUIRES: a pipe, and an empty one for fill().
  std::ptrdiff_t fill(int from);
  std::ptrdiff_t drain(int to);

  void give_back();

 private:
  friend class PipePool;
  Pipe(PipePool& pool, int read_end, int write_end)
      : pool_(&pool), read_end_(read_end), write_end_(write_end) {}

  PipePool* pool_ = nullptr;
  int read_end_ = -1;
  int write_end_ = -1;
  std::size_t held_ = 0;  // bytes
};

class PipePool {
 public:
  PipePool() = default;
  // REQUIRES: all were given back.
  ~PipePool() { close_free(); }
  PipePool(const PipePool&) = delete;
  PipePool& operator=(const PipePool&) = delete;

  // None when the process is out of descriptors, or kLentMax are lent.
  Pipe take();
  std::size_t lent() const { return lent_; }
  // Closes those that wait for a user.
  void close_free();

  static constexpr std::size_t kLentMax = 128;

 private:
  friend class Pipe;
  // Two descriptors each.
  static constexpr std::size_t kKept = 8;

  struct Ends {
    int read_end;
    int write_end;
  };
  void put(Ends ends, bool is_empty);

  std::vector<Ends> free_;
  std::size_t lent_ = 0;
};

}  // namespace usher::net
