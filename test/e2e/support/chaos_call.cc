#include "support/chaos_call.h"

#include <algorithm>
#include <cstdio>

namespace e2e::chaos {
namespace {

constexpr std::array<std::string_view, 16> kOwnerActs = {
    "plain",        "in pieces", "late",       "interim", "said close", "unsaid close",
    "unsaid reset", "surplus",   "early",      "close",   "reset",      "cut head",
    "reset head",   "cut body",  "reset body", "garbage"};

std::uint64_t fnv(std::string_view bytes) {
  std::uint64_t hash = 14695981039346656037u;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return hash;
}

// Mostly small; now and then more than any buffer on the way.
std::size_t body_size(Chance& chance) {
  if (chance.one_in(40)) return 100'000 + chance.below(400'000);
  if (chance.one_in(6)) return chance.below(40'000);
  if (chance.one_in(6)) return 0;
  return chance.below(600);
}

std::string random_bytes(Chance& chance, std::size_t size) {
  std::string bytes(size, '\0');
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < size; ++i) {
    if (i % 8 == 0) word = chance.next();
    bytes[i] = static_cast<char>(word >> (8 * (i % 8)));
  }
  return bytes;
}

std::string as_chunks(std::string_view body, Chance chance) {
  std::string text;
  while (!body.empty()) {
    const std::string_view part = body.substr(0, 1 + chance.below(30'000));
    body.remove_prefix(part.size());
    std::array<char, 24> size{};
    std::snprintf(size.data(), size.size(), "%zx\r\n", part.size());
    text.append(size.data()).append(part).append("\r\n");
  }
  return text + "0\r\n\r\n";
}

// Where the owner's answer is right but for what this consumer can see of it.
std::string complaint_about_answer(const Call& call, const Response& response) {
  if (response.status != 200) return "status " + std::to_string(response.status);
  if (response.fields.one("X-Call") != std::to_string(call.number)) return "another call's answer";
  if (call.owner != OwnerAct::Early &&
      response.fields.one("X-Request-Hash") != hash_of(call.request_body)) {
    return "the owner got another body";
  }
  const bool is_right = response.complete
                            ? response.body == call.answer_body
                            : std::string_view(call.answer_body).starts_with(response.body);
  return is_right ? "" : "another body";
}

bool explains_error(const Call& call, std::string_view code) {
  if (code == "UPSTREAM_PROTOCOL") return call.owner == OwnerAct::Garbage;
  if (code != "UPSTREAM_RESET") return false;
  // It may have met a connection that the owner was closing, and could not be sent again.
  if (!call.is_repeatable() || !call.is_replayable()) return true;
  return call.owner == OwnerAct::UnsaidReset || call.owner >= OwnerAct::Close;
}

bool explains_cut(OwnerAct act) {
  return act == OwnerAct::CutBody || act == OwnerAct::ResetBody || act == OwnerAct::UnsaidReset;
}

bool explains_success(OwnerAct act) {
  return act <= OwnerAct::Early;
}

}  // namespace

std::uint64_t Chance::next() {
  std::uint64_t z = (state_ += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

Chance chance_of(std::uint64_t seed, std::uint64_t number, std::string_view side) {
  return Chance(Chance(seed ^ fnv(side)).next() + number * 0xd1342543de82ef95u);
}

std::string_view to_string(OwnerAct act) {
  return kOwnerActs[static_cast<std::size_t>(act)];
}

std::string hash_of(std::string_view bytes) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%zu-%016llx", bytes.size(),
                static_cast<unsigned long long>(fnv(bytes)));
  return text.data();
}

Call make_call(std::uint64_t seed, std::uint64_t number) {
  constexpr std::array kMethods = {"GET", "GET", "GET", "POST", "POST", "PUT", "PATCH"};
  Chance chance = chance_of(seed, number, "call");
  Call call;
  call.number = number;
  call.method = kMethods[chance.below(kMethods.size())];
  call.is_held = call.method == "PATCH" || (call.method == "POST" && chance.one_in(3));
  call.request_is_chunked = chance.one_in(2);
  call.answer_is_chunked = chance.one_in(2);
  if (call.method != "GET") call.request_body = random_bytes(chance, body_size(chance));
  const bool consumer_is_odd = chance.one_in(3);
  const bool owner_is_odd = chance.one_in(2);
  // An odd owner has at least a byte to cut.
  call.answer_body = random_bytes(chance, (owner_is_odd ? 1 : 0) + body_size(chance));
  if (number >= kCalmFrom) return call;
  if (consumer_is_odd) call.consumer = static_cast<ConsumerAct>(chance.below(8));
  if (owner_is_odd) call.owner = static_cast<OwnerAct>(chance.below(kOwnerActs.size()));
  return call;
}

std::string Call::request_text() const {
  Request request{
      .method = method,
      .target = (is_held ? "/internal/held/" : "/internal/chaos/") + std::to_string(number),
      .fields = {},
      .body = {}};
  if (method != "GET" && request_is_chunked) {
    return request.with("Transfer-Encoding", "chunked").text() +
           as_chunks(request_body, Chance(number));
  }
  if (method != "GET") request.body = request_body;
  return request.text();
}

std::string Call::answer_text() const {
  std::string text = "HTTP/1.1 200 OK\r\nX-Call: " + std::to_string(number) + "\r\n";
  if (owner != OwnerAct::Early) text += "X-Request-Hash: " + hash_of(request_body) + "\r\n";
  if (owner == OwnerAct::SaidClose) text += "Connection: close\r\n";
  if (number % 4 == 0) text += "Keep-Alive: timeout=" + std::to_string(number % 5) + "\r\n";
  if (answer_is_chunked) {
    return text + "Transfer-Encoding: chunked\r\n\r\n" + as_chunks(answer_body, Chance(number + 1));
  }
  return text + "Content-Length: " + std::to_string(answer_body.size()) + "\r\n\r\n" + answer_body;
}

std::size_t Call::answer_head_size() const {
  return answer_text().find("\r\n\r\n") + 4;
}

std::string complaint(const Call& call, const Response& response) {
  const std::string code = response.code();
  std::string wrong;
  if (!code.empty()) {
    if (!explains_error(call, code)) wrong = code;
  } else {
    wrong = complaint_about_answer(call, response);
    const bool is_explained =
        response.complete ? explains_success(call.owner) : explains_cut(call.owner);
    if (wrong.empty() && !is_explained) wrong = response.complete ? "whole" : "cut";
  }
  if (wrong.empty()) return "";
  return call.method + " " + std::to_string(call.number) +
         ", owner: " + std::string(to_string(call.owner)) + ": " + wrong;
}

}  // namespace e2e::chaos
