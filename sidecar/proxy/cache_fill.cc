#include "proxy/cache_fill.h"

#include "http/http_date.h"

namespace usher::proxy {
namespace {

void append(std::string& list, std::string_view values) {
  if (!list.empty()) list += ", ";
  list += values;
}

}  // namespace

bool CacheFill::begin(const http::ResponseHead& head, std::size_t max_bytes, std::int64_t wall_ms) {
  clear();
  const bool has_length = head.framing == http::Framing::ContentLength;
  if (has_length && head.content_length > max_bytes) return false;
  status_ = head.status;
  max_bytes_ = max_bytes;
  if (!cache::write_lines(head, lines_)) {
    clear();
    return false;
  }
  if (head.fields.find(http::FieldId::Date) == nullptr) {  // RFC 9110 §6.6.1
    lines_.append("Date: ").append(http::HttpDate(wall_ms).text()).append("\r\n");
  }
  bool is_encoded = false;
  for (const http::Field& field : head.fields) {
    if (field.id == http::FieldId::Etag) etag_ = field.value;
    if (field.id == http::FieldId::LastModified) last_modified_ = field.value;
    if (field.id == http::FieldId::Vary) append(vary_, field.value);
    is_encoded = is_encoded || field.id == http::FieldId::ContentEncoding;
  }
  // An owner that encodes without saying by what would have one consumer's coding given to others.
  if (is_encoded) append(vary_, "accept-encoding");
  if (has_length) body_.reserve(static_cast<std::size_t>(head.content_length));
  charge_.set(lines_.capacity() + body_.capacity());
  return true;
}

bool CacheFill::add(const AnswerPart& part) {
  for (const std::string_view run : part.body) {
    if (body_.size() + run.size() > max_bytes_) {
      clear();
      return false;
    }
    body_.append(run);
  }
  charge_.set(lines_.capacity() + body_.capacity());
  return true;
}

void CacheFill::clear() {
  status_ = 0;
  for (std::string* text : {&lines_, &etag_, &last_modified_, &vary_, &body_}) text->clear();
  if (body_.capacity() > kKept) body_ = std::string();
  charge_.set(0);
}

cache::EntryParts CacheFill::parts() const {
  return {.key = {},
          .freshness = {},
          .status = status_,
          .lines = lines_,
          .etag = etag_,
          .last_modified = last_modified_,
          .body = body_,
          .tags = {}};
}

}  // namespace usher::proxy
