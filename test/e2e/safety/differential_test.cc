// Usher and a strict reader are given the same bytes, and must not differ in anything that passes.
#include <algorithm>

#include "safety/mutation.h"
#include "safety/request_cases.h"
#include "safety/safety_platform.h"
#include "safety/strict_client.h"

namespace e2e {
namespace {

constexpr std::uint64_t kSeed = 20261125;
constexpr int kPayloads = 4000;
constexpr std::string_view kOwnFields[] = {
    "Host",           "X-Trace-ID",        "X-Span-ID",
    "traceparent",    "X-Calling-Service", "X-Request-Timeout-Ms",
    "Content-Length", "Transfer-Encoding", "TE",
    "Connection"};

std::vector<std::string> originals() {
  std::vector<std::string> all;
  for (const auto& cases : {line_end_cases(), request_line_cases(), name_cases(), length_cases(),
                            chunk_cases(), connection_cases()}) {
    for (const RequestCase& example : cases) {
      // The few that pass are the better ones to begin with.
      const int copies = example.forwarded.empty() ? 1 : 10;
      std::string bytes = example.bytes;
      // A call that is smuggled in the table may become a call of its own by a change.
      for (auto at = bytes.find("smuggled"); at != bytes.npos; at = bytes.find("smuggled")) {
        bytes.replace(at, 8, "mutation");
      }
      if (bytes.size() < 1000) all.insert(all.end(), static_cast<std::size_t>(copies), bytes);
    }
  }
  return all;
}

// The calls that these bytes are to somebody who follows the RFCs to the letter, up to the first
// that is malformed or cut.
std::vector<StrictMessage> strict_reading(std::string_view bytes) {
  std::vector<StrictMessage> requests;
  StrictMessage request;
  while (read_strict_request(bytes, request) == Reading::Whole) {
    bytes.remove_prefix(request.size);
    requests.push_back(request);
  }
  return requests;
}

std::string origin_form(std::string target) {
  const auto scheme_end = target.find("://");
  if (target.starts_with('/') || scheme_end == target.npos) return target;
  const auto path = target.find('/', scheme_end + 3);
  return path == target.npos ? "/" : target.substr(path);
}

bool is_same_call(const StrictMessage& reached, const StrictMessage& written) {
  return reached.method == written.method && reached.target == origin_form(written.target) &&
         reached.body == written.body;
}

// Every field but the framing's is one that the consumer wrote, or Usher's own.
void expect_known_fields(const StrictMessage& reached, const StrictMessage& written) {
  for (const auto& [name, value] : reached.fields) {
    const bool is_ours = std::ranges::any_of(
        kOwnFields, [&name](std::string_view own) { return same_name(name, own); });
    const std::vector<std::string> values = written.fields.all(name);
    EXPECT_TRUE(is_ours || std::ranges::find(values, value) != values.end())
        << name << ": " << value;
  }
}

// What reached the owner is what was written, in order; calls that Usher answered itself are left
// out.
void expect_part_of(const std::vector<StrictMessage>& written,
                    const std::vector<StrictOwner::Request>& reached) {
  auto next = written.begin();
  for (const StrictOwner::Request& request : reached) {
    next = std::find_if(next, written.end(), [&](const StrictMessage& call) {
      return is_same_call(request.message, call);
    });
    ASSERT_NE(next, written.end()) << "nobody wrote " << owners_form(request.message);
    expect_known_fields(request.message, *next);
    ++next;
  }
}

// Sends it on a connection of its own and reads all that comes back, up to the connection's end.
void send(const std::string& payload, const std::vector<StrictMessage>& written) {
  StrictClient client;
  client.send(payload, Delivery::Whole);
  client.socket().half_close();
  std::size_t answers = 0;
  while (client.read(answers < written.size() ? written[answers].method : "GET")) ++answers;
}

TEST(Differential, WhatReachesTheOwnerIsWhatTheConsumerWrote) {
  SafetyPlatform::sidecar();
  RecordProperty("seed", std::to_string(kSeed));
  Mutator mutator(kSeed, originals());
  std::size_t passed = 0;
  for (int number = 0; number < kPayloads; ++number) {
    const std::string payload = mutator.next();
    SCOPED_TRACE("seed " + std::to_string(kSeed) + ", payload " + std::to_string(number) + ": " +
                 testing::PrintToString(payload));
    const std::vector<StrictMessage> written = strict_reading(payload);
    send(payload, written);
    const std::vector<StrictOwner::Request> reached = SafetyPlatform::owner().take();
    expect_part_of(written, reached);
    ASSERT_EQ(SafetyPlatform::owner().take_violations(), std::vector<std::string>());
    ASSERT_FALSE(HasFailure());
    passed += reached.size();
  }
  EXPECT_GT(passed, kPayloads / 20U) << "too few pass for the test to mean anything";
  EXPECT_EQ(SafetyPlatform::good_call("good").size(), 1U);
}

}  // namespace
}  // namespace e2e
