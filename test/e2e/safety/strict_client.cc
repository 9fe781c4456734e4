#include "safety/strict_client.h"

namespace e2e {

std::optional<StrictMessage> StrictClient::read(std::string_view method, bool* cut) {
  StrictMessage response;
  interims_.clear();
  for (;;) {
    const Reading reading = read_strict_response(buffer_, method, ended_, response);
    if (reading == Reading::Malformed) {
      ADD_FAILURE() << response.fault << " in an answer: " << buffer_;
      return std::nullopt;
    }
    if (reading == Reading::Whole) {
      buffer_.erase(0, response.size);
      if (response.status >= 200) return response;
      interims_.push_back(normal_form(response, {}));
      continue;
    }
    if (ended_) {
      if (cut != nullptr) *cut = !buffer_.empty();
      return std::nullopt;
    }
    const std::string bytes = socket_.read();
    ended_ = bytes.empty();
    buffer_ += bytes;
  }
}

bool StrictClient::closed() {
  return buffer_.empty() && (ended_ || socket_.read().empty());
}

std::string code_of(const StrictMessage& response) {
  const Json body = Json::parse(response.body, nullptr, false);
  return body.is_object() ? body.value("code", "") : "";
}

}  // namespace e2e
