// Stories of time that runs out.

#include "sim/story.h"

namespace usher::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

class Time : public Story {
 protected:
  Time() {
    owner->on_request([](OwnerConnection&) {});  // never answers
  }
  // Sends it, and says after which of `duration` steps the answer came; nothing is early.
  Answer after(SimConsumer& consumer, Duration duration) {
    network.advance(duration - milliseconds(20));
    EXPECT_EQ(consumer.received(), "") << "too early";
    network.advance(milliseconds(40));
    return consumer.answer();
  }
  // So many timeouts of that kind were counted, and none of another.
  void expect_only(Timeout which, std::uint64_t count = 1) {
    for (int i = 0; i < kTimeouts; ++i) {
      const auto other = static_cast<Timeout>(i);
      EXPECT_EQ(proxy().metrics().timeout(other).value(), other == which ? count : 0) << i;
    }
  }
};

TEST_F(Time, OfOneTry) {
  SimConsumer& consumer = send(get("/things/1"));
  const Answer answer = after(consumer, seconds(3));
  EXPECT_EQ(answer.status, 504);
  EXPECT_EQ(answer.code(), "UPSTREAM_TIMEOUT");
  EXPECT_THAT(answer.body, HasSubstr("\"timeout\":\"first_byte\""));
  EXPECT_EQ(answer.field("Proxy-Status"), "usher; error=connection_read_timeout");
  EXPECT_EQ(outcomes(ErrorCode::UpstreamTimeout), 1u);
  expect_only(Timeout::FirstByte);
  EXPECT_FALSE(consumer.is_over());
  EXPECT_TRUE(owner->last().ended());  // its connection is gone
  EXPECT_EQ(proxy().owner_connections(), 0u);
}

TEST_F(Time, OfTheWholeCall) {
  policy(0).timeout = seconds(2);
  SimConsumer& consumer = send(get("/things/1"));
  const Answer answer = after(consumer, seconds(2));
  EXPECT_EQ(answer.status, 504);
  EXPECT_EQ(answer.code(), "DEADLINE_EXCEEDED");
  EXPECT_THAT(answer.body, HasSubstr("\"timeout\":\"call\""));
  EXPECT_EQ(answer.field("Proxy-Status"), "usher; error=http_response_timeout");
  expect_only(Timeout::Call);
}

TEST_F(Time, OfTheWholeCallWhileTheAnswerArrives) {
  SimConsumer& consumer = send(get("/things/1"));
  owner->last().send(std::string(kChunkedHead) + chunk("half"));
  network.advance(seconds(8));
  EXPECT_FALSE(consumer.is_over());
  network.advance(seconds(2));
  ASSERT_EQ(consumer.answers().size(), 1u);
  EXPECT_FALSE(consumer.answers()[0].complete);
  EXPECT_TRUE(consumer.ended());
  EXPECT_EQ(outcomes(ErrorCode::DeadlineExceeded), 1u);
  expect_only(Timeout::Call);
}

TEST_F(Time, OfAnAnswerThatDoesNotGoOn) {
  policy(0).body_timeout = seconds(2);
  SimConsumer& consumer = send(get("/things/1"));
  owner->last().send(std::string(kChunkedHead) + chunk("half"));
  network.advance(milliseconds(1900));
  owner->last().send(chunk("more"));  // any progress buys time
  network.advance(milliseconds(1980));
  EXPECT_FALSE(consumer.is_over());
  network.advance(milliseconds(40));
  ASSERT_EQ(consumer.answers().size(), 1u);
  EXPECT_FALSE(consumer.answers()[0].complete);
  EXPECT_TRUE(consumer.ended());
  EXPECT_EQ(outcomes(ErrorCode::UpstreamTimeout), 1u);
  expect_only(Timeout::AnswerBody);
}

