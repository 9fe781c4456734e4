// BodyDecoder: where a message's body ends, and which of the arriving bytes are body (RFC 9112 §6,
// §7.1).
//
// It copies nothing of the body: next() hands out one run of bytes after another, as views into the
// input. Chunk extensions are checked, bounded and dropped; of trailers those that may pass are
// kept (http/trailers.h).
//
// Thread: the owner's.
// Errors: BadRequest with a constant detail (a caller that reads a response maps the code); after
//   one the decoder stays where it failed.
// Bounds: a chunk-size line of kMaxChunkLineBytes, trailers of kMaxTrailerBytes, extensions of all
//   chunks together kMaxExtensionBytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/message.h"

namespace usher::http {

class BodyDecoder {
 public:
  static constexpr std::size_t kMaxChunkLineBytes = 256;
  static constexpr std::size_t kMaxExtensionBytes = 4096;
  static constexpr std::size_t kMaxTrailerBytes = 8192;

  void start(Framing framing, std::uint64_t content_length);

  // Takes the next run of body bytes out of the front of `input`; empty when the input is used up
  // or the body has ended. Bytes behind the body's end stay in `input`.
  Result<std::string_view> next(std::string_view& input);

  // The last byte of the body has been taken. Never true for Framing::UntilClose.
  bool complete() const { return state_ == State::Complete; }

  // Trailers of this name do not pass either; until the next start(). They may have come already.
  void drop_trailer(std::string_view name);

  // The trailers that pass, each as "Name: value" CRLF; empty until complete(), and mostly then.
  std::string_view trailers();

  // The connection ended here: is the body whole? (True for UntilClose, and where complete().)
  bool complete_at_close() const { return complete() || state_ == State::UntilClose; }

 private:
  // The machine is drawn in the .cc.
  enum class State : std::uint8_t {
    Complete,
    Length,
    UntilClose,
    ChunkSize,
    ExtensionNameStart,
    ExtensionName,
    ExtensionValueStart,
    ExtensionValue,
    ExtensionQuoted,
    ExtensionQuotedPair,
    ExtensionQuotedEnd,
    ChunkSizeLf,
    ChunkData,
    ChunkDataCr,
    ChunkDataLf,
    TrailerStart,
    TrailerName,
    TrailerValue,
    TrailerLf,
    EndLf,
  };

  std::string_view take(std::string_view& input);
  Status framing_byte(char c);
  Status chunk_size_byte(char c);
  Status extension_byte(char c);
  Status quoted_byte(char c);
  Status trailer_byte(char c);
  Status trailer_value_byte(char c);
  Status end_trailer_name();
  void end_trailer();
  bool is_dropped(std::string_view name) const;
  Status expect(char c, char expected, State next);
  void begin_chunk_line();

  State state_ = State::Complete;
  std::uint8_t size_digits_ = 0;
  std::uint64_t remaining_ = 0;  // of the body or of this chunk
  std::uint32_t line_bytes_ = 0;
  std::uint32_t extension_bytes_ = 0;
  std::uint32_t trailer_bytes_ = 0;
  std::uint32_t trailer_at_ = 0;  // where the current one begins in trailers_
  bool trailer_passes_ = true;
  std::string trailers_;
  std::vector<std::string> dropped_;  // names
};

}  // namespace usher::http
