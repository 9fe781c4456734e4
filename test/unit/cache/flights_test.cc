#include "cache/flights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/fake_network.h"
#include "unit/cache/support.h"

namespace usher::cache {
namespace {

using net::FakeNetwork;
using testing::ElementsAre;
using Kind = FlightNews::Kind;
using Role = FlightDesk::Role;

const CacheKey kKey = key_named("key");

struct Waiter final : FlightWaiter {
  void on_flight(const FlightNews& told) override {
    news.push_back(told);
    if (then) then(told);
  }
  std::vector<Kind> kinds() const {
    std::vector<Kind> all;
    for (const FlightNews& one : news) all.push_back(one.kind);
    return all;
  }

  std::vector<FlightNews> news;
  std::function<void(const FlightNews&)> then;
};

// Two workers: desks of one table on two networks.
struct FlightsTest : testing::Test {
  void end_turns() {
    for (int i = 0; i < 3; ++i) {
      network.end_turn();
      other_network.end_turn();
    }
  }
  Role join(FlightDesk& at, FlightWaiter& waiter) { return at.join(kKey, waiter, now); }
  // So many more that wait at `at`.
  std::vector<std::unique_ptr<Waiter>> followers(FlightDesk& at, std::size_t count) {
    std::vector<std::unique_ptr<Waiter>> all;
    while (all.size() < count) {
      all.push_back(std::make_unique<Waiter>());
      EXPECT_EQ(join(at, *all.back()), Role::Follow);
    }
    return all;
  }