TEST_F(Time, OfAnAnswerIsNotTheConsumersTime) {
  policy(0).body_timeout = milliseconds(500);
  const std::string body = pattern(600'000);
  SimConsumer& consumer = send(get("/things/1"));
  consumer.pause();
  owner->last().send(whole_answer(body));
  network.advance(seconds(5));
  consumer.resume();
  network.run_until_idle();
  EXPECT_EQ(consumer.answer().body, body);
}

TEST_F(Time, AsTheConsumerSays) {
  SimConsumer& consumer = send(get("/things/1", "X-Request-Timeout-Ms: 500\r\n"));
  EXPECT_EQ(owner->requests()[0].field("X-Request-Timeout-Ms"), "497");
  EXPECT_EQ(after(consumer, milliseconds(500)).code(), "DEADLINE_EXCEEDED");
}

TEST_F(Time, TheConsumerMayOnlyShortenIt) {
  for (const std::string value : {"999999", "99999999999999999999", "-1", "soon", ""}) {
    SimConsumer& consumer = send(get("/things/1", "X-Request-Timeout-Ms: " + value + "\r\n"));
    EXPECT_EQ(owner->requests().back().field("X-Request-Timeout-Ms"), "2999") << value;
    EXPECT_EQ(after(consumer, seconds(3)).code(), "UPSTREAM_TIMEOUT") << value;
  }
}

TEST_F(Time, NoneIsLeftAtAll) {
  SimConsumer& consumer = send(get("/things/1", "X-Request-Timeout-Ms: 0\r\n"));
  EXPECT_EQ(consumer.answer().code(), "DEADLINE_EXCEEDED");
  EXPECT_EQ(consumer.answer().field("Usher-Attempts"), "0");
  EXPECT_EQ(owner->heads(), 0u);
}

TEST_F(Time, ARepeatHasNoMoreThanTheWholeCall) {
  policy(0).timeout = milliseconds(3500);
  owner->on_request(nullptr);
  SimConsumer& consumer = this->consumer();
  expect_call(consumer, "/things/0");
  owner->on_request([](OwnerConnection&) {});
  consumer.send(get("/things/1"));
  network.advance(seconds(1));
  owner->last().close();
  network.advance(milliseconds(2400));
  EXPECT_EQ(owner->requests().back().field("X-Request-Timeout-Ms"), "2497");
  EXPECT_EQ(consumer.answers().size(), 1u);
  network.advance(milliseconds(200));
  EXPECT_EQ(consumer.answers().back().code(), "DEADLINE_EXCEEDED");
  EXPECT_EQ(consumer.answers().back().field("Usher-Attempts"), "2");
}

TEST_F(Time, OfConnecting) {
  network.never_answer(owner_address());
  SimConsumer& consumer = send(get("/things/1"));
  const Answer answer = after(consumer, seconds(1));
  EXPECT_EQ(answer.code(), "UPSTREAM_TIMEOUT");
  EXPECT_THAT(answer.body, HasSubstr("\"timeout\":\"connect\""));
  EXPECT_EQ(answer.field("Proxy-Status"), "usher; error=connection_timeout");
  EXPECT_EQ(answer.field("Usher-Retry-Safe"), "yes");
  expect_only(Timeout::Connect);
  EXPECT_EQ(proxy().owner_connections(), 0u);
}

TEST_F(Time, OfAHead) {
  SimConsumer& consumer = send("GET /things/1 HTTP/1.1\r\n");
  network.advance(seconds(5));
  consumer.send("Host: x\r\n");  // a trickle buys no time
  network.advance(milliseconds(4990));
  EXPECT_EQ(consumer.received(), "");
  network.advance(milliseconds(20));
  EXPECT_EQ(consumer.answer().status, 408);
  EXPECT_EQ(consumer.answer().code(), "REQUEST_TIMEOUT");
  EXPECT_THAT(consumer.answer().body, HasSubstr("\"timeout\":\"request_head\""));
  expect_only(Timeout::RequestHead);
  EXPECT_TRUE(consumer.ended());
}

TEST_F(Time, OfABody) {
  settings.options.timeouts.body = seconds(1);
  SimConsumer& consumer = send("POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf");
  const Answer answer = after(consumer, seconds(1));
  EXPECT_EQ(answer.status, 408);
  EXPECT_EQ(answer.code(), "REQUEST_TIMEOUT");
  EXPECT_THAT(answer.body, HasSubstr("\"timeout\":\"request_body\""));
  expect_only(Timeout::RequestBody);
  EXPECT_TRUE(consumer.ended());
  EXPECT_TRUE(owner->last().ended());
}

TEST_F(Time, OfABodyIsCountedFromItsLastByte) {
  settings.options.timeouts.body = seconds(1);
  SimConsumer& consumer = send("POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n");
  for (int i = 0; i < 3; ++i) {
    network.advance(milliseconds(800));
    consumer.send("x");
  }
  EXPECT_EQ(consumer.received(), "");
  EXPECT_EQ(after(consumer, seconds(1)).code(), "REQUEST_TIMEOUT");
}

// The owner's time begins when it has all that it needs.
TEST_F(Time, OfATryBehindASlowBody) {
  SimConsumer& consumer = send("POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n");
  for (int i = 0; i < 5; ++i) {
    network.advance(milliseconds(1100));
    consumer.send("x");
  }
  EXPECT_EQ(after(consumer, seconds(3)).code(), "UPSTREAM_TIMEOUT");
}

TEST_F(Time, OfABodyThatIsHeld) {
  settings.scheme = &holding_scheme();
  settings.options.timeouts.body = seconds(1);
  SimConsumer& consumer = send("POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf");
  EXPECT_EQ(after(consumer, seconds(1)).code(), "REQUEST_TIMEOUT");
  EXPECT_EQ(network.connects(), 1u);
}

// Who is slow is who gets the blame: the consumer waits for the owner here.
TEST_F(Time, OfATryWhileTheOwnerTakesNoBody) {
  owner->on_head([](OwnerConnection& connection) { connection.pause(); });
  SimConsumer& consumer = send(with_body("PUT /things/1", pattern(1'000'000)));
  EXPECT_EQ(after(consumer, seconds(3)).code(), "UPSTREAM_TIMEOUT");
}

TEST_F(Time, OfAnIdleConsumer) {
  SimConsumer& silent = consumer();
  SimConsumer& used = send(get("/nowhere"));
  network.advance(milliseconds(74'900));
  EXPECT_FALSE(silent.ended());
  EXPECT_FALSE(used.ended());
  network.advance(milliseconds(200));
  EXPECT_TRUE(silent.ended());
  EXPECT_TRUE(used.ended());
  EXPECT_EQ(proxy().metrics().connections.value(), 0u);
  expect_only(Timeout::Idle, 2);
}

TEST_F(Time, OfAReaderThatStalls) {
  settings.options.timeouts.body = seconds(1);
  SimConsumer& consumer = send(get("/things/1"));
  consumer.pause();
  owner->last().send(whole_answer(pattern(1'000'000)));
  network.advance(milliseconds(900));
  EXPECT_EQ(proxy().metrics().calls_active.value(), 1u);
  network.advance(milliseconds(200));
  EXPECT_EQ(proxy().metrics().calls_active.value(), 0u);
  EXPECT_EQ(proxy().outcomes(proxy::Outcome::consumer_gone()), 1u);
  expect_only(Timeout::AnswerWrite);
  consumer.resume();
  network.run_until_idle();
  EXPECT_TRUE(consumer.failed());
}

TEST_F(Time, ASlowReaderIsNotAStalledOne) {
  settings.options.timeouts.body = seconds(1);
  const std::string body = pattern(600'000);
  SimConsumer& consumer = send(get("/things/1"));
  consumer.pause();
  owner->last().send(whole_answer(body));
  for (int i = 0; i < 6; ++i) {
    network.advance(milliseconds(800));
    consumer.resume();
    network.advance(milliseconds(3));
    consumer.pause();
  }
  consumer.resume();
  network.run_until_idle();
  EXPECT_EQ(consumer.answer().body, body);
}

// An early answer stalls and goes on; the body that is still awaited has not lost its timeout.
TEST_F(Time, OfABodyAfterItsEarlyAnswerStalled) {
  policy(2).timeout = seconds(60);
  settings.options.timeouts.body = seconds(5);
  owner->on_head([](OwnerConnection& connection) {
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 300001\r\n\r\n" + pattern(300'000));
  });
  SimConsumer& consumer = this->consumer();
  network.run_until_idle();
  consumer.pause();
  consumer.send("PUT /things/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf");
  network.advance(seconds(1));
  consumer.resume();
  network.advance(milliseconds(5100));
  EXPECT_EQ(outcomes(ErrorCode::RequestTimeout), 1u);
}

}  // namespace
}  // namespace usher::sim
