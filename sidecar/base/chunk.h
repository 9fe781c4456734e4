// Chunks: body bytes in motion. A ChunkPool lends blocks of kChunkBytes, a ChunkQueue is bytes in
// order over such blocks.
//
// Blocks that come back are kept for the next user up to a bound, so that a busy worker allocates
// nothing and an idle one holds little. Those that are lent count in a budget. Thread: the owner's.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/memory_budget.h"

namespace usher {

inline constexpr std::size_t kChunkBytes = 16 * 1024;

struct Chunk {
  Chunk* next = nullptr;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  char bytes[kChunkBytes - 16];

  std::size_t size() const { return end - begin; }
  std::size_t room() const { return sizeof(bytes) - end; }
};

class ChunkPool {
 public:
  // Keeps up to `kept` free blocks; with `budget`, those that are lent count there.
  explicit ChunkPool(std::size_t kept = 64, MemoryBudget* budget = nullptr)
      : kept_(kept), budget_(budget) {}
  ~ChunkPool();
  ChunkPool(const ChunkPool&) = delete;
  ChunkPool& operator=(const ChunkPool&) = delete;

  Chunk* take();
  void give_back(Chunk* chunk);

  // Blocks that are out. Counted here, where one that is lost still counts.
  std::size_t lent() const { return lent_; }

 private:
  std::size_t kept_;
  std::size_t lent_ = 0;
  MemoryBudget* budget_;
  std::size_t free_size_ = 0;
  Chunk* free_ = nullptr;
};

class ChunkQueue {
 public:
  explicit ChunkQueue(ChunkPool& pool) : pool_(&pool) {}
  ~ChunkQueue() { clear(); }
  ChunkQueue(const ChunkQueue&) = delete;
  ChunkQueue& operator=(const ChunkQueue&) = delete;

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  void append(std::string_view bytes);
  // Moves all of `other`, which is of the same pool, behind what is here. Copies nothing.
  void splice(ChunkQueue& other);
  // The first run of bytes in one block; empty when the queue is.
  std::string_view front() const;
  // Takes `count` bytes off the front. REQUIRES: count <= size().
  void consume(std::size_t count);
  // Fills `parts` with the first blocks; returns how many were filled.
  std::size_t gather(std::span<iovec> parts) const;
  // All bytes in one piece: moves them into one buffer of the caller's. REQUIRES: buffer.size() >=
  // size().
  void copy_to(std::span<char> buffer) const;
  void clear();

 private:
  ChunkPool* pool_;
  Chunk* first_ = nullptr;
  Chunk* last_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace usher
