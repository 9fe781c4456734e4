#include "cache/entry.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

namespace usher::cache {
namespace {

// What the allocator adds to a block.
constexpr std::size_t kBlockOverhead = 16;

// Copies what an entry is made from behind it.
class Behind {
 public:
  explicit Behind(char* end) : end_(end) {}

  std::string_view copy(std::string_view bytes) {
    bytes.copy(end_, bytes.size());
    return {std::exchange(end_, end_ + bytes.size()), bytes.size()};
  }
  // REQUIRES: before anything else, so that they are aligned.
  std::span<const Tag> copy(std::span<const Tag> tags) {
    const Tag* const first = reinterpret_cast<Tag*>(end_);
    std::uninitialized_copy(tags.begin(), tags.end(), reinterpret_cast<Tag*>(end_));
    end_ += tags.size_bytes();
    return {first, tags.size()};
  }

 private:
  char* end_;
};

}  // namespace

EntryRef Entry::make(const EntryParts& parts) {
  static_assert(sizeof(Entry) % alignof(Tag) == 0);
  const std::size_t size = sizeof(Entry) + parts.tags.size_bytes() + parts.lines.size() +
                           parts.etag.size() + parts.last_modified.size() + parts.body.size();
  void* const block = ::operator new(size);
  auto* const entry = new (block) Entry(parts, size + kBlockOverhead);
  Behind behind(static_cast<char*>(block) + sizeof(Entry));
  EntryParts& own = entry->parts_;
  own.tags = behind.copy(parts.tags);
  own.lines = behind.copy(parts.lines);
  own.etag = behind.copy(parts.etag);
  own.last_modified = behind.copy(parts.last_modified);
  own.body = behind.copy(parts.body);
  return EntryRef(entry);
}

void Entry::release(const Entry* entry) {
  entry->~Entry();
  ::operator delete(const_cast<Entry*>(entry));
}

}  // namespace usher::cache
