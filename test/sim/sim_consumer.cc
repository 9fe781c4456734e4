#include "sim/sim_consumer.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "http/body_decoder.h"
#include "http/head_scanner.h"
#include "http/parser.h"
#include "sim/text.h"

namespace usher::sim {

std::string Answer::field(std::string_view name) const {
  return field_of(head, name);
}

std::string Answer::code() const {
  const auto json = nlohmann::json::parse(body, nullptr, false);
  return json.is_object() ? json.value("code", "") : "";
}

SimConsumer::SimConsumer(SimNetwork& network, const net::SocketAddress& proxy)
    : stream_(static_cast<SimStream*>(network.connect(proxy, *this))) {
  USHER_CHECK(stream_ != nullptr);
}

SimConsumer::~SimConsumer() {
  close();
}

void SimConsumer::send(std::string_view bytes) {
  if (stream_ == nullptr) return;
  if (!connected_) {
    unsent_.append(bytes);
    return;
  }
  const std::string_view parts[] = {bytes};
  stream_->write(parts);
}

void SimConsumer::on_connected() {
  connected_ = true;
  send(unsent_);
  if (wants_end_) end();
}

void SimConsumer::on_failure() {
  failed_ = true;
  close();
}

void SimConsumer::pause() {
  stream_->pause();
}

void SimConsumer::resume() {
  if (stream_ != nullptr) stream_->resume();
}

void SimConsumer::end() {
  wants_end_ = true;
  if (connected_ && stream_ != nullptr) stream_->end();
}

void SimConsumer::close() {
  if (stream_ != nullptr) stream_->close();
  stream_ = nullptr;
}

void SimConsumer::reset() {
  if (stream_ != nullptr) stream_->reset();
  stream_ = nullptr;
}

std::vector<Answer> SimConsumer::answers(const std::vector<http::Method>& methods) const {
  std::vector<Answer> found;
  std::string_view rest = received_;
  while (!rest.empty()) {
    Answer answer;
    std::size_t scanned = 0;
    const Result<std::size_t> size = http::find_head_end(rest, scanned);
    USHER_CHECK(size.has_value());
    answer.head = rest.substr(0, *size);
    if (*size == 0) {
      answer.head = rest;
      found.push_back(std::move(answer));
      break;
    }
    rest.remove_prefix(*size);
    const http::Method method =
        found.size() < methods.size() ? methods[found.size()] : http::Method::Get;
    http::ResponseHead head;
    USHER_CHECK(http::parse_response_head(answer.head, method, {}, head).has_value());
    if (head.status < 200) continue;
    answer.status = head.status;
    http::BodyDecoder decoder;
    decoder.start(head.framing, head.content_length);
    while (!rest.empty() && !decoder.complete()) {
      const Result<std::string_view> run = decoder.next(rest);
      USHER_CHECK(run.has_value());
      answer.body.append(*run);
    }
    answer.complete = decoder.complete() || (ended_ && decoder.complete_at_close());
    found.push_back(std::move(answer));
  }
  return found;
}

Answer SimConsumer::answer(http::Method method) const {
  const std::vector<Answer> found = answers({method});
  EXPECT_EQ(found.size(), 1u) << received_;
  if (found.size() != 1) return {};
  EXPECT_TRUE(found[0].complete) << received_.substr(0, 2000);
  return found[0];
}

Answer SimConsumer::take_answer() {
  Answer taken = answer();
  received_.clear();
  return taken;
}

}  // namespace usher::sim
