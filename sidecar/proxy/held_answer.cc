#include "proxy/held_answer.h"

namespace usher::proxy {

void HeldAnswer::begin(const http::ResponseHead& head) {
  clear();
  head_ = head;
  head_.fields.clear();
  texts_.reserve(2 * head.fields.size());  // so that the views into them stay
  for (const http::Field& field : head.fields) {
    const std::string& name = texts_.emplace_back(field.name);
    const std::string& value = texts_.emplace_back(field.value);
    head_.fields.add(name, value, field.id);
  }
}

bool HeldAnswer::add(const AnswerPart& part) {
  for (const std::string_view run : part.body) body_.append(run);
  trailers_ = part.trailers;
  whole_ = part.complete;
  run_ = body_;
  return body_.size() <= kMaxBytes;
}

void HeldAnswer::clear() {
  head_.status = 0;
  head_.fields.clear();
  texts_.clear();
  body_.clear();
  body_.shrink_to_fit();
  trailers_.clear();
  run_ = {};
  whole_ = false;
}

AnswerPart HeldAnswer::part() const {
  return {.head = &head_,
          .body = {&run_, run_.empty() ? 0u : 1u},
          .complete = whole_,
          .trailers = trailers_};
}

}  // namespace usher::proxy
