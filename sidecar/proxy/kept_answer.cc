#include "proxy/kept_answer.h"

#include <algorithm>

#include "base/bytes.h"
#include "cache/kept_fields.h"
#include "http/head_writer.h"
#include "policy/freshness.h"

namespace usher::proxy {
namespace {

using Form = KeptAnswer::Form;

constexpr int kOk = 200;
constexpr int kNoContent = 204;
constexpr int kPartialContent = 206;
constexpr int kNotModified = 304;
constexpr int kRangeNotSatisfiable = 416;

// Content-Type and the like, which a 304 does not say (RFC 9110 §15.4.5); Content-Location says
// what the answer is, and stays.
bool describes_body(std::string_view name) {
  constexpr std::string_view kContent = "content-";
  return equals_ignoring_case(name.substr(0, kContent.size()), kContent) &&
         !equals_ignoring_case(name, "content-location");
}

// What is said of the bytes that follow, where they are not all of them.
bool describes_whole(std::string_view name) {
  return equals_ignoring_case(name, "content-range") || equals_ignoring_case(name, "content-md5") ||
         equals_ignoring_case(name, "content-digest");
}

template <typename LeavesOut>
void write_lines_but(std::string_view lines, LeavesOut leaves_out, http::HeadWriter& writer) {
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n') + 1);
    if (!leaves_out(line.substr(0, line.find(':')))) writer.trusted_lines(line);
    lines.remove_prefix(line.size());
  }
}

void write_lines(const KeptAnswer& answer, http::HeadWriter& writer) {
  const std::string_view lines = answer.entry.lines();
  const std::size_t whole = answer.entry.body().size();
  switch (answer.form) {
    case Form::Whole:
      writer.trusted_lines(lines);
      break;
    case Form::NotModified:
      write_lines_but(lines, describes_body, writer);
      break;
    case Form::Part:
      write_lines_but(lines, describes_whole, writer);
      writer.field("Content-Range", http::ContentRange(answer.slice, whole).text());
      break;
    case Form::NoPart:  // of what is kept nothing but its size: a cache might keep this one by it
      writer.field("Content-Range", http::ContentRange(whole).text());
      break;
  }
}

}  // namespace

std::optional<http::ByteRange> asked_part(const http::RequestHead& head) {
  using http::FieldId;
  const http::Field* range = nullptr;
  int conditions = 0;
  for (const http::Field& field : head.fields) {
    if (field.id == FieldId::IfMatch || field.id == FieldId::IfUnmodifiedSince) return std::nullopt;
    if (field.id == FieldId::Range && range != nullptr) return std::nullopt;
    if (field.id == FieldId::Range) range = &field;
    if (field.id == FieldId::IfRange && ++conditions > 1) return std::nullopt;
  }
  if (range == nullptr || head.method != http::Method::Get) return std::nullopt;
  return http::parse_byte_range(range->value);
}

int KeptAnswer::status() const {
  switch (form) {
    case Form::Whole:
      break;
    case Form::NotModified:
      return kNotModified;
    case Form::Part:
      return kPartialContent;
    case Form::NoPart:
      return kRangeNotSatisfiable;
  }
  return entry.status();
}

std::string_view KeptAnswer::body() const {
  if (form == Form::Whole) return entry.body();
  return form == Form::Part ? entry.body().substr(slice.begin, slice.size) : std::string_view{};
}

KeptAnswer choose_form(const cache::Entry& entry, const http::Fields& request,
                       const std::optional<http::ByteRange>& range) {
  if (entry.status() != kOk) return {entry};
  const std::string_view date = cache::find_value(entry.lines(), "date");
  const std::string_view modified = entry.last_modified();
  // What does not say when it was last changed was not since it was made (RFC 9111 §4.3.2).
  if (policy::is_not_modified(request, entry.etag(), modified.empty() ? date : modified)) {
    return {entry, Form::NotModified};
  }
  // No part of nothing can be named.
  const bool wants_part = range && !entry.body().empty() &&
                          policy::is_of_same_bytes(request, entry.etag(), modified, date);
  if (!wants_part) return {entry};
  const std::optional<http::ByteSlice> slice = range->of(entry.body().size());
  if (!slice) return {entry, Form::NoPart};
  return {entry, Form::Part, *slice};
}

Result<std::string_view> write_kept_head(const KeptAnswer& answer, const AnswerFacts& facts,
                                         std::int64_t wall_ms, std::span<char> buffer) {
  const std::int64_t age_ms = std::max<std::int64_t>(0, answer.entry.freshness().age_ms(wall_ms));
  const int status = answer.status();
  http::HeadWriter writer(buffer);
  writer.status_line(status);
  write_lines(answer, writer);
  writer.field("Age", static_cast<std::uint64_t>(age_ms / 1000));
  write_facts(writer, facts, facts.close);
  if (status != kNotModified && status != kNoContent) {
    writer.field("Content-Length", std::uint64_t{answer.body().size()});
  }
  writer.end();
  if (!writer.ok()) return fail(ErrorCode::UpstreamProtocol, "the kept answer's head is too large");
  return writer.view();
}

}  // namespace usher::proxy
