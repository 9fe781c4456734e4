#include "proxy/response_writer.h"

#include <array>

#include "http/head_writer.h"
#include "http/hop_by_hop.h"

namespace usher::proxy {
namespace {

constexpr std::size_t kPartsMax = 32;
// Must not have a length, not even one that its owner gave it (RFC 9110 §8.6).
constexpr int kNoContent = 204;

void write_fields(http::HeadWriter& writer, const http::ResponseHead& head,
                  const http::ConnectionOptions& options) {
  for (const http::Field& field : head.fields) {
    if (!http::passes_to_consumer(field, options)) continue;
    // Answered by Usher itself, once.
    if (field.id == http::FieldId::TraceId || field.id == http::FieldId::SpanId) continue;
    writer.trusted_field(field.name, field.value);
  }
}

std::uint64_t total_size(std::span<const std::string_view> parts) {
  std::uint64_t size = 0;
  for (const std::string_view part : parts) size += part.size();
  return size;
}

}  // namespace

void write_facts(http::HeadWriter& writer, const AnswerFacts& facts, bool close) {
  writer.trusted_field("X-Trace-ID", facts.context.trace_id());
  writer.trusted_field("X-Span-ID", facts.context.span_id());
  if (facts.retried) writer.trusted_field("Proxy-Status", "usher; details=\"retried\"");
  if (facts.annotate) {
    writer.trusted_field("Usher-Endpoint", facts.endpoint);
    writer.field("Usher-Attempts", static_cast<std::uint64_t>(facts.attempts));
  }
  if (!facts.cache_status.empty()) writer.trusted_field("Cache-Status", facts.cache_status);
  if (facts.invalidation_failed) writer.trusted_field("Usher-Cache-Invalidation", "failed");
  if (close) {
    writer.trusted_field("Connection", "close");
    return;
  }
  if (facts.consumer_http_1_0 || !facts.keep_alive.empty()) {
    writer.trusted_field("Connection", "keep-alive");
  }
  if (!facts.keep_alive.empty()) writer.trusted_field("Keep-Alive", facts.keep_alive);
}

ResponseWriter::Mode ResponseWriter::choose_mode(const AnswerPart& part, bool http_1_0) {
  const http::Framing framing = part.head->framing;
  if (framing == http::Framing::None) return Mode::None;
  // A body that is here as a whole has a length, whatever it came by.
  const bool has_length = part.complete && (part.trailers.empty() || http_1_0);
  if (framing == http::Framing::ContentLength || has_length) return Mode::AsItIs;
  return http_1_0 ? Mode::UntilClose : Mode::Chunked;
}

void ResponseWriter::send_interim(net::Stream& consumer, const http::ResponseHead& head,
                                  std::span<char> buffer) {
  http::ConnectionOptions options;
  http::HeadWriter writer(buffer);
  if (!options.read(head.fields)) return;
  writer.status_line(head.status);
  write_fields(writer, head, options);
  writer.end();
  if (!writer.ok()) return;
  const std::string_view parts[] = {writer.view()};
  consumer.write(parts);
}

Result<bool> ResponseWriter::begin(net::Stream& consumer, const AnswerPart& part,
                                   const AnswerFacts& facts, std::span<char> buffer) {
  const http::ResponseHead& head = *part.head;
  http::ConnectionOptions options;
  if (const Status read = options.read(head.fields); !read) {
    return fail(ErrorCode::UpstreamProtocol, "the owner's Connection field is not acceptable");
  }
  mode_ = choose_mode(part, facts.consumer_http_1_0);
  http::HeadWriter writer(buffer);
  writer.status_line(head.status);
  write_fields(writer, head, options);
  write_facts(writer, facts, facts.close || ends_by_close());
  if (mode_ == Mode::AsItIs) {
    writer.field("Content-Length", head.framing == http::Framing::ContentLength
                                       ? head.content_length
                                       : total_size(part.body));
  } else if (mode_ == Mode::Chunked) {
    writer.trusted_field("Transfer-Encoding", "chunked");
  } else if (mode_ == Mode::None && head.has_content_length && head.status != kNoContent) {
    writer.field("Content-Length", head.content_length);
  }
  writer.end();
  if (!writer.ok()) return fail(ErrorCode::UpstreamProtocol, "the answer's head is too large");
  return send(consumer, writer.view(), part);
}

bool ResponseWriter::go_on(net::Stream& consumer, const AnswerPart& part) {
  return send(consumer, {}, part);
}

bool ResponseWriter::send(net::Stream& consumer, std::string_view head, const AnswerPart& part) {
  std::array<std::string_view, kPartsMax> parts;
  std::array<char, 24> chunk_header;  // NOLINT: written as far as it is used
  std::size_t count = 0;
  parts[count++] = head;
  const std::uint64_t size = total_size(part.body);
  if (mode_ == Mode::Chunked && size > 0) {
    parts[count++] = {chunk_header.data(), http::write_chunk_header(size, chunk_header.data())};
  }
  for (const std::string_view run : part.body) parts[count++] = run;
  if (mode_ == Mode::Chunked && size > 0) parts[count++] = "\r\n";
  if (mode_ == Mode::Chunked && part.complete) {
    parts[count++] = "0\r\n";
    parts[count++] = part.trailers;
    parts[count++] = "\r\n";
  }
  return consumer.write({parts.data(), count});
}

}  // namespace usher::proxy
