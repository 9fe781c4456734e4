#include "proxy/request_body.h"

#include <algorithm>

namespace usher::proxy {
namespace {

// What add_chunk_end() may add.
constexpr std::size_t kChunkEndParts = 3;

}  // namespace

void RequestBody::start(const http::RequestHead& head) {
  framing_ = head.framing;
  content_length_ = head.content_length;
  decoder_.start(head.framing, head.content_length);
}

void RequestBody::reset() {
  waiting_.clear();
  forget();
  is_held_ = is_begun_ = false;
  held_.clear();
  held_.shrink_to_fit();
  held_charge_.set(0);
  framing_ = http::Framing::None;
  decoder_.start(http::Framing::None, 0);
}

void RequestBody::keep(std::size_t limit) {
  if (!exists() || is_held()) return;
  is_kept_ = true;
  keep_limit_ = limit;
}

void RequestBody::remember(std::string_view run) {
  is_begun_ = true;
  if (!is_kept_) return;
  if (kept_.size() + run.size() > keep_limit_) {
    forget();
  } else {
    kept_.append(run);
  }
}

void RequestBody::rewind() {
  if (!is_kept_) return;
  kept_.splice(waiting_);
  waiting_.splice(kept_);
  is_begun_ = is_kept_ = false;
}

void RequestBody::forget() {
  is_kept_ = false;
  kept_.clear();
}

void RequestBody::taken(std::size_t count) {
  while (count > 0) {
    const std::string_view run = waiting_.front().substr(0, count);
    remember(run);
    count -= run.size();
    waiting_.consume(run.size());
  }
}

void RequestBody::hold() {
  is_held_ = true;
}

Status RequestBody::receive(std::string_view& input) {
  while (!input.empty() && !complete()) {
    const Result<std::string_view> run = decoder_.next(input);
    if (!run) return tl::unexpected(run.error());
    waiting_.append(*run);
  }
  return {};
}

Status RequestBody::pass_on(std::string_view& input, FramedParts& parts) {
  std::array<std::string_view, FramedParts::kMax - 1 - kChunkEndParts> runs;
  std::size_t count = 0;
  std::uint64_t size = 0;
  while (!input.empty() && !complete() && count < runs.size()) {
    const Result<std::string_view> run = decoder_.next(input);
    if (!run) return tl::unexpected(run.error());
    if (run->empty()) continue;
    runs[count++] = *run;
    size += run->size();
    remember(*run);
  }
  if (is_sent_chunked() && size > 0) parts.add_chunk_header(size);
  for (std::size_t i = 0; i < count; ++i) parts.add(runs[i]);
  if (is_sent_chunked()) add_chunk_end(parts, size > 0, complete());
  return {};
}

void RequestBody::gather_held() {
  held_.resize(waiting_.size());
  held_charge_.set(held_.capacity());
  waiting_.copy_to(held_);
  waiting_.clear();
}

void RequestBody::write_framing(http::HeadWriter& head, http::Method method) const {
  if (is_held()) {
    head.field("Content-Length", held_.size());
  } else if (framing_ == http::Framing::ContentLength) {
    head.field("Content-Length", content_length_);
  } else if (framing_ == http::Framing::Chunked) {
    head.trusted_field("Transfer-Encoding", "chunked");
  } else if (method == http::Method::Post || method == http::Method::Put ||
             method == http::Method::Patch) {
    // RFC 9110 §8.6: a method that usually has a body says that there is none.
    head.field("Content-Length", std::uint64_t{0});
  }
}

std::size_t RequestBody::add_waiting(FramedParts& parts) {
  if (is_held() && !held_.empty()) parts.add(held_);
  if (is_held() || !exists()) return 0;
  std::array<iovec, FramedParts::kMax - 2 - kChunkEndParts>
      blocks;  // NOLINT: filled as far as it is used
  const std::size_t count = waiting_.gather(blocks);
  std::size_t size = 0;
  for (std::size_t i = 0; i < count; ++i) size += blocks[i].iov_len;
  const bool chunked = is_sent_chunked();
  const bool ends = complete() && size == waiting_.size();
  if (chunked && size > 0) parts.add_chunk_header(size);
  for (std::size_t i = 0; i < count; ++i)
    parts.add({static_cast<const char*>(blocks[i].iov_base), blocks[i].iov_len});
  if (chunked) add_chunk_end(parts, size > 0, ends);
  return size;
}

void RequestBody::add_chunk_end(FramedParts& parts, bool has_data, bool is_last) {
  if (!is_last) {
    if (has_data) parts.add("\r\n");
    return;
  }
  const std::string_view trailers = decoder_.trailers();
  if (trailers.empty()) {
    parts.add(has_data ? "\r\n0\r\n\r\n" : "0\r\n\r\n");
  } else {
    parts.add(has_data ? "\r\n0\r\n" : "0\r\n");
    parts.add(trailers);
    parts.add("\r\n");
  }
}

}  // namespace usher::proxy
