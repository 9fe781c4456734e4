#include "support/chaos_consumer.h"

#include <sys/socket.h>

#include <algorithm>
#include <stdexcept>

namespace e2e::chaos {

Client& Consumer::connection() {
  if (client_ == nullptr) client_ = std::make_unique<Client>(port_);
  return *client_;
}

void Consumer::make(std::span<const Call> calls) {
  const bool all_plain = std::all_of(calls.begin(), calls.end(), [](const Call& call) {
    return call.consumer == ConsumerAct::Plain;
  });
  if (all_plain) {
    pipeline(calls);
    return;
  }
  for (const Call& call : calls) call.is_patient() ? make_patiently(call) : make_impatiently(call);
}

void Consumer::pipeline(std::span<const Call> calls) {
  std::string text;
  for (const Call& call : calls) text += call.request_text();
  connection().send(text);  // its failure shows in the answers
  for (const Call& call : calls) {
    if (take_answer(call)) continue;
    client_ = nullptr;  // with it, the calls behind this one have ended too
    return;
  }
}

void Consumer::make_patiently(const Call& call) {
  Chance chance = chance_of(seed_, call.number, "consumer");
  const std::string text = call.request_text();
  Client& client = connection();
  if (call.consumer == ConsumerAct::InPieces) {
    send_in_pieces(text, chance);
  } else {
    client.send(text);
  }
  if (call.consumer == ConsumerAct::HalfClose) client.socket().half_close();
  if (call.consumer == ConsumerAct::SlowReader) {
    const int window = 4096;
    ::setsockopt(client.socket().fd(), SOL_SOCKET, SO_RCVBUF, &window, sizeof window);
    std::this_thread::sleep_for(std::chrono::milliseconds(chance.below(30)));
  }
  const bool goes_on = take_answer(call);
  if (!goes_on || call.consumer == ConsumerAct::HalfClose ||
      call.consumer == ConsumerAct::SlowReader) {
    client_ = nullptr;
  }
}

bool Consumer::take_answer(const Call& call) {
  try {
    Response response = client_->read(call.method);
    while (response.status < 200) response = client_->read(call.method);
    const std::string wrong = complaint(call, response);
    if (!wrong.empty()) complaints_->add(wrong);
    if (wrong.empty() && response.status == 200 && response.complete) ++right_answers_;
    return wrong.empty() && response.complete && response.fields.one("Connection") != "close";
  } catch (const std::exception& error) {
    complaints_->add(call.method + " " + std::to_string(call.number) +
                     ", owner: " + std::string(to_string(call.owner)) + ": " + error.what());
    return false;
  }
}

void Consumer::make_impatiently(const Call& call) {
  Chance chance = chance_of(seed_, call.number, "consumer");
  const std::string text = call.request_text();
  Client& client = connection();
  if (call.cuts_request()) {
    client.send(std::string_view(text).substr(0, chance.below(text.size())));
    pause_by_chance(chance);
  } else {
    client.send(text);
    pause_by_chance(chance);
    if (chance.one_in(2)) client.socket().read(1 + chance.below(2000));
  }
  if (call.consumer == ConsumerAct::ResetRequest || call.consumer == ConsumerAct::ResetAnswer) {
    client.socket().reset();
  }
  client_ = nullptr;
}

void Consumer::send_in_pieces(std::string_view text, Chance& chance) {
  const std::size_t most = 1 + text.size() / (1 + chance.below(12));
  while (!text.empty()) {
    const std::size_t size = std::min(text.size(), 1 + chance.below(most));
    if (!client_->send(text.substr(0, size))) return;
    text.remove_prefix(size);
    pause_by_chance(chance);
  }
}

}  // namespace e2e::chaos
