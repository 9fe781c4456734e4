// Stories of calls that go well, in all the forms that HTTP/1.1 gives them.

#include "sim/story.h"

namespace usher::sim {
namespace {

using testing::HasSubstr;
using testing::Not;

class Call : public Story {};

TEST_F(Call, PlainGet) {
  SimConsumer& consumer = send(get("/things/7?full=1", "Accept: text/plain\r\n"));
  const Answer answer = consumer.answer();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "/things/7?full=1");
  EXPECT_EQ(answer.field("Content-Length"), "16");
  EXPECT_EQ(answer.field("Usher-Endpoint"), "GET /things/{id}");
  EXPECT_EQ(answer.field("Usher-Attempts"), "1");
  EXPECT_EQ(answer.field("Connection"), "keep-alive");
  EXPECT_EQ(answer.field("Keep-Alive"), "timeout=70");
  ASSERT_EQ(owner->requests().size(), 1u);
  const OwnerRequest& request = owner->requests()[0];
  EXPECT_EQ(request.field("Host"), "10.0.0.1");
  EXPECT_EQ(request.field("Accept"), "text/plain");
  EXPECT_EQ(request.field("X-Calling-Service"), "gateway");
  EXPECT_EQ(request.field("X-Trace-ID"), answer.field("X-Trace-ID"));
  EXPECT_EQ(request.field("X-Request-Timeout-Ms"), "2999");
  EXPECT_EQ(proxy().endpoint(0).outcomes[proxy::Outcome::status(200).index()].value(), 1u);
  EXPECT_EQ(proxy().endpoint(0).attempts.value(), 1u);
}

TEST_F(Call, BothConnectionsAreUsedAgain) {
  SimConsumer& consumer = this->consumer();
  for (int i = 0; i < 10; ++i) expect_call(consumer, "/things/" + std::to_string(i));
  EXPECT_EQ(owner->connections(), 1u);
  EXPECT_EQ(proxy().metrics().connections_total.value(), 1u);
  EXPECT_FALSE(consumer.is_over());
}

TEST_F(Call, ConnectionCloseOfTheConsumer) {
  SimConsumer& consumer = send(get("/things/1", "Connection: close\r\n"));
  EXPECT_EQ(consumer.answer().field("Connection"), "close");
  EXPECT_TRUE(consumer.ended());
  EXPECT_EQ(proxy().owner_connections(), 1u);  // the owner's stays
}

TEST_F(Call, ConnectionCloseOfTheOwner) {
  owner->on_request([](OwnerConnection& connection) {
    connection.send(whole_answer("bye", "Connection: close\r\n"));
  });
  SimConsumer& consumer = send(get("/things/1"));
  EXPECT_EQ(consumer.answer().body, "bye");
  EXPECT_EQ(consumer.answer().field("Connection"), "keep-alive");
  EXPECT_FALSE(consumer.is_over());
  EXPECT_EQ(proxy().owner_connections(), 0u);
}

TEST_F(Call, HeadByteByByte) {
  SimConsumer& consumer = this->consumer();
  for (const char byte : get("/things/1") + get("/things/2")) {
    consumer.send({&byte, 1});
    network.run_until_idle();
  }
  const std::vector<Answer> answers = consumer.answers();
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[0].body, "/things/1");
  EXPECT_EQ(answers[1].body, "/things/2");
}

TEST_F(Call, AnswerByteByByte) {
  owner->on_request([this](OwnerConnection& connection) {
    for (const char byte :
         std::string(kChunkedHead) + chunk("hello ") + chunk("world") + std::string(kLastChunk)) {
      connection.send({&byte, 1});
    }
    network.options().piece = 1;
  });
  SimConsumer& consumer = send(get("/things/1"));
  EXPECT_EQ(consumer.answer().body, "hello world");
  EXPECT_EQ(consumer.answer().field("Transfer-Encoding"), "chunked");
  EXPECT_EQ(proxy().owner_connections(), 1u);
}

TEST_F(Call, PipelinedCallsAreAnsweredInOrder) {
  SimConsumer& consumer =
      send(get("/things/1") + get("/nowhere") + get("/things/3") + get("/things/4"));
  const std::vector<Answer> answers = consumer.answers();
  ASSERT_EQ(answers.size(), 4u);
  EXPECT_EQ(answers[0].body, "/things/1");
  EXPECT_EQ(answers[1].code(), "NO_ENDPOINT");
  EXPECT_EQ(answers[2].body, "/things/3");
  EXPECT_EQ(answers[3].body, "/things/4");
}

