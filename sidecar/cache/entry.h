// Entry: one kept answer: immutable, in one block of memory, shared by counting references.
//
// Its head is kept as lines that go to consumers as they are: status and every field but what is
// said anew each time (framing, Age, Connection, trace, Cache-Status) or must not be kept.
//
// Thread: any.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "cache/cache_key.h"
#include "cache/tag.h"
#include "http/message.h"
#include "policy/freshness.h"

namespace usher::cache {

enum class EntryKind : std::uint8_t {
  Answer,
  Vary,  // no answer, but the request fields (a Vary field's value, in body()) that choose one
};

class Entry;
// A counted reference; may be null.
class EntryRef {
 public:
  EntryRef() = default;
  // Takes over one reference that the caller has.
  explicit EntryRef(const Entry* entry) : entry_(entry) {}
  EntryRef(const EntryRef& other);
  EntryRef(EntryRef&& other) noexcept : entry_(std::exchange(other.entry_, nullptr)) {}
  EntryRef& operator=(EntryRef other) noexcept {
    std::swap(entry_, other.entry_);
    return *this;
  }
  ~EntryRef();

  const Entry* get() const { return entry_; }
  const Entry* operator->() const { return entry_; }
  const Entry& operator*() const { return *entry_; }
  explicit operator bool() const { return entry_ != nullptr; }

 private:
  const Entry* entry_ = nullptr;
};

// What an entry is made from.
struct EntryParts {
  EntryKind kind = EntryKind::Answer;
  CacheKey key;
  policy::Freshness freshness;
  std::uint32_t endpoint = 0;    // route::Endpoint::index, in this process
  std::uint64_t begun = 0;       // TagTable::now() before the fetch, or before the lookup in Redis
  std::uint64_t generation = 0;  // of the scope in Redis before the fetch; 0: not known
  std::int64_t loaded_ms = 0;    // when it came into this process's memory
  int status = 200;
  std::string_view lines;  // "Name: value\r\n", as many as there are
  std::string_view etag;
  std::string_view last_modified;
  std::string_view body;
  std::span<const Tag> tags;
};

class Entry {
 public:
  static EntryRef make(const EntryParts& parts);

  EntryKind kind() const { return parts_.kind; }
  const CacheKey& key() const { return parts_.key; }
  const policy::Freshness& freshness() const { return parts_.freshness; }
  std::uint32_t endpoint() const { return parts_.endpoint; }
  std::uint64_t begun() const { return parts_.begun; }
  std::uint64_t generation() const { return parts_.generation; }
  std::int64_t loaded_ms() const { return parts_.loaded_ms; }
  int status() const { return parts_.status; }
  std::string_view lines() const { return parts_.lines; }
  std::string_view etag() const { return parts_.etag; }
  std::string_view last_modified() const { return parts_.last_modified; }
  std::string_view body() const { return parts_.body; }
  std::span<const Tag> tags() const { return parts_.tags; }
  // The same with other numbers; everything else can be given to make() again.
  const EntryParts& parts() const { return parts_; }

  // Of memory that it holds.
  std::size_t bytes() const { return bytes_; }

 private:
  friend class EntryRef;
  Entry(const EntryParts& parts, std::size_t bytes) : parts_(parts), bytes_(bytes) {}
  ~Entry() = default;
  static void release(const Entry* entry);

  mutable std::atomic<std::uint32_t> references_{1};
  EntryParts parts_;  // its views point behind this object
  std::size_t bytes_;
};

inline EntryRef::EntryRef(const EntryRef& other) : entry_(other.entry_) {
  if (entry_ != nullptr) entry_->references_.fetch_add(1, std::memory_order_relaxed);
}
inline EntryRef::~EntryRef() {
  if (entry_ != nullptr && entry_->references_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    Entry::release(entry_);
  }
}

// The field lines of an answer as entries keep them: those that pass to consumers, without the ones
// said anew and those that are of one call or one consumer (Set-Cookie, request ids, rate limits).
// `buffer` is used again and again. False: the answer's Connection field is not acceptable, and it
// must not be kept.
bool write_lines(const http::ResponseHead& head, std::string& buffer);

// The lines of a kept answer that a 304 freshens (RFC 9111 §3.2): its fields take the place of
// those of the same name, but for what hangs on the bytes that are kept: Content-Encoding,
// Content-Length, Content-MD5, Content-Range, and an ETag that they have already.
// As write_lines; `kept` is not in `buffer`.
bool merge_lines(std::string_view kept, const http::ResponseHead& not_modified,
                 std::string& buffer);

}  // namespace usher::cache
