// CacheFill: an owner's answer, collected while it is relayed, to be kept.
//
// Owner: CacheCall.  Thread: worker.  Bounds: the endpoint's max_object; what it holds counts in
// the worker's memory.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/memory_budget.h"
#include "cache/entry.h"
#include "proxy/attempt.h"

namespace usher::proxy {

class CacheFill {
 public:
  explicit CacheFill(MemoryBudget& memory) : charge_(memory) {}

  // Begins with an answer's head, which is copied. False: it says that it is larger than
  // `max_bytes`, or its Connection field is not acceptable.
  bool begin(const http::ResponseHead& head, std::size_t max_bytes, std::int64_t wall_ms);
  // Adds a part of its body. False: it is too large, and forgotten.
  bool add(const AnswerPart& part);
  void clear();

  bool active() const { return status_ != 0; }
  int status() const { return status_; }
  const std::string& body() const { return body_; }
  const std::string& lines() const { return lines_; }
  // The owner's Vary, "accept-encoding" where it should have said so.
  const std::string& vary() const { return vary_; }

  // The entry's parts that the answer itself has. The views are this object's.
  cache::EntryParts parts() const;

 private:
  static constexpr std::size_t kKept = 64 * 1024;  // of a buffer, for the next answer

  MemoryCharge charge_;
  int status_ = 0;
  std::size_t max_bytes_ = 0;
  std::string lines_;
  std::string etag_;
  std::string last_modified_;
  std::string vary_;
  std::string body_;
};

}  // namespace usher::proxy
