// What Usher answers itself: each code, brought about for real.
#include "support/catalogue.h"
#include "support/error_check.h"

namespace e2e {
namespace {

using Errors = PlatformTest;

const std::string kStatus = path("/internal/tickets/", seed::kTicket, "/status");
const std::string kCancel = "/internal/tickets/cancel-batch";

ExpectedError of_ticket_status(std::string code, int status, std::string proxy_status) {
  return {.code = std::move(code),
          .status = status,
          .proxy_status = std::move(proxy_status),
          .service = "ticket-service",
          .endpoint = "ticket-status"};
}

// An error of the one attempt that was made. A GET may be repeated, so it is retryable.
ExpectedError after_attempt(std::string code, int status, std::string proxy_status) {
  ExpectedError expected = of_ticket_status(std::move(code), status, std::move(proxy_status));
  expected.attempts = 1;
  expected.retryable = true;
  return expected;
}

// What one attempt came to is what the consumer is told.
Config without_retries() {
  Config config;
  config.usher()["defaults"]["retry"] = "none";
  config.usher()["defaults"]["breaker"] = false;
  config.endpoint("ticket-service", "ticket-status").erase("retry");
  return config;
}

TEST_F(Errors, CallsThatLackSomethingAreRefused_M062) {
  const Sidecar& sidecar = sidecar_of("payment-service");
  expect_error(sidecar.call(get(kStatus).without("X-Tenant-ID")),
               of_ticket_status("MISSING_TENANT_ID", 400, "http_request_denied"));
  expect_error(sidecar.call(get(kStatus).without("X-Tenant-ID").with("X-Tenant-ID", "system")),
               of_ticket_status("INVALID_TENANT_ID", 400, "http_request_denied"));
  expect_error(sidecar.call(get(kStatus).with("X-User-ID", "alice@example.com")),
               of_ticket_status("INVALID_USER_ID", 400, "http_request_denied"));
  EXPECT_EQ(owners().requests("ticket").size(), 0U);
}

TEST_F(Errors, CallsWithoutAPolicyAreRefused) {
  const Sidecar& sidecar = sidecar_of("payment-service");
  expect_error(sidecar.call(get("/internal/users/by-email/alice@example.com")),
               {.code = "CONSUMER_NOT_ALLOWED",
                .status = 403,
                .proxy_status = "http_request_denied",
                .service = "auth-service",
                .endpoint = "user-by-email"});
  expect_error(sidecar.call(get("/internal/nowhere/alice@example.com")),
               {.code = "NO_ENDPOINT", .status = 404, .proxy_status = "destination_not_found"});
  Request request = get(kStatus);
  request.method = "DELETE";
  const Response response = sidecar.call(request);
  expect_error(
      response,
      {.code = "METHOD_NOT_ALLOWED", .status = 405, .proxy_status = "http_request_denied"});
  EXPECT_NE(response.fields.one("Allow").find("GET"), std::string::npos);
  for (const char* method : {"POST", "OPTIONS", "TRACE"}) {
    request.method = method;
    EXPECT_EQ(sidecar.call(request).code(), "METHOD_NOT_ALLOWED") << method;
  }
}

TEST_F(Errors, MalformedCallsAreRefusedAndTheConnectionEnds) {
  const std::string host = "Host: a\r\n";
  const std::string line = "GET " + kStatus + " HTTP/1.1\r\n";
  const std::string post_line = "POST " + kCancel + " HTTP/1.1\r\n" + host;
  const std::string malformed[] = {
      line + "\r\n",
      line + host + host + "\r\n",
      line + host + "X-A : b\r\n\r\n",
      line + host + "X-A: b\r\n c\r\n\r\n",
      line + host + "X-A: b\nX-B: c\r\n\r\n",
      line + host + "X-A: b\rc\r\n\r\n",
      line + host + std::string("X-A: b\0c\r\n\r\n", 13),
      line + host + "no colon\r\n\r\n",
      line + host + ": no name\r\n\r\n",
      line + host + "Expect: something\r\n\r\n",
      post_line + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na",
      post_line + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\na",
      post_line + "Content-Length: +1\r\n\r\na",
      post_line + "Content-Length: 1, 1\r\n\r\na",
      post_line + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
      post_line + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
      post_line + "X-Tenant-ID: " + std::string(seed::kTenant) +
          "\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      "GET  " + kStatus + " HTTP/1.1\r\n" + host + "\r\n",
      "GET " + kStatus + " HTTP/1.2\r\n" + host + "\r\n",
      "GET " + kStatus + " HTTP/2.0\r\n" + host + "\r\n",
      "GET https://a/x HTTP/1.1\r\n" + host + "\r\n",
      "GET http://b/x HTTP/1.1\r\n" + host + "\r\n",
      "GET /internal/../x HTTP/1.1\r\n" + host + "\r\n",
      "GET /internal/%2e%2e/x HTTP/1.1\r\n" + host + "\r\n",
      "GET /internal/%00 HTTP/1.1\r\n" + host + "\r\n",
      "GET /internal/%zz HTTP/1.1\r\n" + host + "\r\n",
      "GET /internal/a#b HTTP/1.1\r\n" + host + "\r\n",
      "GET //evil/x HTTP/1.1\r\n" + host + "\r\n",
      "\x16\x03\x01\x02\x00\x01\x00\x01\r\n\r\n",
      "hello\r\n\r\n"};
  for (const std::string& text : malformed) {
    SCOPED_TRACE(text);
    Client client(sidecar_of("payment-service").port());
    client.send(text);
    const Response response = client.read();
    EXPECT_EQ(response.status, 400) << response.body;
    EXPECT_EQ(response.code(), "BAD_REQUEST");
    EXPECT_EQ(response.fields.one("Connection"), "close");
    EXPECT_TRUE(client.closed_by_peer());
  }
  for (const Json& request : owners().requests("ticket")) {
    EXPECT_NE(request.at("verdict"), "served") << request.dump();
  }
  expect_error(call(sidecar_of("payment-service").port(), get("no-path")),
               {.code = "BAD_REQUEST", .status = 400, .proxy_status = "http_request_error"});
}

TEST_F(Errors, LimitsOfTheHeadAreAnswered431) {
  const Sidecar& sidecar = sidecar_of("payment-service");
  const ExpectedError expected = {
      .code = "HEADERS_TOO_LARGE", .status = 431, .proxy_status = "http_request_error"};
  expect_error(sidecar.call(get(kStatus).with("X-Long", std::string(40'000, 'x'))), expected);
  expect_error(sidecar.call(get("/" + std::string(9'000, 'x'))), expected);
  Request many = get(kStatus);
  for (int i = 0; i < 130; ++i) many = many.with("X-" + std::to_string(i), "1");
  expect_error(sidecar.call(many), expected);
  EXPECT_EQ(sidecar.call(get(kStatus).with("X-Long", std::string(25'000, 'x'))).status, 200);
}

TEST_F(Errors, SignedBodiesAboveTheLimitAreAnswered413) {
  Config config;
  config.service("ticket-service")["auth"]["preset"] = "payment";
  config.usher()["limits"]["signed_body"] = "1KiB";
  const Sidecar sidecar(config, "payment-service");
  const ExpectedError expected = {.code = "BODY_TOO_LARGE",
                                  .status = 413,
                                  .proxy_status = "http_request_error",
                                  .service = "ticket-service",
                                  .endpoint = "cancel-batch"};
  expect_error(sidecar.call(post(kCancel, std::string(1025, ' '))), expected);
  // Without a length it shows on the way.
  Client client(sidecar.port());
  client.send(
      post(kCancel, "401\r\n" + std::string(1025, ' ')).with("Transfer-Encoding", "chunked"));
  expect_error(client.read(), expected);
  EXPECT_EQ(owners().requests("ticket").size(), 0U);
}

TEST_F(Errors, ConsumersThatStallAreAnswered408) {
  Config config;
  config.usher()["outbound"]["head_timeout"] = "100ms";
  config.usher()["outbound"]["body_timeout"] = "100ms";
  config.endpoint("ticket-service", "calculate-price")["auth"] = {
      {"scheme", "hmac"}, {"preset", "standard"}, {"secret", {{"env", "INTERNAL_SERVICE_SECRET"}}}};
  const Sidecar sidecar(config, "payment-service");
  const auto stalled = [&](const std::string& text) {
    Client client(sidecar.port());
    client.send(text);
    Response response = client.read();
    EXPECT_TRUE(client.closed_by_peer());
    return response;
  };
  ExpectedError expected = {.code = "REQUEST_TIMEOUT",
                            .status = 408,
                            .proxy_status = "http_request_error",
                            .retryable = true,
                            .timeout = "request_head"};
  expect_error(stalled("GET " + kStatus + " HTTP/1.1\r\nHost: "), expected);
  const auto half = [](const std::string& target) {
    return post(target, R"({"ticketIds")").with("Content-Length", "100").text();
  };
  expected.service = "ticket-service";
  expected.endpoint = "calculate-price";
  expected.timeout = "request_body";
  expect_error(stalled(half("/internal/tickets/calculate-price")), expected);
  expected.endpoint = "cancel-batch";
  expected.attempts = 1;  // the body is passed on as it comes
  expected.retryable = false;
  expected.retry_safe = "unknown";
  expect_error(stalled(half(kCancel)), expected);
}

TEST_F(Errors, OwnersThatCannotBeReached) {
  const DeadPort dead;
  const Sidecar refused(without_retries().redirect(
                            "ticket-service", "http://127.0.0.1:" + std::to_string(dead.port())),
                        "payment-service");
  expect_error(refused.call(get(kStatus)),
               after_attempt("UPSTREAM_CONNECT_FAILED", 502, "connection_refused"));
  ExpectedError mutation = after_attempt("UPSTREAM_CONNECT_FAILED", 502, "connection_refused");
  mutation.endpoint = "cancel-batch";  // nothing was sent, so it may be tried again all the same
  expect_error(refused.call(post(kCancel, "{}")), mutation);

  const Sidecar unresolved(
      without_retries().redirect("ticket-service", "http://does-not-exist.invalid:3004"),
      "payment-service");
  for (int i = 0; i < 2; ++i) {
    expect_error(unresolved.call(get(kStatus)),
                 after_attempt("NO_HEALTHY_ADDRESS", 503, "dns_error"));
  }
}

TEST_F(Errors, OwnersWhoseAnswerIsOfNoUse) {
  const Sidecar sidecar(without_retries(), "payment-service");  // without kept connections
  for (const char* kind : {"reset", "close"}) {
    owners().clear_faults();
    owners().add_fault({{"kind", kind}});
    expect_error(sidecar.call(get(kStatus)),
                 after_attempt("UPSTREAM_RESET", 502, "connection_terminated"));
  }
  ExpectedError mutation = after_attempt("UPSTREAM_RESET", 502, "connection_terminated");
  mutation.endpoint = "cancel-batch";
  mutation.retryable = false;
  mutation.retry_safe = "unknown";
  expect_error(sidecar.call(post(kCancel, "{}")), mutation);

  owners().clear_faults();
  owners().add_fault({{"kind", "garbage"}});
  expect_error(sidecar.call(get(kStatus)),
               after_attempt("UPSTREAM_PROTOCOL", 502, "http_protocol_error"));
}

TEST_F(Errors, AnswersThatAreNotAcceptableHttpNeverPass) {
  std::vector<std::string> answers = {
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
      "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
      "HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
      "HTTP/2 200\r\n\r\n",
      "HTTP/1.1 200 OK\r\nX-A: b\r\n folded\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nX-A: b\nX-B: c\r\nContent-Length: 0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nX-Long: " + std::string(40'000, 'x') + "\r\n\r\n",
      ""};
  for (int i = 0; i < 20; ++i) answers.back() += "HTTP/1.1 100 Continue\r\n\r\n";
  // Each call comes on a connection of its own, since none survives its answer.
  RawOwner owner([&answers](Peer& peer) {
    if (peer.read()) peer.send(answers.at(static_cast<std::size_t>(peer.number())));
  });
  const Sidecar sidecar(without_retries().redirect("ticket-service", owner.address()),
                        "payment-service");
  for (const std::string& text : answers) {
    SCOPED_TRACE(text.substr(0, 80));
    expect_error(sidecar.call(get(kStatus)),
                 after_attempt("UPSTREAM_PROTOCOL", 502, "http_protocol_error"));
  }
}

TEST_F(Errors, OwnersThatHangRunOutOfTime) {
  Config config = without_retries();
  config.service("ticket-service")["per_try_timeout"] = "100ms";
  const Sidecar sidecar(config, "payment-service");
  owners().add_fault({{"kind", "hang"}});
  ExpectedError no_answer = after_attempt("UPSTREAM_TIMEOUT", 504, "connection_read_timeout");
  no_answer.timeout = "first_byte";
  expect_error(sidecar.call(get(kStatus)), no_answer);
  ExpectedError too_late = after_attempt("DEADLINE_EXCEEDED", 504, "http_response_timeout");
  too_late.timeout = "call";
  expect_error(sidecar.call(get(kStatus).with("X-Request-Timeout-Ms", "50")), too_late);
  ExpectedError no_time = of_ticket_status("DEADLINE_EXCEEDED", 504, "http_response_timeout");
  no_time.retryable = true;
  no_time.timeout = "call";
  expect_error(sidecar.call(get(kStatus).with("X-Request-Timeout-Ms", "0")), no_time);
}

TEST_F(Errors, MoreCallsThanMayWaitAreRefused) {
  Config config;
  config.service("ticket-service")["connections"] = 1;
  config.service("ticket-service")["pending"] = 1;
  const Sidecar sidecar(config, "payment-service");
  owners().add_fault({{"kind", "hang"}, {"times", 1}, {"match", "GET *"}});
  Client first(sidecar.port());
  first.send(get(kStatus));
  owners().requests("ticket", 1);  // it has the only connection
  Client second(sidecar.port());
  second.send(get(kStatus));
  EXPECT_TRUE(eventually([&] { return sidecar.metric("usher_calls_active") == 2; }));
  const Response refused = sidecar.call(get(kStatus));
  ExpectedError expected = after_attempt("OVERLOADED", 503, "connection_limit_reached");
  expect_error(refused, expected);
  // The one that waited gets the connection's place when the first is gone.
  first.socket().reset();
  EXPECT_EQ(second.read().status, 200);
}

TEST_F(Errors, AHeadOfAnErrorToHeadHasNoBody) {
  Request request = get("/internal/nowhere");
  request.method = "HEAD";
  Client client(sidecar_of("payment-service").port());
  const Response response = client.call(request);
  EXPECT_EQ(response.status, 404);
  EXPECT_NE(response.fields.one("Content-Length"), "0");
  EXPECT_EQ(client.call(get(kStatus)).status, 200) << "nothing was left on the connection";
}

}  // namespace
}  // namespace e2e