  const Instant now{std::chrono::hours(1)};
  FakeNetwork network;
  FakeNetwork other_network;
  Flights flights;
  // Some still wait when a test ends.
  Waiter leader;
  Waiter one;
  Waiter two;
  FlightDesk desk{flights, network};
  std::optional<FlightDesk> other_desk{std::in_place, flights, other_network};
};

TEST_F(FlightsTest, FirstLeadsAndOthersFollow) {
  EXPECT_EQ(flights.active(), 0U);
  EXPECT_EQ(join(desk, leader), Role::Lead);
  EXPECT_EQ(join(desk, one), Role::Follow);
  EXPECT_EQ(join(*other_desk, two), Role::Follow);
  EXPECT_EQ(flights.active(), 1U);
  Waiter elsewhere;
  EXPECT_EQ(desk.join(key_named("another"), elsewhere, now), Role::Lead);
  EXPECT_EQ(flights.active(), 2U);
  desk.leave(key_named("another"));
}

TEST_F(FlightsTest, AllFollowersLand) {
  join(desk, leader);
  join(desk, one);
  join(*other_desk, two);
  const EntryRef entry = entry_named("key", "body");
  desk.land(kKey, entry);
  EXPECT_EQ(flights.active(), 0U);
  end_turns();
  EXPECT_THAT(one.kinds(), ElementsAre(Kind::Landed));
  EXPECT_THAT(two.kinds(), ElementsAre(Kind::Landed));
  EXPECT_EQ(one.news[0].entry.get(), entry.get());
  EXPECT_EQ(two.news[0].entry.get(), entry.get());
  EXPECT_TRUE(leader.news.empty());
  EXPECT_EQ(join(desk, one), Role::Lead);  // the next flight
}

TEST_F(FlightsTest, NothingIsToldInline) {
  join(desk, leader);
  join(desk, one);
  join(*other_desk, two);
  desk.land(kKey, entry_named("key", ""));
  EXPECT_TRUE(one.news.empty());
  EXPECT_TRUE(two.news.empty());
  // Each on its own worker's loop.
  network.end_turn();
  EXPECT_EQ(one.news.size(), 1U);
  EXPECT_TRUE(two.news.empty());
  other_network.end_turn();
  EXPECT_EQ(two.news.size(), 1U);
}

TEST_F(FlightsTest, ManyFollowersAreToldInOneTurn) {
  join(desk, leader);
  const auto here = followers(desk, 50);
  const auto there = followers(*other_desk, 50);
  desk.land(kKey, entry_named("key", ""));
  network.end_turn();
  other_network.end_turn();
  for (const auto* side : {&here, &there}) {
    for (const auto& waiter : *side) EXPECT_THAT(waiter->kinds(), ElementsAre(Kind::Landed));
  }
}

TEST_F(FlightsTest, WhoFollowsMayFollowAgainWhenItIsTold) {
  join(desk, leader);
  join(desk, one);
  one.then = [&](const FlightNews& told) {
    if (told.kind == Kind::Landed && one.news.size() == 1) {
      EXPECT_EQ(join(desk, one), Role::Lead);
      desk.leave(kKey);
    }
  };
  desk.land(kKey, entry_named("key", ""));
  end_turns();
  EXPECT_EQ(one.news.size(), 1U);
  EXPECT_EQ(flights.active(), 0U);
}

// --- not for sharing
// --------------------------------------------------------------------------------

TEST_F(FlightsTest, AnswerThatIsNotKeptSendsEachOnItsOwn) {
  join(desk, leader);
  join(desk, one);
  desk.give_up(kKey, false, now);
  end_turns();
  EXPECT_THAT(one.kinds(), ElementsAre(Kind::Alone));
  EXPECT_EQ(flights.active(), 0U);
  EXPECT_EQ(join(desk, leader), Role::Lead);  // once may be chance
  desk.leave(kKey);
}

TEST_F(FlightsTest, KeyThatIsNotForSharingIsRememberedForAWhile) {
  join(desk, leader);
  join(*other_desk, one);
  desk.give_up(kKey, true, now);
  end_turns();
  EXPECT_THAT(one.kinds(), ElementsAre(Kind::Alone));
  const Instant last = now + Flights::kAloneFor - Duration(1);
  EXPECT_EQ(other_desk->join(kKey, one, last), Role::Alone);
  EXPECT_FALSE(desk.try_lead(kKey, last));
  EXPECT_EQ(flights.active(), 0U);
  EXPECT_EQ(desk.join(kKey, one, now + Flights::kAloneFor), Role::Lead);
  // Others are not meant, and it may happen again.
  desk.give_up(kKey, true, now + Flights::kAloneFor);
  EXPECT_EQ(desk.join(kKey, one, now + Flights::kAloneFor + 9s), Role::Alone);
  EXPECT_TRUE(desk.try_lead(key_named("another"), now));
  desk.leave(key_named("another"));
}

TEST_F(FlightsTest, OfTooManyKeysThatAreNotForSharingTheOldestAreForgotten) {
  const auto key = [](std::size_t i) { return key_named("alone " + std::to_string(i)); };
  for (std::size_t i = 0; i <= Flights::kAloneMax; ++i) {
    ASSERT_EQ(desk.join(key(i), leader, now), Role::Lead);
    desk.give_up(key(i), true, now);
  }
  EXPECT_EQ(desk.join(key(0), leader, now), Role::Lead);
  desk.leave(key(0));
  EXPECT_EQ(desk.join(key(1), leader, now), Role::Alone);
  EXPECT_EQ(desk.join(key(Flights::kAloneMax), leader, now), Role::Alone);
}

TEST_F(FlightsTest, ThereIsRoomForSoManyFollowers) {
  join(desk, leader);
  const auto all = followers(desk, Flights::kFollowersMax);
  EXPECT_EQ(join(*other_desk, one), Role::Alone);
  desk.cancel(*all[500]);
  EXPECT_EQ(join(*other_desk, one), Role::Follow);
  EXPECT_EQ(join(*other_desk, two), Role::Alone);
  desk.land(kKey, entry_named("key", ""));
  end_turns();
  EXPECT_TRUE(all[500]->news.empty());
  EXPECT_EQ(one.news.size(), 1U);
  EXPECT_TRUE(two.news.empty());
}

TEST_F(FlightsTest, WhoOnlyLeadsNeverFollows) {
  EXPECT_TRUE(desk.try_lead(kKey, now));
  EXPECT_FALSE(desk.try_lead(kKey, now));
  EXPECT_FALSE(other_desk->try_lead(kKey, now));
  EXPECT_EQ(join(*other_desk, one), Role::Follow);
  desk.land(kKey, entry_named("key", ""));
  end_turns();
  EXPECT_THAT(one.kinds(), ElementsAre(Kind::Landed));
}

// --- leaders that fail or leave
// ---------------------------------------------------------------------

TEST_F(FlightsTest, AfterTheFirstFailureOneFollowerLeads) {
  join(desk, leader);
  join(*other_desk, one);
  join(desk, two);
  desk.fail(kKey, Error{ErrorCode::UpstreamTimeout});
  end_turns();
  EXPECT_THAT(one.kinds(), ElementsAre(Kind::Lead));
  EXPECT_TRUE(two.news.empty());
  EXPECT_EQ(flights.active(), 1U);
  other_desk->land(kKey, entry_named("key", "body"));
  end_turns();
  EXPECT_THAT(two.kinds(), ElementsAre(Kind::Landed));
  EXPECT_EQ(one.news.size(), 1U);
}

TEST_F(FlightsTest, AfterTheSecondFailureAllFail) {
  join(desk, leader);
  join(desk, one);
  join(desk, two);
  Waiter three;
  join(*other_desk, three);
  desk.fail(kKey, Error{ErrorCode::UpstreamTimeout}, entry_named("key", "first"));
  end_turns();
  const EntryRef answer = entry_named("key", "second");
  desk.fail(kKey, Error{ErrorCode::UpstreamConnectFailed}, answer);
  end_turns();
  EXPECT_THAT(one.kinds(), ElementsAre(Kind::Lead));
  for (const Waiter* waiter : {&two, &three}) {
    ASSERT_THAT(waiter->kinds(), ElementsAre(Kind::Failed));
    EXPECT_EQ(waiter->news[0].error.code, ErrorCode::UpstreamConnectFailed);
    EXPECT_EQ(waiter->news[0].entry.get(), answer.get());
  }
  EXPECT_EQ(flights.active(), 0U);
}

TEST_F(FlightsTest, WhoComesAfterTheFirstFailureSharesTheSecond) {
  join(desk, leader);
  join(desk, one);
  desk.fail(kKey, Error{ErrorCode::UpstreamReset});
  EXPECT_EQ(join(desk, two), Role::Follow);
  end_turns();
  desk.fail(kKey, Error{ErrorCode::UpstreamReset});
  end_turns();
  EXPECT_THAT(two.kinds(), ElementsAre(Kind::Failed));
  EXPECT_FALSE(two.news[0].entry);
}

TEST_F(FlightsTest, FailureWithoutFollowersEndsTheFlight) {
  join(desk, leader);
  desk.fail(kKey, Error{ErrorCode::UpstreamReset});
  EXPECT_EQ(flights.active(), 0U);
  join(desk, leader);
  join(desk, one);
  desk.fail(kKey, Error{ErrorCode::UpstreamReset});  // the first of this flight
  end_turns();
  EXPECT_THAT(one.kinds(), ElementsAre(Kind::Lead));
  desk.leave(kKey);
}

TEST_F(FlightsTest, LeavingDoesNotCountAsAFailure) {
  join(desk, leader);
  const auto all = followers(desk, 5);
  for (std::size_t i = 0; i < 3; ++i) {
    desk.leave(kKey);
    end_turns();
    EXPECT_THAT(all[i]->kinds(), ElementsAre(Kind::Lead));
  }
  desk.fail(kKey, Error{ErrorCode::UpstreamReset});
  end_turns();
  EXPECT_THAT(all[3]->kinds(), ElementsAre(Kind::Lead));
  EXPECT_TRUE(all[4]->news.empty());
  desk.leave(kKey);
  end_turns();
  EXPECT_THAT(all[4]->kinds(), ElementsAre(Kind::Lead));
  desk.leave(kKey);
  EXPECT_EQ(flights.active(), 0U);
}

// --- cancelling
// -------------------------------------------------------------------------------------

TEST_F(FlightsTest, WhoCancelsHearsNothing) {
  join(desk, leader);
  join(desk, one);
  join(desk, two);
  desk.cancel(one);
  desk.cancel(one);
  desk.land(kKey, entry_named("key", ""));
  desk.cancel(two);  // told, but not yet delivered
  end_turns();
  EXPECT_TRUE(one.news.empty());
  EXPECT_TRUE(two.news.empty());
  desk.cancel(two);
  desk.cancel(leader);  // waits for nothing
}

TEST_F(FlightsTest, WhoCancelledIsNotTheNextLeader) {
  join(desk, leader);
  join(desk, one);
  join(desk, two);
  desk.cancel(one);
  desk.leave(kKey);
  end_turns();
  EXPECT_TRUE(one.news.empty());
  EXPECT_THAT(two.kinds(), ElementsAre(Kind::Lead));
  desk.leave(kKey);
}

TEST_F(FlightsTest, LeaderThatCancelsBeforeItKnowsPassesItOn) {
  join(desk, leader);
  join(desk, one);
  join(*other_desk, two);
  desk.leave(kKey);
  desk.cancel(one);
  end_turns();
  EXPECT_TRUE(one.news.empty());
  EXPECT_THAT(two.kinds(), ElementsAre(Kind::Lead));
  other_desk->leave(kKey);
  // And where nobody is left, the flight is over.
  join(desk, leader);
  join(desk, one);
  desk.leave(kKey);
  desk.cancel(one);
  EXPECT_EQ(flights.active(), 0U);
}

TEST_F(FlightsTest, OneIsCancelledWhileAnotherIsTold) {
  join(desk, leader);
  join(desk, one);
  auto gone = std::make_unique<Waiter>();
  join(desk, *gone);
  one.then = [&](const FlightNews&) {
    desk.cancel(*gone);
    gone.reset();
  };
  desk.land(kKey, entry_named("key", ""));
  end_turns();
  EXPECT_EQ(one.news.size(), 1U);
}

TEST_F(FlightsTest, CancelledWaiterMayJoinAgain) {
  join(desk, leader);
  join(desk, one);
  desk.land(kKey, entry_named("key", "old"));
  desk.cancel(one);
  join(desk, leader);
  join(desk, one);
  end_turns();
  EXPECT_TRUE(one.news.empty());  // the letter of the old flight was not for this ticket
  desk.give_up(kKey, false, now);
  end_turns();
  EXPECT_THAT(one.kinds(), ElementsAre(Kind::Alone));
}

// --- desks that go down
// -----------------------------------------------------------------------------

TEST_F(FlightsTest, DeskThatGoesLeavesWhatItLeads) {
  join(*other_desk, leader);
  join(*other_desk, one);
  join(desk, two);
  other_desk.reset();
  end_turns();
  EXPECT_THAT(two.kinds(), ElementsAre(Kind::Lead));
  EXPECT_TRUE(one.news.empty());
  desk.leave(kKey);
  EXPECT_EQ(flights.active(), 0U);
}

TEST_F(FlightsTest, DeskThatGoesTakesItsFollowersAlong) {
  join(desk, leader);
  join(*other_desk, one);
  join(desk, two);
  other_desk.reset();
  desk.leave(kKey);
  end_turns();
  EXPECT_THAT(two.kinds(), ElementsAre(Kind::Lead));
  EXPECT_TRUE(one.news.empty());
  desk.leave(kKey);
  EXPECT_EQ(join(desk, one), Role::Lead);  // it waits for nothing any more
  desk.leave(kKey);
}

TEST_F(FlightsTest, DeskThatGoesBeforeItsLeaderKnowsPassesItOn) {
  join(desk, leader);
  join(*other_desk, one);
  join(desk, two);
  desk.leave(kKey);  // to `one`, who has not heard
  other_desk.reset();
  end_turns();
  EXPECT_TRUE(one.news.empty());
  EXPECT_THAT(two.kinds(), ElementsAre(Kind::Lead));
  desk.leave(kKey);
}

TEST_F(FlightsTest, NewsForADeskThatIsGoneAreDropped) {
  join(desk, leader);
  join(*other_desk, one);
  desk.land(kKey, entry_named("key", ""));
  other_desk.reset();
  end_turns();
  EXPECT_TRUE(one.news.empty());
}

}  // namespace
}  // namespace usher::cache