TEST_F(Call, PipelinedBehindABody) {
  SimConsumer& consumer = send(with_body("POST /things", "one") + with_body("POST /things", "") +
                               with_body("POST /things", "three"));
  EXPECT_EQ(consumer.answers().size(), 3u);
  ASSERT_EQ(owner->requests().size(), 3u);
  EXPECT_EQ(owner->requests()[0].body, "one");
  EXPECT_EQ(owner->requests()[1].field("Content-Length"), "0");
  EXPECT_EQ(owner->requests()[2].body, "three");
}

TEST_F(Call, NoCallOvertakesASlowOne) {
  owner->on_request([](OwnerConnection&) {});
  SimConsumer& consumer = send(get("/things/slow") + get("/things/next"));
  EXPECT_EQ(owner->requests().size(), 1u);
  EXPECT_EQ(consumer.received(), "");
  owner->on_request(nullptr);
  owner->last().answer("slow");
  network.run_until_idle();
  ASSERT_EQ(consumer.answers().size(), 2u);
  EXPECT_EQ(consumer.answers()[1].body, "/things/next");
}

TEST_F(Call, HeadHasALengthAndNoBody) {
  owner->on_request([](OwnerConnection& connection) {
    connection.send("HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n");
  });
  SimConsumer& consumer = send("HEAD /things/1 HTTP/1.1\r\nHost: x\r\n\r\n");
  const Answer answer = consumer.answer(Method::Head);
  EXPECT_EQ(answer.field("Content-Length"), "999");
  EXPECT_EQ(owner->requests()[0].method, Method::Head);
  consumer.send(get("/things/2"));
  network.run_until_idle();
  EXPECT_EQ(consumer.answers({Method::Head}).size(), 2u);
  EXPECT_EQ(owner->connections(), 1u);
}

TEST_F(Call, AnswersWithoutABody) {
  for (const std::string status : {"204 No Content", "304 Not Modified"}) {
    owner->on_request([&status](OwnerConnection& connection) {
      connection.send("HTTP/1.1 " + status + "\r\nETag: \"1\"\r\n\r\n");
    });
    SimConsumer& consumer = send(get("/things/1"));
    const Answer answer = consumer.answer();
    EXPECT_EQ(std::to_string(answer.status), status.substr(0, 3));
    EXPECT_EQ(answer.field("ETag"), "\"1\"");
    EXPECT_EQ(answer.field("Transfer-Encoding"), "");
    EXPECT_EQ(answer.field("Content-Length"), "");
    owner->on_request(nullptr);
    expect_call(consumer, "/things/2");
  }
}

TEST_F(Call, ALengthPassesWith304AndNotWith204) {
  for (const std::string status : {"204 No Content", "304 Not Modified"}) {
    owner->on_request([&status](OwnerConnection& connection) {
      connection.send("HTTP/1.1 " + status + "\r\nContent-Length: 3\r\n\r\n");
    });
    const Answer answer = send(get("/things/1")).answer();
    EXPECT_EQ(answer.field("Content-Length"), status[0] == '3' ? "3" : "");
  }
}

TEST_F(Call, ChunkedStaysChunkedWhenItComesInPieces) {
  owner->on_request([](OwnerConnection& connection) {
    connection.send(std::string(kChunkedHead) + chunk("hello "));
  });
  SimConsumer& consumer = send(get("/things/1"));
  EXPECT_THAT(consumer.received(), HasSubstr("hello "));  // not held back
  owner->last().send(chunk("world") + std::string(kLastChunk));
  network.run_until_idle();
  const Answer answer = consumer.answer();
  EXPECT_EQ(answer.body, "hello world");
  EXPECT_EQ(answer.field("Transfer-Encoding"), "chunked");
  EXPECT_EQ(answer.field("Content-Length"), "");
}

TEST_F(Call, ChunkedGetsALengthWhenItIsWhole) {
  owner->on_request([](OwnerConnection& connection) {
    connection.send(std::string(kChunkedHead) + chunk("hello ") + chunk("world") +
                    "0\r\nTrailer: x\r\n\r\n");
  });
  SimConsumer& consumer = send(get("/things/1"));
  const Answer answer = consumer.answer();
  EXPECT_EQ(answer.body, "hello world");
  EXPECT_EQ(answer.field("Content-Length"), "11");
  EXPECT_EQ(answer.field("Transfer-Encoding"), "");
  EXPECT_EQ(proxy().owner_connections(), 1u);
}

