// IdempotencyKey: by which an owner knows two copies of one call.
//
// A mutation without one gets a key that is made once per call, so all its attempts carry the same;
// a consumer's own is kept as it came.
//
// Owner: Exchange.  Thread: worker. The consumer's key is a view into the request head.
// Source: draft-ietf-httpapi-idempotency-key-header-07; RFC 9562 §5.4 for the form.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "base/random.h"
#include "http/message.h"

namespace usher::policy {

// Whether an owner may rely on it: 1–255 visible ASCII characters, bare or as a quoted string.
bool is_idempotency_key(std::string_view value);

class IdempotencyKey {
 public:
  static constexpr std::size_t kMadeBytes = 36;

  // Once per call. `make`: the call is a mutation whose owner wants a key. A field that is there is
  // never replaced, not even one that is no key.
  //
  // Made keys are version 4 UUIDs, since some owners accept nothing else: 128 bits, of which 122
  // are chance. They are unique, not secret: where a key must not be guessed from the trace ids
  // that the same generator made, pass one that makes nothing else.
  void choose(const http::Fields& fields, bool make, Random& random);

  // The key to send: the consumer's (also one that is unusable), a made one, or empty.
  std::string_view value() const {
    return is_made_ ? std::string_view(made_.data(), made_.size()) : consumers_;
  }
  bool is_made() const { return is_made_; }
  // Whether the call counts as keyed (repeatability.h). False for what is no key, or given twice.
  bool usable() const { return usable_; }

 private:
  std::string_view consumers_;
  std::array<char, kMadeBytes> made_{};
  bool is_made_ = false;
  bool usable_ = false;
};

constexpr bool is_mutation(http::Method method) {
  return method == http::Method::Post || method == http::Method::Put ||
         method == http::Method::Patch || method == http::Method::Delete;
}

}  // namespace usher::policy
