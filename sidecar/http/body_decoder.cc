#include "http/body_decoder.h"

#include <algorithm>

#include "base/bytes.h"
#include "http/grammar.h"
#include "http/trailers.h"

// A chunked body (RFC 9112 §7.1), one byte of framing an arrow:
//
//   ChunkSize ─CR→ ChunkSizeLf ─LF→ ChunkData ─all→ ChunkDataCr ─CR→ ChunkDataLf ─LF→ ChunkSize
//       │ ';'          ↑ CR   └LF, size 0→ TrailerStart ─CR→ EndLf ─LF→ Complete
//       └→ Extension… ─┘                     │  ↑ LF
//                                            └→ TrailerName ─':'→ TrailerValue ─CR→ TrailerLf
//
// Every line ends in CRLF and nothing else: a bare LF or CR that one server takes for an end of
// line and the next does not is how a request is smuggled (Go CVE-2025-22871).

namespace usher::http {

namespace {

constexpr int kMaxSizeDigits = 16;
constexpr std::uint64_t kMaxChunkSize = std::uint64_t{1} << 62;

tl::unexpected<Error> bad(std::string_view detail) {
  return fail(ErrorCode::BadRequest, detail);
}

}  // namespace

void BodyDecoder::start(Framing framing, std::uint64_t content_length) {
  *this = {};
  switch (framing) {
    case Framing::None:
      break;
    case Framing::ContentLength:
      remaining_ = content_length;
      state_ = content_length == 0 ? State::Complete : State::Length;
      break;
    case Framing::Chunked:
      begin_chunk_line();
      break;
    case Framing::UntilClose:
      state_ = State::UntilClose;
      break;
  }
}

Result<std::string_view> BodyDecoder::next(std::string_view& input) {
  while (!input.empty() && state_ != State::Complete) {
    if (state_ == State::Length || state_ == State::ChunkData || state_ == State::UntilClose) {
      return take(input);
    }
    if (const Status status = framing_byte(input.front()); !status) {
      return tl::unexpected(status.error());
    }
    input.remove_prefix(1);
  }
  return std::string_view{};
}

std::string_view BodyDecoder::take(std::string_view& input) {
  std::size_t size = input.size();
  if (state_ != State::UntilClose) {
    size = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, size));
    remaining_ -= size;
    if (remaining_ == 0) {
      state_ = state_ == State::Length ? State::Complete : State::ChunkDataCr;
    }
  }
  const std::string_view run = input.substr(0, size);
  input.remove_prefix(size);
  return run;
}

void BodyDecoder::drop_trailer(std::string_view name) {
  if (judge_trailer(name) == TrailerVerdict::Passes) dropped_.emplace_back(name);
}

bool BodyDecoder::is_dropped(std::string_view name) const {
  return std::ranges::any_of(
      dropped_, [name](const std::string& other) { return equals_ignoring_case(name, other); });
}

std::string_view BodyDecoder::trailers() {
  if (!complete()) return {};
  for (std::size_t at = 0; !dropped_.empty() && at < trailers_.size();) {
    const std::string_view line = std::string_view(trailers_).substr(at);
    const std::size_t size = line.find('\n') + 1;
    if (is_dropped(line.substr(0, line.find(':')))) {
      trailers_.erase(at, size);
    } else {
      at += size;
    }
  }
  return trailers_;
}

void BodyDecoder::begin_chunk_line() {
  state_ = State::ChunkSize;
  remaining_ = 0;
  size_digits_ = 0;
  line_bytes_ = 0;
}

Status BodyDecoder::expect(char c, char expected, State next) {
  if (c != expected) return bad("line of a chunked body does not end in CRLF");
  state_ = next;
  return {};
}

Status BodyDecoder::framing_byte(char c) {
  switch (state_) {
    case State::ChunkSize:
      return chunk_size_byte(c);
    case State::ExtensionNameStart:
    case State::ExtensionName:
    case State::ExtensionValueStart:
    case State::ExtensionValue:
    case State::ExtensionQuoted:
    case State::ExtensionQuotedPair:
    case State::ExtensionQuotedEnd:
      return extension_byte(c);
    case State::ChunkSizeLf:
      return expect(c, '\n', remaining_ == 0 ? State::TrailerStart : State::ChunkData);
    case State::ChunkDataCr:
      return expect(c, '\r', State::ChunkDataLf);
    case State::ChunkDataLf:
      if (c == '\n') begin_chunk_line();
      return c == '\n' ? Status{} : bad("chunk does not end in CRLF");
    case State::TrailerStart:
    case State::TrailerName:
    case State::TrailerValue:
    case State::TrailerLf:
      return trailer_byte(c);
    case State::EndLf:
      return expect(c, '\n', State::Complete);
    case State::Complete:
    case State::Length:
    case State::UntilClose:
    case State::ChunkData:
      break;
  }
  return bad("no framing expected");
}

