// Tenant, user and trace: what a call must carry, what the owner gets, what is answered back.
#include <regex>

#include "support/catalogue.h"
#include "support/platform.h"

namespace e2e {
namespace {

class Context : public PlatformTest {
 protected:
  explicit Context(Config config = Config())
      : config_(std::move(config)),
        sidecar_(config_.redirect("ticket-service", owner_.address()), "payment-service") {}

  static Request status() { return get("/internal/tickets/1/status"); }
  static Request status_of(const std::string& tenant) {
    return status().without("X-Tenant-ID").with("X-Tenant-ID", tenant);
  }
  // The next call as the owner got it.
  Message pass(const Request& request) {
    const std::size_t before = owner_.requests().size();
    const Response response = sidecar_.call(request);
    EXPECT_EQ(response.status, 200) << response.body;
    return owner_.requests(before + 1).back();
  }
  // Refused with this code, and the owner has heard nothing.
  void refuse(const Request& request, const std::string& code) {
    const std::size_t before = owner_.requests().size();
    const Response response = sidecar_.call(request);
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(response.code(), code);
    EXPECT_EQ(owner_.requests().size(), before);
  }

  RawOwner owner_;
  Config config_;
  Sidecar sidecar_;
};

bool matches(const std::string& text, const char* pattern) {
  return std::regex_match(text, std::regex(pattern));
}

TEST_F(Context, TenantIsRequiredCheckedAndForwarded_M053) {
  refuse(status().without("X-Tenant-ID"), "MISSING_TENANT_ID");
  refuse(status_of(""), "MISSING_TENANT_ID");
  const std::string tenant(seed::kTenant);
  for (const std::string& invalid :
       {std::string("system"), std::string("undefined"), tenant + "0", tenant.substr(1),
        "{" + tenant + "}", tenant + ", " + tenant, "g" + tenant.substr(1)}) {
    refuse(status_of(invalid), "INVALID_TENANT_ID");
  }
  refuse(status().with("X-Tenant-ID", tenant), "INVALID_TENANT_ID");
  refuse(status().with("x-tenant-id", std::string(seed::kOtherTenant)), "INVALID_TENANT_ID");
  EXPECT_EQ(pass(status()).fields.one("X-Tenant-ID"), tenant);
  // The platform's default tenant is of no version.
  const std::string unversioned = "00000000-0000-0000-0000-000000000001";
  EXPECT_EQ(pass(status_of(unversioned)).fields.one("X-Tenant-ID"), unversioned);
}

TEST_F(Context, UserIsForwardedAndCheckedWhenPresent_M054) {
  EXPECT_EQ(pass(status()).fields.count("X-User-ID"), 0U);
  const std::string user(seed::kAlice);
  EXPECT_EQ(pass(status().with("X-User-ID", user)).fields.one("X-User-ID"), user);
  refuse(status().with("X-User-ID", "alice"), "INVALID_USER_ID");
  refuse(status().with("X-User-ID", user).with("X-User-ID", user), "INVALID_USER_ID");
}

TEST_F(Context, TraceIsKeptOrMadeAndAnsweredOnEveryAnswer_M055) {
  const Request traced =
      status().with("X-Trace-ID", "mint-worker-1768210800000-x7").with("X-Span-ID", "span-1");
  const Message kept = pass(traced);
  EXPECT_EQ(kept.fields.one("X-Trace-ID"), "mint-worker-1768210800000-x7");
  EXPECT_EQ(kept.fields.count("X-Span-ID"), 1U);
  EXPECT_EQ(sidecar_.call(traced).fields.one("X-Trace-ID"), "mint-worker-1768210800000-x7");

  const Message made = pass(status());
  EXPECT_TRUE(matches(made.fields.one("X-Trace-ID"), "[0-9a-f]{32}"));
  EXPECT_TRUE(matches(made.fields.one("X-Span-ID"), "[0-9a-f]{16}"));
  const Response answered = sidecar_.call(status());
  EXPECT_EQ(answered.fields.one("X-Trace-ID"), owner_.requests().back().fields.one("X-Trace-ID"));
  EXPECT_NE(answered.fields.one("X-Trace-ID"), made.fields.one("X-Trace-ID"));

  // On errors as well, whatever the call was refused for.
  const Request refused[] = {traced.without("X-Tenant-ID"),
                             get("/nowhere").with("X-Trace-ID", "t-1"),
                             get("/internal/tickets/1/transfer").with("X-Trace-ID", "t-2"),
                             get("/internal/users/1").with("X-Trace-ID", "t-3")};
  for (const Request& request : refused) {
    const Response response = sidecar_.call(request);
    EXPECT_GE(response.status, 400);
    EXPECT_EQ(response.fields.one("X-Trace-ID"), request.fields.one("X-Trace-ID"));
  }
  const Response malformed = sidecar_.call(status().with("bad name", "x"));
  EXPECT_EQ(malformed.code(), "BAD_REQUEST");
  EXPECT_TRUE(matches(malformed.fields.one("X-Trace-ID"), "[0-9a-f]{32}"));
}

TEST_F(Context, TraceThatIsNoHeaderTextIsReplaced) {
  for (const std::string& bad :
       {std::string(129, 'x'), std::string("two words"), std::string("")}) {
    const Message received = pass(status().with("X-Trace-ID", bad));
    EXPECT_TRUE(matches(received.fields.one("X-Trace-ID"), "[0-9a-f]{32}")) << bad;
  }
}

TEST_F(Context, TraceparentIsContinuedWithANewSpanOrMade) {
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  const std::string parent = "00f067aa0ba902b7";
  const std::string given = "00-" + trace + "-" + parent + "-00";
  const std::string continued =
      pass(status().with("traceparent", given).with("tracestate", "a=1")).fields.one("traceparent");
  EXPECT_TRUE(matches(continued, "00-[0-9a-f]{32}-[0-9a-f]{16}-00")) << continued;
  EXPECT_EQ(continued.substr(3, 32), trace);
  EXPECT_NE(continued.substr(36, 16), parent);
  EXPECT_EQ(owner_.requests().back().fields.one("tracestate"), "a=1");
  EXPECT_EQ(owner_.requests().back().fields.one("X-Trace-ID"), trace);

  const std::string invalid[] = {"", "00-" + trace + "-" + parent,
                                 "ff-" + trace + "-" + parent + "-01",
                                 "00-" + std::string(32, '0') + "-" + parent + "-01"};
  for (const std::string& text : invalid) {
    const std::string made = pass(status().with("traceparent", text)).fields.one("traceparent");
    EXPECT_TRUE(matches(made, "00-[0-9a-f]{32}-[0-9a-f]{16}-01")) << made;
    EXPECT_NE(made.substr(3, 32), trace);
  }
}

TEST_F(Context, CallingServiceIsTheConfiguredConsumer) {
  const Message received = pass(status().with("X-Calling-Service", "admin-service"));
  EXPECT_EQ(received.fields.one("X-Calling-Service"), "payment-service");
}

TEST_F(Context, TimeLeftIsToldToTheOwner) {
  const Message received = pass(status().with("X-Request-Timeout-Ms", "2000"));
  const int left = std::stoi(received.fields.one("X-Request-Timeout-Ms"));
  EXPECT_LE(left, 2000);
  EXPECT_GT(left, 0);
  EXPECT_LE(std::stoi(pass(status()).fields.one("X-Request-Timeout-Ms")), 3000);
}

TEST_F(Context, BothAttemptsOfARepeatedCallCarryTheSameIdentity_M059) {
  RawOwner owner([](Peer& peer) {
    if (!peer.read()) return;
    peer.answer();
    if (peer.number() == 0) peer.read();
  });
  const Sidecar sidecar(Config().redirect("ticket-service", owner.address()), "payment-service");
  const Request request =
      status().with("X-User-ID", std::string(seed::kAlice)).with("X-Trace-ID", "stable-trace");
  EXPECT_EQ(sidecar.call(request).status, 200);
  EXPECT_EQ(sidecar.call(request).fields.one("Usher-Attempts"), "2");
  const std::vector<Message> attempts = owner.requests(3);
  for (const char* name : {"X-Tenant-ID", "X-User-ID", "X-Trace-ID"}) {
    EXPECT_EQ(attempts[1].fields.one(name), request.fields.one(name));
    EXPECT_EQ(attempts[2].fields.one(name), request.fields.one(name));
  }
  EXPECT_NE(attempts[1].fields.one("traceparent"), attempts[2].fields.one("traceparent"));
}

Config lenient() {
  Config config;
  Json& service = config.service("ticket-service");
  service["tenant"] = "optional";
  config.endpoint("ticket-service", "order-tickets")["tenant"] = "none";
  config.endpoint("ticket-service", "cancel-batch")["tenant"] = "required";
  config.endpoint("ticket-service", "cancel-batch")["tenant_format"] = "uuid";
  config.endpoint("ticket-service", "calculate-price")["tenant_format"] = "opaque";
  return config;
}

class Policies : public Context {
 protected:
  Policies() : Context(lenient()) {}
};

// allowNoTenant is "tenant", trustedServices "consumers", strictMode "tenant_format".
TEST_F(Policies, TenantAndItsFormatAndTheAllowlistArePerEndpoint_M056) {
  EXPECT_EQ(pass(status().without("X-Tenant-ID")).fields.count("X-Tenant-ID"), 0U);
  refuse(status_of("system"), "INVALID_TENANT_ID");
  const Request unchecked =
      get("/internal/orders/1/tickets").without("X-Tenant-ID").with("X-Tenant-ID", "system");
  EXPECT_EQ(pass(unchecked).fields.one("X-Tenant-ID"), "system");

  const Request strict = post("/internal/tickets/cancel-batch", "{}").without("X-Tenant-ID");
  refuse(strict, "MISSING_TENANT_ID");
  refuse(strict.with("X-Tenant-ID", "00000000-0000-0000-0000-000000000001"), "INVALID_TENANT_ID");
  pass(strict.with("X-Tenant-ID", std::string(seed::kTenant)));

  const Request opaque = post("/internal/tickets/calculate-price", "{}").without("X-Tenant-ID");
  EXPECT_EQ(pass(opaque.with("X-Tenant-ID", "system")).fields.one("X-Tenant-ID"), "system");
  refuse(opaque.with("X-Tenant-ID", "two words"), "INVALID_TENANT_ID");

  const Response stranger = sidecar_.call(post("/internal/tickets/1/transfer", "{}"));
  EXPECT_EQ(stranger.status, 403);
  EXPECT_EQ(stranger.code(), "CONSUMER_NOT_ALLOWED");
}

}  // namespace
}  // namespace e2e
