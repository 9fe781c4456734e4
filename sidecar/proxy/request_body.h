// RequestBody: a consumer's body on its way to the owner: decoded, counted, held or passed on,
// framed again.
//
// Owner: Exchange.  Thread: worker.
// Errors: BadRequest (framing). Bounds are the caller's to watch, by waiting_bytes().
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/chunk.h"
#include "base/result.h"
#include "http/body_decoder.h"
#include "http/head_writer.h"
#include "http/message.h"

namespace usher::proxy {

// Body bytes and their framing, as the parts of one write.
class FramedParts {
 public:
  static constexpr std::size_t kMax = 32;

  bool add(std::string_view part) {
    if (size_ == kMax) return false;
    parts_[size_++] = part;
    return true;
  }
  // "hex size" CRLF; call once.
  void add_chunk_header(std::uint64_t size) {
    add({chunk_header_.data(), http::write_chunk_header(size, chunk_header_.data())});
  }
  std::span<const std::string_view> view() const { return {parts_.data(), size_}; }
  bool empty() const { return size_ == 0; }

 private:
  std::array<std::string_view, kMax> parts_;
  std::array<char, 24> chunk_header_;
  std::size_t size_ = 0;
};

class RequestBody {
 public:
  RequestBody(ChunkPool& chunks, MemoryBudget& memory)
      : waiting_(chunks), kept_(chunks), held_charge_(memory) {}

  void start(const http::RequestHead& head);
  void reset();

  // From now on everything is kept, for gather_held() when complete(); a repeated attempt sends it
  // again.
  void hold();

  // Decodes from the front of `input`. Bytes behind the body's end stay there. The body's bytes
  // wait here.
  Status receive(std::string_view& input);

  // Decodes from the front of `input` straight into `parts`, for a connection that takes them now;
  // when `parts` is full some input is left. REQUIRES: nothing waits.
  Status pass_on(std::string_view& input, FramedParts& parts);

  // Trailers of this name are not sent on.
  void drop_trailer(std::string_view name) { decoder_.drop_trailer(name); }

  bool exists() const { return framing_ != http::Framing::None; }
  bool complete() const { return decoder_.complete(); }
  bool is_held() const { return is_held_; }
  std::size_t waiting_bytes() const { return waiting_.size(); }
  // Moves a held body into one piece. REQUIRES: is_held() && complete().
  void gather_held();
  std::string_view held() const { return held_; }

  // From now on what is sent is kept as well, as long as it is no more than `limit` bytes.
  // REQUIRES: nothing was sent.
  void keep(std::size_t limit);
  // Can all of it be sent once more?
  bool is_replayable() const { return !exists() || is_held() || is_kept_ || !is_begun_; }
  // All that was sent waits again. REQUIRES: is_replayable().
  void rewind();
  // It will not be sent again.
  void forget();

  // Content-Length or Transfer-Encoding, as it will be sent; nothing without a body.
  void write_framing(http::HeadWriter& head, http::Method method) const;
  // What waits, framed, as far as `parts` holds it. Returns the number of waiting bytes that are in
  // `parts`, for taken() when they were written.
  std::size_t add_waiting(FramedParts& parts);
  void taken(std::size_t count);

 private:
  void remember(std::string_view run);
  void add_chunk_end(FramedParts& parts, bool has_data, bool is_last);
  bool is_sent_chunked() const { return framing_ == http::Framing::Chunked && !is_held(); }

  http::Framing framing_ = http::Framing::None;
  std::uint64_t content_length_ = 0;
  http::BodyDecoder decoder_;
  ChunkQueue waiting_;
  bool is_held_ = false;
  std::string held_;
  bool is_begun_ = false;  // some of it was sent
  bool is_kept_ = false;   // kept_ is all that was sent
  std::size_t keep_limit_ = 0;
  ChunkQueue kept_;
  MemoryCharge held_charge_;
};

}  // namespace usher::proxy
