// Every phase in which a call can wait, and every event that can come then: what becomes of the
// call. After each one the fixture checks that nothing is left behind.

#include "proxy/exchange_phase.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "sim/story.h"

namespace usher::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Where the call waits.
enum class At {
  Head,        // half a head has come
  HoldBody,    // the body that will be signed
  Resolving,   // for the owner's name
  Connecting,  // for a connection
  Queued,      // for a connection that others use
  Sent,        // for the answer
  SentPart,    // for the answer, and the body's rest
  AnswerHead,  // half of the answer's head has come
  Relay,       // for the rest of the answer
  RelayEarly,  // for the rest of both
};
enum class Event {
  MoreBody,
  ConsumerEnds,
  ConsumerResets,
  OwnerCloses,
  OwnerResets,
  OwnerTalksGarbage,
  OwnerAnswers,
  TryTimeout,
  Deadline,
  Shut,
};

constexpr At kAllPlaces[] = {At::Head,   At::HoldBody,  At::Resolving, At::Connecting,
                             At::Queued, At::Sent,      At::SentPart,  At::AnswerHead,
                             At::Relay,  At::RelayEarly};
constexpr Event kAllEvents[] = {Event::MoreBody,     Event::ConsumerEnds, Event::ConsumerResets,
                                Event::OwnerCloses,  Event::OwnerResets,  Event::OwnerTalksGarbage,
                                Event::OwnerAnswers, Event::TryTimeout,   Event::Deadline,
                                Event::Shut};

bool has_owner(At at) {
  return at >= At::Sent;
}
bool has_open_body(At at) {
  return at == At::HoldBody || at == At::SentPart || at == At::RelayEarly;
}
bool is_relaying(At at) {
  return at == At::Relay || at == At::RelayEarly;
}

std::string call_of(At at) {
  if (at == At::Head) return "GET /things/1 HTTP/1.1\r\nHo";
  if (at == At::Queued) return with_body("PUT /things/1", "");
  if (!has_open_body(at)) return get("/things/1");
  return "PUT /things/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf";
}

std::string name_of(const testing::TestParamInfo<std::tuple<At, Event>>& info) {
  constexpr std::string_view kPlaces[] = {"Head",   "HoldBody",  "Resolving", "Connecting",
                                          "Queued", "Sent",      "SentPart",  "AnswerHead",
                                          "Relay",  "RelayEarly"};
  constexpr std::string_view kEvents[] = {
      "MoreBody",          "ConsumerEnds", "ConsumerResets", "OwnerCloses", "OwnerResets",
      "OwnerTalksGarbage", "OwnerAnswers", "TryTimeout",     "Deadline",    "Shut"};
  const auto [at, event] = info.param;
  return std::string("At") + std::string(kPlaces[static_cast<std::size_t>(at)]) +
         std::string(kEvents[static_cast<std::size_t>(event)]);
}

// What becomes of the call: a code, "200", "cut" within an answer, "gone" without any; "waits" when
// it goes on to wait; "refused" for what is no call yet.
std::string expected(At at, Event event) {
  switch (event) {
    case Event::MoreBody:
      return "waits";
    case Event::ConsumerEnds:
      if (at == At::Head) return "no call";
      return has_open_body(at) ? (is_relaying(at) ? "cut" : "gone") : "waits";
    case Event::ConsumerResets:
      if (at == At::Head) return "no call";
      return is_relaying(at) ? "cut" : "gone";
    case Event::OwnerCloses:
    case Event::OwnerResets:
      if (!has_owner(at)) return "waits";
      return is_relaying(at) ? "cut" : "UPSTREAM_RESET";
    case Event::OwnerTalksGarbage:
      if (!has_owner(at)) return "waits";
      return is_relaying(at) ? "cut" : "UPSTREAM_PROTOCOL";
    case Event::OwnerAnswers:
      return has_owner(at) ? "200" : "waits";
    case Event::TryTimeout:
      // A try that waits for the consumer is not timed.
      if (at == At::Head || has_open_body(at) || is_relaying(at)) return "waits";
      return "UPSTREAM_TIMEOUT";
    case Event::Deadline:
      if (at == At::Head) return "waits";
      if (is_relaying(at)) return "cut";
      if (has_open_body(at)) return "REQUEST_TIMEOUT";
      return "UPSTREAM_TIMEOUT";
    case Event::Shut:
      if (at == At::Head) return "no call";
      return is_relaying(at) ? "cut" : "gone";
  }
  return "";
}