Status BodyDecoder::chunk_size_byte(char c) {
  if (is_hex_digit(c)) {
    if (size_digits_ == kMaxSizeDigits) return bad("chunk size has too many digits");
    ++size_digits_;
    ++line_bytes_;
    remaining_ = remaining_ * 16 + static_cast<std::uint64_t>(hex_value(c));
    return {};
  }
  if (size_digits_ == 0) return bad("chunk without a size");
  if (remaining_ > kMaxChunkSize) return bad("chunk size is too large");
  if (c != ';' && c != '\r') return bad("byte that no chunk size may hold");
  state_ = c == ';' ? State::ExtensionNameStart : State::ChunkSizeLf;
  return {};
}

// chunk-ext of RFC 9112 §7.1.1, without the "bad" white space that only senders of the past
// generated.
Status BodyDecoder::extension_byte(char c) {
  if (++line_bytes_ > kMaxChunkLineBytes || ++extension_bytes_ > kMaxExtensionBytes) {
    return bad("chunk extensions are too long");
  }
  const bool may_end = state_ == State::ExtensionName || state_ == State::ExtensionValue ||
                       state_ == State::ExtensionQuotedEnd;
  if (state_ == State::ExtensionQuoted || state_ == State::ExtensionQuotedPair) {
    return quoted_byte(c);
  } else if (may_end && c == '\r') {
    state_ = State::ChunkSizeLf;
  } else if (may_end && c == ';') {
    state_ = State::ExtensionNameStart;
  } else if (state_ == State::ExtensionName && c == '=') {
    state_ = State::ExtensionValueStart;
  } else if (state_ == State::ExtensionValueStart && c == '"') {
    state_ = State::ExtensionQuoted;
  } else if (state_ == State::ExtensionQuotedEnd || !is_token_char(c)) {
    return bad("malformed chunk extension");
  } else if (state_ == State::ExtensionNameStart) {
    state_ = State::ExtensionName;
  } else if (state_ == State::ExtensionValueStart) {
    state_ = State::ExtensionValue;
  }
  return {};
}

// Inside a quoted-string (RFC 9110 §5.6.4).
Status BodyDecoder::quoted_byte(char c) {
  if (is_control(c)) return bad("control character in a chunk extension");
  if (state_ == State::ExtensionQuotedPair) {
    state_ = State::ExtensionQuoted;
  } else if (c == '\\') {
    state_ = State::ExtensionQuotedPair;
  } else if (c == '"') {
    state_ = State::ExtensionQuotedEnd;
  }
  return {};
}

// Shaped like a field line, so that no line can be taken for one by a peer; folded lines are
// refused.
Status BodyDecoder::trailer_byte(char c) {
  if (++trailer_bytes_ > kMaxTrailerBytes) return bad("trailers are too long");
  if (state_ == State::TrailerLf) return expect(c, '\n', State::TrailerStart);
  if (state_ == State::TrailerValue) return trailer_value_byte(c);
  if (state_ == State::TrailerStart && c == '\r') {
    state_ = State::EndLf;
  } else if (state_ == State::TrailerName && c == ':') {
    return end_trailer_name();
  } else if (is_token_char(c)) {
    if (state_ == State::TrailerStart) trailer_at_ = static_cast<std::uint32_t>(trailers_.size());
    state_ = State::TrailerName;
    trailers_ += c;
  } else {
    return bad("malformed trailer name");
  }
  return {};
}

Status BodyDecoder::end_trailer_name() {
  const TrailerVerdict verdict = judge_trailer(std::string_view(trailers_).substr(trailer_at_));
  if (verdict == TrailerVerdict::Refused) return bad("trailer that would frame its message");
  trailer_passes_ = verdict == TrailerVerdict::Passes;
  trailers_ += ": ";
  state_ = State::TrailerValue;
  return {};
}

Status BodyDecoder::trailer_value_byte(char c) {
  if (c == '\r') {
    end_trailer();
    state_ = State::TrailerLf;
  } else if (is_control(c)) {
    return bad("control character in a trailer");
  } else if (trailer_passes_) {
    trailers_ += c;
  }
  return {};
}

// Written anew, as every field is: one space, and none around the value.
void BodyDecoder::end_trailer() {
  if (!trailer_passes_) {
    trailers_.resize(trailer_at_);
    return;
  }
  const std::size_t value_at = trailers_.find(':', trailer_at_) + 2;
  const std::string value(trim(std::string_view(trailers_).substr(value_at)));
  trailers_.resize(value_at);
  trailers_.append(value).append("\r\n");
}

}  // namespace usher::http