TEST_F(Call, ManySmallChunksInOneArrival) {
  std::string body;
  std::string sent(kChunkedHead);
  for (int i = 0; i < 200; ++i) {
    body += std::to_string(i) + ";";
    sent += chunk(std::to_string(i) + ";");
  }
  owner->on_request(
      [&sent](OwnerConnection& connection) { connection.send(sent + std::string(kLastChunk)); });
  SimConsumer& consumer = send(get("/things/1"));
  EXPECT_EQ(consumer.answer().body, body);
  EXPECT_EQ(proxy().owner_connections(), 1u);
}

TEST_F(Call, ChunkedToAConsumerOfHttp10EndsByClose) {
  owner->on_request([](OwnerConnection& connection) {
    connection.send(std::string(kChunkedHead) + chunk("hello "));
  });
  SimConsumer& consumer = send("GET /things/1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  owner->last().send(chunk("world") + std::string(kLastChunk));
  network.run_until_idle();
  const Answer answer = consumer.answer();
  EXPECT_EQ(answer.body, "hello world");
  EXPECT_EQ(answer.field("Transfer-Encoding"), "");
  EXPECT_EQ(answer.field("Connection"), "close");
  EXPECT_TRUE(consumer.ended());
}

TEST_F(Call, ConsumerOfHttp10) {
  SimConsumer& once = send("GET /things/1 HTTP/1.0\r\n\r\n");
  EXPECT_EQ(once.answer().body, "/things/1");
  EXPECT_TRUE(once.ended());
  SimConsumer& kept = send("GET /things/1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(kept.answer().field("Connection"), "keep-alive");
  EXPECT_FALSE(kept.is_over());
}

TEST_F(Call, OwnerOfHttp10) {
  owner->on_request([](OwnerConnection& connection) {
    connection.send("HTTP/1.0 200 OK\r\n\r\nold ");
    connection.send("owner");
    connection.close();
  });
  SimConsumer& consumer = send(get("/things/1"));
  const Answer answer = consumer.answer();
  EXPECT_EQ(answer.body, "old owner");
  EXPECT_EQ(answer.field("Transfer-Encoding"), "chunked");
  EXPECT_FALSE(consumer.is_over());
  EXPECT_EQ(proxy().owner_connections(), 0u);
}

// It asks the sidecar, not an owner.
TEST_F(Call, OptionsOfTheSidecarItself) {
  SimConsumer& consumer = send("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n");
  const Answer answer = consumer.answer();
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.field("Allow"), "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS");
  EXPECT_EQ(answer.field("Content-Length"), "");
  EXPECT_EQ(owner->connections(), 0u);
  expect_call(consumer, "/things/1");
}

TEST_F(Call, HintsOfTheOwnerArePassedOnBeforeItsAnswer) {
  owner->on_request([](OwnerConnection& connection) {
    connection.send(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n"
        "Connection: X-Hop\r\nX-Hop: 1\r\nx-internal-service: s\r\n\r\nHTT");
  });
  SimConsumer& consumer = send(get("/things/1"));
  EXPECT_EQ(consumer.received(), "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n");
  owner->last().send("P/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
  network.run_until_idle();
  EXPECT_EQ(consumer.answer().body, "ok");
  EXPECT_EQ(consumer.answer().field("Link"), "");
}

TEST_F(Call, NoHintsForAConsumerOfHttp10) {
  owner->on_request([](OwnerConnection& connection) {
    connection.send("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n");
    connection.answer("ok");
  });
  SimConsumer& consumer = send("GET /things/1 HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(consumer.received().starts_with("HTTP/1.1 200 OK\r\n"));
}

TEST_F(Call, NoHintsForAConsumerThatDoesNotRead) {
  network.options().window = 10;
  network.options().mark = 100'000;
  owner->on_request([](OwnerConnection& connection) {
    for (int i = 0; i < 10; ++i) {
      connection.send("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n");
    }
    connection.answer("ok");
  });
  SimConsumer& consumer = this->consumer();
  consumer.send(get("/things/1"));
  network.advance(std::chrono::milliseconds(1));
  consumer.pause();
  network.run_until_idle();
  consumer.resume();
  network.run_until_idle();
  const std::string hint = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
  EXPECT_TRUE(consumer.received().starts_with(hint + "HTTP/1.1 200 OK\r\n")) << consumer.received();
}

TEST_F(Call, TooManyInterimAnswers) {
  owner->on_request([](OwnerConnection& connection) {
    for (int i = 0; i < 17; ++i) connection.send("HTTP/1.1 100 Continue\r\n\r\n");
    connection.answer("late");
  });
  EXPECT_EQ(send(get("/things/1")).answer().code(), "UPSTREAM_PROTOCOL");
}

TEST_F(Call, ExpectContinueIsAnsweredHere) {
  SimConsumer& consumer =
      send("POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(consumer.received(), "HTTP/1.1 100 Continue\r\n\r\n");
  consumer.send("body");
  network.run_until_idle();
  EXPECT_EQ(consumer.answer().status, 200);
  EXPECT_EQ(owner->requests()[0].body, "body");
  EXPECT_EQ(owner->requests()[0].field("Expect"), "");
}

TEST_F(Call, WithoutAnEndpoint) {
  SimConsumer& consumer = send(get("/nowhere") + "DELETE /things/1 HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::vector<Answer> answers = consumer.answers();
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[0].status, 404);
  EXPECT_EQ(answers[0].code(), "NO_ENDPOINT");
  EXPECT_EQ(answers[1].status, 405);
  EXPECT_EQ(answers[1].field("Allow"), "GET, HEAD, PUT");
  EXPECT_EQ(network.connects(), 1u);
  EXPECT_FALSE(consumer.is_over());
}

TEST_F(Call, MalformedHeadsEndTheConnection) {
  SimConsumer& consumer =
      send("GET /things/1 HTTP/1.1\r\nHost: x\r\nA b: c\r\n\r\n" + get("/things/2"));
  EXPECT_EQ(consumer.answer().code(), "BAD_REQUEST");
  EXPECT_TRUE(consumer.ended());
  SimConsumer& bare = send("GET /things/1 HTTP/1.1\nHost: x\n\n");
  EXPECT_EQ(bare.answer().code(), "BAD_REQUEST");
  SimConsumer& large = send(get("/things/1", "X: " + std::string(40'000, 'x') + "\r\n"));
  EXPECT_EQ(large.answer().code(), "HEADERS_TOO_LARGE");
  EXPECT_EQ(owner->heads(), 0u);
}

TEST_F(Call, WhatMayNotPass) {
  settings.endpoints[0].consumer_allowed = false;
  policy(1).tenant = policy::TenantRule::Required;
  SimConsumer& consumer = send(get("/things/1") + with_body("POST /things", ""));
  const std::vector<Answer> answers = consumer.answers();
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[0].code(), "CONSUMER_NOT_ALLOWED");
  EXPECT_EQ(answers[1].code(), "MISSING_TENANT_ID");
  EXPECT_EQ(owner->heads(), 0u);
}

TEST_F(Call, TheTargetIsRewritten) {
  route::Endpoint& endpoint = settings.add(Method::Get, "/api/{a}/of/{b}", true);
  endpoint.rewrite = *route::PathTemplate::parse("/internal/{b}/{a}");
  ASSERT_TRUE(endpoint.rewrite.bind(endpoint.match));
  SimConsumer& consumer = send(get("/api/1%2F2/of/x?q=%20"));
  EXPECT_EQ(consumer.answer().body, "/internal/x/1%2F2?q=%20");
}

TEST_F(Call, ABadConnectionFieldOfTheOwner) {
  owner->on_request([](OwnerConnection& connection) {
    connection.send("HTTP/1.1 200 OK\r\nConnection: content-length\r\nContent-Length: 1\r\n\r\nx");
  });
  SimConsumer& consumer = send(get("/things/1"));
  EXPECT_EQ(consumer.answer().code(), "UPSTREAM_PROTOCOL");
  EXPECT_FALSE(consumer.is_over());
}

TEST_F(Call, GarbageFromTheOwner) {
  owner->on_request([](OwnerConnection& connection) { connection.send("SSH-2.0-x\r\n\r\n"); });
  SimConsumer& consumer = send(get("/things/1"));
  const Answer answer = consumer.answer();
  EXPECT_EQ(answer.status, 502);
  EXPECT_EQ(answer.code(), "UPSTREAM_PROTOCOL");
  EXPECT_THAT(answer.body, Not(HasSubstr("SSH")));
  EXPECT_EQ(proxy().owner_connections(), 0u);
  owner->on_request(nullptr);
  expect_call(consumer, "/things/2");
}

TEST_F(Call, AnAnswersHeadThatIsTooLarge) {
  owner->on_request([](OwnerConnection& connection) {
    connection.send("HTTP/1.1 200 OK\r\nX: " + std::string(40'000, 'x'));
  });
  EXPECT_EQ(send(get("/things/1")).answer().code(), "UPSTREAM_PROTOCOL");
}

}  // namespace
}  // namespace usher::sim
