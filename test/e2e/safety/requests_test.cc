// Raw bytes of a consumer in, raw bytes at the owner out: one test for each row of what two parsers
// could read differently.
#include <algorithm>

#include "safety/request_cases.h"
#include "safety/safety_platform.h"
#include "safety/strict_client.h"

namespace e2e {
namespace {

std::string method_of(const std::string& owners_form) {
  return owners_form.substr(0, owners_form.find(' '));
}

void expect_refusal(StrictClient& client, const RequestCase& example) {
  const std::optional<StrictMessage> response = client.read("GET");
  ASSERT_TRUE(response) << "closed without an answer";
  EXPECT_EQ(response->status, example.status) << response->body;
  EXPECT_EQ(code_of(*response), example.code);
  EXPECT_EQ(response->fields.one("Connection"), "close");
  if (!example.in_body) {
    EXPECT_EQ(Json::parse(response->body).at("attempts"), 0) << "the owner saw it";
  }
  EXPECT_TRUE(client.closed()) << "the connection was read on";
}

// The connection is in step: the next call on it gets the next answer.
void expect_in_step(StrictClient& client, std::vector<std::string>& expected) {
  client.send("GET /x/probe HTTP/1.1\r\nHost: a\r\n\r\n", Delivery::Whole);
  const std::optional<StrictMessage> response = client.read("GET");
  ASSERT_TRUE(response) << "the connection was closed";
  EXPECT_EQ(response->status, 200);
  expected.push_back(got("", "/x/probe"));
}

void expect_verdict(const RequestCase& example, Delivery delivery) {
  StrictClient client;
  client.send(example.bytes, delivery);
  std::vector<std::string> expected = example.forwarded;
  for (const std::string& call : example.forwarded) {
    const std::optional<StrictMessage> response = client.read(method_of(call));
    ASSERT_TRUE(response) << "closed without an answer";
    EXPECT_EQ(response->status, 200) << response->body;
  }
  if (example.status != 0) {
    expect_refusal(client, example);
  } else if (example.closes) {
    EXPECT_TRUE(client.closed());
  } else {
    expect_in_step(client, expected);
  }
  expected.push_back(got("", "/x/good"));
  std::vector<std::string> reached;
  for (const StrictOwner::Request& request : SafetyPlatform::good_call("good")) {
    reached.push_back(owners_form(request.message));
  }
  EXPECT_EQ(reached, expected);
}

class SafeRequest : public SafetyPlatform, public testing::WithParamInterface<RequestCase> {};

TEST_P(SafeRequest, HasOneMeaning) {
  for (const Delivery delivery : kDeliveries) {
    SCOPED_TRACE(delivery == Delivery::Whole ? "whole" : "byte by byte");
    expect_verdict(GetParam(), delivery);
  }
}

class SafeHeldBody : public SafetyPlatform, public testing::WithParamInterface<RequestCase> {};

// Where the signature covers the body, nothing of a malformed one reaches the owner at all.
TEST_P(SafeHeldBody, ReachesTheOwnerWholeOrNotAtAll) {
  RequestCase example = GetParam();
  example.in_body = false;
  example.bytes.replace(0, std::string_view("POST /x/").size(), "POST /held/");
  expect_verdict(example, Delivery::Whole);
}

std::vector<RequestCase> found_in_bodies(std::vector<RequestCase> cases) {
  std::erase_if(cases, [](const RequestCase& example) { return !example.in_body; });
  return cases;
}

std::string name(const testing::TestParamInfo<RequestCase>& info) {
  return name_of_row(info.param.row);
}

INSTANTIATE_TEST_SUITE_P(LineEnds, SafeRequest, testing::ValuesIn(line_end_cases()), name);
INSTANTIATE_TEST_SUITE_P(RequestLine, SafeRequest, testing::ValuesIn(request_line_cases()), name);
INSTANTIATE_TEST_SUITE_P(Names, SafeRequest, testing::ValuesIn(name_cases()), name);
INSTANTIATE_TEST_SUITE_P(Lengths, SafeRequest, testing::ValuesIn(length_cases()), name);
INSTANTIATE_TEST_SUITE_P(Chunks, SafeRequest, testing::ValuesIn(chunk_cases()), name);
INSTANTIATE_TEST_SUITE_P(Connections, SafeRequest, testing::ValuesIn(connection_cases()), name);
INSTANTIATE_TEST_SUITE_P(Chunks, SafeHeldBody, testing::ValuesIn(found_in_bodies(chunk_cases())),
                         name);

class SafeBodies : public SafetyPlatform {};

// A body that its consumer does not finish never looks whole to the owner (the class of HAProxy
// CVE-2026-33555), wherever it ends.
TEST_F(SafeBodies, AnEarlyEndIsACutForTheOwner) {
  const std::string calls[] = {post_with("Content-Length: 9\r\n", "abc\r\n0\r\n\r\n"),
                               chunked("3;a\r\nabc\r\n1\r\nd\r\n0\r\n\r\n")};
  for (const std::string& call : calls) {
    const std::size_t head = call.find("\r\n\r\n") + 4;
    const std::size_t whole = call.starts_with(chunked("")) ? call.size() : head + 9;
    for (std::size_t end = head; end < whole; ++end) {
      StrictClient client;
      client.send(std::string_view(call).substr(0, end), Delivery::Whole);
      client.socket().half_close();
      client.socket().read_to_end();
    }
  }
  const std::vector<StrictOwner::Request> requests = good_call("good");
  ASSERT_EQ(requests.size(), 1U) << "a cut request was taken for a whole one";
  EXPECT_EQ(requests.front().message.target, "/x/good");
}

TEST_F(SafeBodies, AskingTheServerItselfIsNoCall) {
  StrictClient client;
  client.send(line("OPTIONS * HTTP/1.1"), Delivery::Whole);
  const std::optional<StrictMessage> response = client.read("OPTIONS");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 204) << response->body;
  EXPECT_EQ(response->fields.one("Allow"), "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS");
  std::vector<std::string> expected;
  expect_in_step(client, expected);
  EXPECT_EQ(good_call("good").size(), 2U) << "the probe and the good call";
}

TEST_F(SafeBodies, MethodsWithoutAnEndpointAreNoCall) {
  for (const char* method : {"TRACE", "PUT", "PROPFIND", "SOURCE", "M-SEARCH"}) {
    StrictClient client;
    client.send(line(std::string(method) + " /x/1 HTTP/1.1"), Delivery::Whole);
    const std::optional<StrictMessage> response = client.read(method);
    ASSERT_TRUE(response);
    EXPECT_EQ(code_of(*response), "METHOD_NOT_ALLOWED") << method;
  }
  EXPECT_EQ(good_call("good").size(), 1U);
}

}  // namespace
}  // namespace e2e