class Phases : public Story, public testing::WithParamInterface<std::tuple<At, Event>> {
 protected:
  void go_to(At at) {
    owner->on_request([](OwnerConnection&) {});
    for (std::size_t i = 0; i < 3; ++i) policy(i).connect_timeout = seconds(5);
    if (at == At::HoldBody) settings.scheme = &holding_scheme();
    if (at == At::Connecting) network.never_answer(owner_address());
    if (at == At::Resolving) {
      settings.clusters[0].addresses[0] = {"owner", 80, "owner"};
      network.set_hanging("owner");
    }
    if (at == At::Queued) {
      settings.clusters[0].connections_per_host = 1;
      policy(0).timeout = policy(0).per_try_timeout = seconds(15);
      send(get("/things/other"));
    }
    caller_ = &send(call_of(at));
    active_before_ = proxy().metrics().calls_active.value();
    if (at == At::AnswerHead) owner->last().send("HTTP/1.1 200 OK\r\nContent-Le");
    if (is_relaying(at)) owner->last().send(std::string(kChunkedHead) + chunk("ha"));
    network.run_until_idle();
  }

  void happen(At at, Event event) {
    switch (event) {
      case Event::MoreBody:
        caller_->send(has_open_body(at) ? "x" : "");
        break;
      case Event::ConsumerEnds:
        caller_->end();
        break;
      case Event::ConsumerResets:
        caller_->reset();
        break;
      case Event::OwnerCloses:
        if (has_owner(at)) owner->last().close();
        break;
      case Event::OwnerResets:
        if (has_owner(at)) owner->last().reset();
        break;
      case Event::OwnerTalksGarbage:
        if (has_owner(at)) owner->last().send("\x01\r\n\r\n");
        break;
      case Event::OwnerAnswers:
        if (is_relaying(at)) {
          owner->last().send(chunk("lf") + std::string(kLastChunk));
        } else if (at == At::AnswerHead) {
          owner->last().send("ngth: 4\r\n\r\nhalf");
        } else if (has_owner(at)) {
          owner->last().answer("half");
        }
        break;
      case Event::TryTimeout:
        network.advance(milliseconds(3100));
        break;
      case Event::Deadline:
        network.advance(milliseconds(9100));
        break;
      case Event::Shut:
        proxy().listener().shut();
        break;
    }
    network.run_until_idle();
  }

  std::string outcome() {
    const std::vector<Answer> answers = caller_->answers();
    if (!answers.empty() && answers[0].complete) {
      return answers[0].status == 200 ? "200" : answers[0].code();
    }
    const bool gone = proxy().outcomes(proxy::Outcome::consumer_gone()) > 0;
    if (!answers.empty() && (caller_->is_over() || gone)) return "cut";
    if (gone) return "gone";
    if (proxy().metrics().calls_active.value() == active_before_ && active_before_ > 0) {
      return "waits";
    }
    return proxy().metrics().connections.value() == 0 ? "no call" : "waits";
  }

 private:
  SimConsumer* caller_ = nullptr;
  std::uint64_t active_before_ = 0;
};

TEST_P(Phases, EndAsTheyShould) {
  const auto [at, event] = GetParam();
  go_to(at);
  happen(at, event);
  EXPECT_EQ(outcome(), expected(at, event));
}

INSTANTIATE_TEST_SUITE_P(EveryPhaseAndEvent, Phases,
                         testing::Combine(testing::ValuesIn(kAllPlaces),
                                          testing::ValuesIn(kAllEvents)),
                         name_of);

using proxy::Phase;

TEST(Transitions, AreTheseAndNoOthers) {
  const std::map<Phase, std::vector<Phase>> kAllowed = {
      {Phase::Idle, {Phase::Route, Phase::Finish}},
      {Phase::Route, {Phase::Context, Phase::Finish}},
      {Phase::Context, {Phase::Lookup, Phase::HoldBody, Phase::Limit, Phase::Finish}},
      {Phase::Lookup, {Phase::Limit, Phase::Relay, Phase::Finish}},
      {Phase::HoldBody, {Phase::Limit, Phase::Finish}},
      {Phase::Limit, {Phase::Admit, Phase::Finish}},
      {Phase::Admit, {Phase::Attempt, Phase::Backoff, Phase::Relay, Phase::Finish}},
      {Phase::Attempt,
       {Phase::Admit, Phase::Backoff, Phase::Invalidate, Phase::Relay, Phase::Finish}},
      {Phase::Invalidate, {Phase::Relay, Phase::Finish}},
      {Phase::Backoff, {Phase::Admit, Phase::Finish}},
      {Phase::Relay, {Phase::Finish}},
      {Phase::Finish, {Phase::Idle}},
  };
  for (std::size_t from = 0; from < proxy::kPhases; ++from) {
    for (std::size_t to = 0; to < proxy::kPhases; ++to) {
      const std::vector<Phase>& allowed = kAllowed.at(static_cast<Phase>(from));
      const bool is_allowed =
          std::find(allowed.begin(), allowed.end(), static_cast<Phase>(to)) != allowed.end();
      EXPECT_EQ(proxy::may_follow(static_cast<Phase>(from), static_cast<Phase>(to)), is_allowed)
          << to_string(static_cast<Phase>(from)) << " to " << to_string(static_cast<Phase>(to));
    }
  }
}

}  // namespace
}  // namespace usher::sim
