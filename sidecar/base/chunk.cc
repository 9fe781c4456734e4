#include "base/chunk.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace usher {

ChunkPool::~ChunkPool() {
  while (free_ != nullptr) {
    Chunk* next = free_->next;
    delete free_;
    free_ = next;
  }
}

Chunk* ChunkPool::take() {
  ++lent_;
  if (budget_ != nullptr) budget_->take(kChunkBytes);
  if (free_ == nullptr) return new Chunk;
  Chunk* chunk = free_;
  free_ = chunk->next;
  --free_size_;
  chunk->next = nullptr;
  chunk->begin = chunk->end = 0;
  return chunk;
}

void ChunkPool::give_back(Chunk* chunk) {
  --lent_;
  if (budget_ != nullptr) budget_->give_back(kChunkBytes);
  if (free_size_ >= kept_) {
    delete chunk;
    return;
  }
  chunk->next = free_;
  free_ = chunk;
  ++free_size_;
}

void ChunkQueue::append(std::string_view bytes) {
  size_ += bytes.size();
  while (!bytes.empty()) {
    if (last_ == nullptr || last_->room() == 0) {
      Chunk* chunk = pool_->take();
      (last_ == nullptr ? first_ : last_->next) = chunk;
      last_ = chunk;
    }
    const std::size_t count = std::min(bytes.size(), last_->room());
    std::memcpy(last_->bytes + last_->end, bytes.data(), count);
    last_->end += static_cast<std::uint32_t>(count);
    bytes.remove_prefix(count);
  }
}

void ChunkQueue::splice(ChunkQueue& other) {
  if (other.first_ == nullptr) return;
  if (first_ == nullptr) {
    first_ = other.first_;
  } else {
    last_->next = other.first_;
  }
  last_ = other.last_;
  size_ += other.size_;
  other.first_ = other.last_ = nullptr;
  other.size_ = 0;
}

std::string_view ChunkQueue::front() const {
  if (first_ == nullptr) return {};
  return {first_->bytes + first_->begin, first_->size()};
}

void ChunkQueue::consume(std::size_t count) {
  USHER_CHECK(count <= size_);
  size_ -= count;
  while (count > 0) {
    const std::size_t taken = std::min(count, first_->size());
    first_->begin += static_cast<std::uint32_t>(taken);
    count -= taken;
    if (first_->size() == 0) {
      Chunk* chunk = first_;
      first_ = chunk->next;
      if (first_ == nullptr) last_ = nullptr;
      pool_->give_back(chunk);
    }
  }
}

std::size_t ChunkQueue::gather(std::span<iovec> parts) const {
  std::size_t count = 0;
  for (Chunk* chunk = first_; chunk != nullptr && count < parts.size(); chunk = chunk->next) {
    parts[count++] = {chunk->bytes + chunk->begin, chunk->size()};
  }
  return count;
}

void ChunkQueue::copy_to(std::span<char> buffer) const {
  USHER_CHECK(buffer.size() >= size_);
  std::size_t offset = 0;
  for (const Chunk* chunk = first_; chunk != nullptr; chunk = chunk->next) {
    std::memcpy(buffer.data() + offset, chunk->bytes + chunk->begin, chunk->size());
    offset += chunk->size();
  }
}

void ChunkQueue::clear() {
  consume(size_);
}

}  // namespace usher
