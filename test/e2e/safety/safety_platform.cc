#include "safety/safety_platform.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace e2e {
namespace {

constexpr std::string_view kGoodAnswer =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

Config safety_config(const std::string& owner_address) {
  Config config;
  config.services().clear();
  Json endpoints = Json::array();
  for (const char* method : {"GET", "POST", "OPTIONS"}) {
    std::string name = method;
    for (char& c : name) c = static_cast<char>(c + 32);
    endpoints.push_back({{"name", name}, {"match", std::string(method) + " /x/{id}"}});
  }
  endpoints.push_back({{"name", "held"},
                       {"match", "POST /held/{id}"},
                       {"auth",
                        {{"scheme", "hmac"},
                         {"preset", "standard"},
                         {"secret", {{"env", "INTERNAL_SERVICE_SECRET"}}}}}});
  config.services()["safety-service"] = {{"service", "safety-service"},
                                         {"addresses", {owner_address}},
                                         {"hosts", {"a:80"}},
                                         {"tenant", "optional"},
                                         {"retry", "none"},
                                         {"breaker", false},
                                         {"idempotency_key", "pass"},
                                         {"endpoints", endpoints}};
  return config;
}

// A field that Usher itself writes: it must stand there once.
void expect_one(const StrictMessage& message, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    EXPECT_EQ(message.fields.count(name), 1U) << name << " in " << message.start_line;
  }
}

}  // namespace

bool deliver(const Socket& socket, std::string_view bytes, Delivery delivery) {
  if (delivery == Delivery::Whole) return socket.write(bytes);
  // Long ones in steps, since nothing new happens at each of their bytes.
  const std::size_t step = 1 + bytes.size() / 2000;
  while (!bytes.empty()) {
    if (!socket.write(bytes.substr(0, step))) return false;
    bytes.remove_prefix(std::min(step, bytes.size()));
  }
  return true;
}

StrictOwner::StrictOwner() : owner_([this](Peer& peer) { serve(peer); }) {}

void StrictOwner::set_answer(Answer answer) {
  const std::lock_guard lock(mutex_);
  answer_ = std::move(answer);
}

std::vector<StrictOwner::Request> StrictOwner::take() {
  const std::lock_guard lock(mutex_);
  const auto first = requests_.begin() + static_cast<std::ptrdiff_t>(taken_);
  taken_ = requests_.size();
  return {first, requests_.end()};
}

bool StrictOwner::ended(int connection) {
  return eventually([&] {
    const std::lock_guard lock(mutex_);
    return std::ranges::find(ended_, connection) != ended_.end();
  });
}

std::vector<std::string> StrictOwner::take_violations() {
  const std::lock_guard lock(mutex_);
  return std::exchange(violations_, {});
}

// The next request; nothing at the connection's end.
std::optional<StrictMessage> StrictOwner::read(Peer& peer, std::string& buffer) {
  StrictMessage request;
  for (;;) {
    const Reading reading = read_strict_request(buffer, request);
    const std::string bytes = reading == Reading::Incomplete ? peer.read_some() : std::string();
    const std::lock_guard lock(mutex_);
    if (reading == Reading::Malformed) violations_.push_back(request.fault + ": " + buffer);
    if (reading == Reading::Malformed) return std::nullopt;
    if (reading == Reading::Incomplete && bytes.empty()) return std::nullopt;
    buffer += bytes;
    if (reading == Reading::Incomplete) continue;
    buffer.erase(0, request.size);
    // No call is put on a connection before the last one is answered.
    if (!buffer.empty()) violations_.push_back("bytes behind a request: " + buffer);
    if (request.target.find("smuggled") != std::string::npos) {
      violations_.push_back("a smuggled request: " + request.start_line);
    }
    requests_.push_back({peer.number(), request});
    return request;
  }
}

// False when the connection ends behind it.
bool StrictOwner::answer(Peer& peer, const StrictMessage& request) {
  Answer answer{.bytes = std::string(kGoodAnswer)};
  if (request.target == "/x/scripted") {
    const std::lock_guard lock(mutex_);
    answer = answer_;
  } else if (request.method == "HEAD") {
    answer.bytes.resize(answer.bytes.size() - 2);
  }
  deliver(peer.socket(), answer.bytes, answer.delivery);
  return !answer.closes;
}

void StrictOwner::serve(Peer& peer) {
  std::string buffer;
  try {
    while (const std::optional<StrictMessage> request = read(peer, buffer)) {
      if (!answer(peer, *request)) break;
    }
  } catch (const std::exception&) {  // the program is over
  }
  const std::lock_guard lock(mutex_);
  ended_.push_back(peer.number());
}

StrictOwner& SafetyPlatform::owner() {
  static StrictOwner instance;
  return instance;
}

Sidecar& SafetyPlatform::sidecar() {
  owner();  // outlives the sidecar
  static Sidecar instance(safety_config("http://127.0.0.1:" + std::to_string(owner().port())),
                          "payment-service");
  return instance;
}

std::vector<StrictOwner::Request> SafetyPlatform::good_call(const std::string& marker) {
  Request request{.method = "GET", .target = "/x/" + marker, .fields = {}, .body = {}};
  const Response response = sidecar().call(request);
  EXPECT_EQ(response.status, 200) << "a good call on another connection: " << response.body;
  return owner().take();
}

void SafetyPlatform::SetUp() {
  sidecar();
  owner().take();
}

void SafetyPlatform::TearDown() {
  EXPECT_TRUE(sidecar().process().running());
  EXPECT_EQ(owner().take_violations(), std::vector<std::string>());
}

std::string owners_form(const StrictMessage& request) {
  std::vector<std::string> ours = {"Host",        "X-Trace-ID",        "X-Span-ID",
                                   "traceparent", "X-Calling-Service", "X-Request-Timeout-Ms"};
  expect_one(request, ours);
  if (request.target.starts_with("/held/")) {
    for (const char* name : {"x-internal-service", "x-internal-timestamp", "x-internal-nonce",
                             "x-internal-signature"}) {
      ours.emplace_back(name);
    }
  }
  return normal_form(request, ours);
}

std::string consumers_form(const StrictMessage& response, const std::string& method) {
  std::vector<std::string> ours = {"X-Trace-ID", "X-Span-ID", "Usher-Endpoint", "Usher-Attempts"};
  expect_one(response, ours);
  // How long this connection lives is between its two ends alone.
  for (const std::string& option : response.fields.all("Connection")) {
    EXPECT_TRUE(option == "close" || option == "keep-alive") << option;
  }
  ours.insert(ours.end(), {"Connection", "Keep-Alive"});
  if (method != "HEAD" && response.status != 204 && response.status != 304) {
    ours.insert(ours.end(), {"Content-Length", "Transfer-Encoding"});
  }
  return normal_form(response, ours);
}

std::string name_of_row(std::string_view row) {
  std::string name;
  bool upper = true;
  for (const char c : row) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0) name += static_cast<char>(upper ? std::toupper(byte) : byte);
    upper = std::isalnum(byte) == 0;
  }
  return name;
}

}  // namespace e2e
