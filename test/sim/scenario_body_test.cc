// Stories of bodies: back-pressure both ways, early answers, what is cut, what is held.

#include "sim/story.h"

namespace usher::sim {
namespace {

constexpr std::size_t kMany = 10'000'000;
// What may be on its way in one direction: two windows, the proxy's queue and the piece on top.
constexpr std::size_t kBound = 5 * 64 * 1024;

class Body : public Story {
 protected:
  // Sends an answer's `bytes` and ends the connection `by` that.
  Answer cut(std::string_view bytes, void (OwnerConnection::*by)()) {
    owner->on_request([bytes, by](OwnerConnection& connection) {
      connection.send(bytes);
      (connection.*by)();
    });
    SimConsumer& consumer = send(get("/things/1"));
    EXPECT_TRUE(consumer.is_over());
    EXPECT_EQ(consumer.answers().size(), 1u);
    return consumer.answers()[0];
  }
};

TEST_F(Body, AnAnswerWaitsForItsReader) {
  const std::string body = pattern(kMany);
  owner->on_request([&body](OwnerConnection& connection) { connection.answer(body); });
  SimConsumer& consumer = this->consumer();
  network.run_until_idle();
  consumer.pause();
  consumer.send(get("/things/1"));
  network.run_until_idle();
  EXPECT_GT(owner->last().queued_bytes(), kMany - kBound);
  consumer.resume();
  network.run_until_idle();
  EXPECT_EQ(consumer.answer().body, body);
  EXPECT_EQ(proxy().owner_connections(), 1u);
}

TEST_F(Body, AChunkedAnswerWaitsForItsReader) {
  const std::string body = pattern(1'000'000);
  owner->on_request([&body](OwnerConnection& connection) {
    connection.send(std::string(kChunkedHead) + chunk(body) + std::string(kLastChunk));
  });
  SimConsumer& consumer = this->consumer();
  network.run_until_idle();
  consumer.pause();
  consumer.send(get("/things/1"));
  network.run_until_idle();
  EXPECT_GT(owner->last().queued_bytes(), body.size() - kBound);
  consumer.resume();
  network.run_until_idle();
  EXPECT_EQ(consumer.answer().body, body);
}

TEST_F(Body, ARequestWaitsForItsOwner) {
  const std::string body = pattern(kMany);
  owner->on_head([](OwnerConnection& connection) { connection.pause(); });
  owner->on_request([](OwnerConnection& connection) { connection.answer("done"); });
  SimConsumer& consumer = send(with_body("PUT /things/1", body));
  EXPECT_GT(consumer.queued_bytes(), kMany - kBound);
  owner->last().resume();
  network.run_until_idle();
  EXPECT_EQ(consumer.answer().body, "done");
  EXPECT_EQ(owner->requests()[0].body, body);
  EXPECT_EQ(owner->requests()[0].field("Content-Length"), std::to_string(kMany));
}

TEST_F(Body, ARequestWaitsForItsConnection) {
  const std::string body = pattern(1'000'000);
  settings.clusters[0].connections_per_host = 1;
  owner->on_request([](OwnerConnection&) {});
  send(get("/things/1"));
  SimConsumer& consumer =
      send(chunked_head("PUT /things/2") + chunk(body) + std::string(kLastChunk));
  EXPECT_GT(consumer.queued_bytes(), body.size() - kBound);
  owner->on_request([](OwnerConnection& connection) { connection.answer("done"); });
  owner->last().answer("first");
  network.run_until_idle();
  EXPECT_EQ(consumer.answer().body, "done");
  EXPECT_EQ(owner->requests()[1].body, body);
  EXPECT_EQ(owner->requests()[1].field("Transfer-Encoding"), "chunked");
}

TEST_F(Body, InSmallPieces) {
  network.options().piece = 3;
  const std::string body = pattern(500);
  owner->on_request([](OwnerConnection& connection) {
    connection.send(std::string(kChunkedHead) + chunk(connection.request().body) +
                    std::string(kLastChunk));
  });
  SimConsumer& consumer = send(chunked_head("POST /things") + chunk(body.substr(0, 123)) +
                               chunk(body.substr(123)) + "0;x=y\r\nTrailer: z\r\n\r\n");
  EXPECT_EQ(consumer.answer().body, body);
}

TEST_F(Body, TrailersPassBothWays) {
  owner->on_head([](OwnerConnection& connection) { connection.send(kChunkedHead); });
  owner->on_request([](OwnerConnection& connection) {
    connection.send(chunk("answer") + "0\r\nX-Sum: 2\r\nSet-Cookie: a=b\r\n\r\n");
  });
  std::string seen;
  owner->on_bytes([&seen](std::string_view bytes) { seen.append(bytes); });
  SimConsumer& consumer = send(chunked_head("POST /things") + chunk("body"));
  consumer.send("0\r\nX-Sum: 1\r\nX-User-ID: u\r\n\r\n");
  network.run_until_idle();
  EXPECT_TRUE(seen.ends_with("\r\n4\r\nbody\r\n0\r\nX-Sum: 1\r\n\r\n")) << seen;
  EXPECT_EQ(consumer.answer().body, "answer");
  EXPECT_TRUE(consumer.received().ends_with("\r\n6\r\nanswer\r\n0\r\nX-Sum: 2\r\n\r\n"))
      << consumer.received();
  EXPECT_EQ(proxy().owner_connections(), 1u);
}

// Connection's word is for trailers too (RFC 9110 §7.6.1), whether they come with the head or
// later.
TEST_F(Body, TrailersThatConnectionNamesEndHere) {
  const std::string head =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: X-Hop\r\n\r\n";
  const std::string trailers = "0\r\nx-hop: 1\r\nX-Sum: 1\r\n\r\n";
  owner->on_head([head](OwnerConnection& connection) { connection.send(head); });
  owner->on_request(
      [trailers](OwnerConnection& connection) { connection.send(chunk("answer") + trailers); });
  std::string seen;
  owner->on_bytes([&seen](std::string_view bytes) { seen.append(bytes); });
  const std::string call =
      "POST /things HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
      "Connection: X-Hop\r\n\r\n" +
      chunk("body");
  SimConsumer& at_once = send(call + trailers);
  EXPECT_TRUE(seen.ends_with("\r\n4\r\nbody\r\n0\r\nX-Sum: 1\r\n\r\n")) << seen;
  EXPECT_TRUE(at_once.received().ends_with("\r\nanswer\r\n0\r\nX-Sum: 1\r\n\r\n"));
  seen.clear();
  SimConsumer& later = send(call);
  later.send(trailers);
  network.run_until_idle();
  EXPECT_TRUE(seen.ends_with("\r\n4\r\nbody\r\n0\r\nX-Sum: 1\r\n\r\n")) << seen;
}

TEST_F(Body, AWholeAnswerWithTrailersStaysChunked) {
  owner->on_request([](OwnerConnection& connection) {
    connection.send(std::string(kChunkedHead) + chunk("answer") + "0\r\nX-Sum: 2\r\n\r\n");
  });
  SimConsumer& consumer = send(get("/things/1"));
  EXPECT_EQ(consumer.answer().field("Transfer-Encoding"), "chunked");
  EXPECT_TRUE(consumer.received().ends_with("0\r\nX-Sum: 2\r\n\r\n"));
  SimConsumer& old = send("GET /things/1 HTTP/1.0\r\n\r\n");
  EXPECT_EQ(old.answer().field("Content-Length"), "6");
  EXPECT_EQ(old.answer().body, "answer");
}

TEST_F(Body, ATrailerThatWouldFrameIsRefused) {
  SimConsumer& consumer = send(chunked_head("POST /things") + chunk("body"));
  consumer.send("0\r\nContent-Length: 4\r\n\r\n");
  network.run_until_idle();
  EXPECT_EQ(consumer.answer().code(), "BAD_REQUEST");
  EXPECT_TRUE(consumer.ended());
  EXPECT_EQ(owner->requests().size(), 0u);  // it was cut there
  EXPECT_EQ(proxy().owner_connections(), 0u);
}

TEST_F(Body, ATrailerOfTheOwnerThatWouldFrameCutsTheAnswer) {
  owner->on_request([](OwnerConnection& connection) {
    connection.send(std::string(kChunkedHead) + chunk("answer"));
  });
  SimConsumer& consumer = send(get("/things/1"));
  owner->last().send("0\r\nTransfer-Encoding: chunked\r\n\r\n");
  network.run_until_idle();
  ASSERT_EQ(consumer.answers().size(), 1u);
  EXPECT_FALSE(consumer.answers().front().complete);
  EXPECT_TRUE(consumer.is_over());
  EXPECT_EQ(proxy().owner_connections(), 0u);
}

TEST_F(Body, AnEarlyAnswerWhileTheBodyArrives) {
  owner->on_head([](OwnerConnection& connection) {
    connection.send("HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno");
  });
  SimConsumer& consumer = send("POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf");
  EXPECT_EQ(consumer.answer().status, 413);
  EXPECT_EQ(consumer.answer().field("Connection"), "close");
  EXPECT_TRUE(consumer.ended());
  EXPECT_EQ(proxy().owner_connections(), 0u);
}

TEST_F(Body, AnEarlyHeadAndAnAnswerBehindTheBody) {
  owner->on_head([](OwnerConnection& connection) {
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n");
  });
  owner->on_request([](OwnerConnection& connection) { connection.send("done"); });
  SimConsumer& consumer = send("POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf");
  EXPECT_EQ(consumer.answers().size(), 1u);
  consumer.send("whole");
  network.run_until_idle();
  EXPECT_EQ(consumer.answer().body, "done");
  EXPECT_EQ(owner->requests()[0].body, "halfwhole");
}

// The owner answers before it has read the body that the consumer has sent to its end.
TEST_F(Body, AfterAnEarlyAnswerTheConsumersConnectionGoesOn) {
  owner->on_head([](OwnerConnection& connection) {
    connection.pause();
    connection.answer("early");
  });
  SimConsumer& consumer = send(with_body("PUT /things/1", pattern(131'000)));
  EXPECT_EQ(consumer.answer().body, "early");
  EXPECT_EQ(consumer.answer().field("Connection"), "keep-alive");
  owner->on_head(nullptr);
  expect_call(consumer, "/things/2");
}

TEST_F(Body, CutAnswersAreSeenToBeCut) {
  const std::string length = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n";
  for (const std::string& bytes : {length + "half", std::string(kChunkedHead) + chunk("half"),
                                   std::string(kChunkedHead) + "5\r\nhal"}) {
    const Answer answer = cut(bytes, &OwnerConnection::close);
    EXPECT_EQ(answer.status, 200);
    EXPECT_FALSE(answer.complete);
  }
  EXPECT_EQ(outcomes(ErrorCode::UpstreamReset), 3u);
}

TEST_F(Body, ACutHeadIsAnError) {
  owner->on_request([](OwnerConnection& connection) {
    connection.send("HTTP/1.1 200 OK\r\nContent-");
    connection.close();
  });
  SimConsumer& consumer = send(get("/things/1"));
  EXPECT_EQ(consumer.answer().code(), "UPSTREAM_RESET");
  EXPECT_FALSE(consumer.is_over());
}

TEST_F(Body, GarbageWithinAChunkedAnswerIsACut) {
  owner->on_request([](OwnerConnection& connection) {
    connection.send(std::string(kChunkedHead) + chunk("half"));
  });
  SimConsumer& consumer = send(get("/things/1"));
  owner->last().send("zz\r\n");
  network.run_until_idle();
  ASSERT_EQ(consumer.answers().size(), 1u);
  EXPECT_FALSE(consumer.answers()[0].complete);
  EXPECT_TRUE(consumer.is_over());
  EXPECT_EQ(outcomes(ErrorCode::UpstreamProtocol), 1u);
}

TEST_F(Body, GarbageBeforeAnythingWasPassedOnIsAnError) {
  owner->on_request([](OwnerConnection& connection) {
    connection.send(std::string(kChunkedHead) + chunk("half") + "zz\r\n");
  });
  EXPECT_EQ(send(get("/things/1")).answer().code(), "UPSTREAM_PROTOCOL");
}

// Without a length nothing but a reset tells a consumer of HTTP/1.0 of the cut.
TEST_F(Body, ACutAnswerWithoutALengthIsReset) {
  owner->on_request([](OwnerConnection& connection) {
    connection.send(std::string(kChunkedHead) + chunk("half"));
  });
  SimConsumer& consumer = send("GET /things/1 HTTP/1.0\r\n\r\n");
  EXPECT_FALSE(consumer.is_over());
  owner->last().close();
  network.run_until_idle();
  EXPECT_TRUE(consumer.failed());
  EXPECT_FALSE(consumer.ended());
}

TEST_F(Body, AChunkedBodyThatIsHeldGetsALength) {
  settings.scheme = &holding_scheme();
  SimConsumer& consumer = send(chunked_head("POST /things") + chunk("hello "));
  EXPECT_EQ(network.connects(), 1u);
  consumer.send(chunk("world") + std::string(kLastChunk) + get("/things/2"));
  network.run_until_idle();
  EXPECT_EQ(consumer.answers().size(), 2u);
  EXPECT_EQ(owner->requests()[0].body, "hello world");
  EXPECT_EQ(owner->requests()[0].field("Content-Length"), "11");
  EXPECT_EQ(owner->requests()[0].field("Transfer-Encoding"), "");
}

TEST_F(Body, ABodyTooLargeToBeHeld) {
  settings.scheme = &holding_scheme();
  settings.options.limits.signed_body_bytes = 10;
  SimConsumer& known = send("POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n");
  EXPECT_EQ(known.answer().status, 413);
  EXPECT_EQ(known.answer().code(), "BODY_TOO_LARGE");
  EXPECT_TRUE(known.ended());
  SimConsumer& chunked = send(chunked_head("POST /things") + chunk("12345678901"));
  EXPECT_EQ(chunked.answer().code(), "BODY_TOO_LARGE");
  SimConsumer& fits = send(with_body("POST /things", "1234567890"));
  EXPECT_EQ(fits.answer().status, 200);
}

TEST_F(Body, MalformedFramingOfTheConsumer) {
  SimConsumer& at_once = send(chunked_head("POST /things") + "xyz\r\n");
  EXPECT_EQ(at_once.answer().code(), "BAD_REQUEST");
  EXPECT_TRUE(at_once.ended());
  SimConsumer& later = send(chunked_head("POST /things") + chunk("fine"));
  later.send("-1\r\n");
  network.run_until_idle();
  EXPECT_EQ(later.answer().code(), "BAD_REQUEST");
  EXPECT_EQ(owner->requests().size(), 0u);
  EXPECT_TRUE(owner->last().ended());
}

TEST_F(Body, AContentTypeWithoutABodyStaysHere) {
  send(get("/things/1", "Content-Type: application/json\r\n"));
  EXPECT_EQ(owner->requests()[0].field("Content-Type"), "");
}

}  // namespace
}  // namespace usher::sim
