// Raw bytes of an owner in, raw bytes at the consumer out: one test for each row of what two
// parsers could read differently.
#include "safety/response_cases.h"
#include "safety/safety_platform.h"
#include "safety/strict_client.h"

namespace e2e {
namespace {

std::string call_of(const std::string& method, const std::string& id) {
  return method + " /x/" + id + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

// The consumer's connection is in step: its next call gets its own answer.
void expect_in_step(StrictClient& client) {
  client.send(call_of("GET", "probe"), Delivery::Whole);
  const std::optional<StrictMessage> response = client.read("GET");
  ASSERT_TRUE(response) << "the connection was closed";
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "{}");
}

void expect_refusal(const StrictMessage& response) {
  EXPECT_EQ(response.status, 502) << response.body;
  EXPECT_EQ(code_of(response), "UPSTREAM_PROTOCOL");
  EXPECT_EQ(Json::parse(response.body).at("attempts"), 1) << "a malformed answer is no reason to "
                                                             "call again";
}

void expect_cut_or_refusal(StrictClient& client, const ResponseCase& example) {
  bool cut = false;
  const std::optional<StrictMessage> response = client.read(example.method, &cut);
  if (!response) {
    EXPECT_TRUE(cut);
    return;
  }
  EXPECT_FALSE(example.owner_closes) << "passed on as if it were whole";
  expect_refusal(*response);
}

void expect_answer(StrictClient& client, const ResponseCase& example) {
  if (example.fate == Fate::Cut) {
    expect_cut_or_refusal(client, example);
    return;
  }
  const std::optional<StrictMessage> response = client.read(example.method);
  ASSERT_TRUE(response) << "closed without an answer";
  if (example.fate == Fate::Refused) {
    expect_refusal(*response);
  } else {
    EXPECT_EQ(consumers_form(*response, example.method), example.consumer);
    EXPECT_EQ(client.interims(), example.interims);
  }
}

class SafeAnswer : public SafetyPlatform, public testing::WithParamInterface<ResponseCase> {};

TEST_P(SafeAnswer, HasOneMeaning) {
  const ResponseCase& example = GetParam();
  for (const Delivery delivery : kDeliveries) {
    SCOPED_TRACE(delivery == Delivery::Whole ? "whole" : "byte by byte");
    owner().set_answer({example.bytes, delivery, example.owner_closes});
    StrictClient client;
    client.send(call_of(example.method, "scripted"), Delivery::Whole);
    expect_answer(client, example);
    const std::vector<StrictOwner::Request> requests = owner().take();
    ASSERT_EQ(requests.size(), 1U);
    EXPECT_EQ(requests.front().message.target, "/x/scripted");
    // The next call is put on the same connection only where nothing was wrong with it.
    const int connection = requests.front().connection;
    const bool reused = example.fate == Fate::Passed;
    if (!reused) {
      EXPECT_TRUE(owner().ended(connection)) << "the owner's connection is open";
    }
    if (example.fate != Fate::Cut) expect_in_step(client);
    for (const StrictOwner::Request& request : good_call("good")) {
      EXPECT_EQ(request.connection == connection, reused);
    }
  }
}

std::string name(const testing::TestParamInfo<ResponseCase>& info) {
  return name_of_row(info.param.row);
}

INSTANTIATE_TEST_SUITE_P(Refused, SafeAnswer, testing::ValuesIn(refused_answers()), name);
INSTANTIATE_TEST_SUITE_P(Cut, SafeAnswer, testing::ValuesIn(cut_answers()), name);
INSTANTIATE_TEST_SUITE_P(Passed, SafeAnswer, testing::ValuesIn(passed_answers()), name);

}  // namespace
}  // namespace e2e
