#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/config/loader_fixture.h"

namespace usher::config::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST_F(LoaderTest, BuiltInDefaults) {
  EXPECT_THAT(with_usher(kUsher), IsEmpty());
  const auto snapshot = loaded();
  ASSERT_NE(snapshot, nullptr);
  EXPECT_EQ(snapshot->consumer, "payment-service");
  EXPECT_EQ(snapshot->workers, 1U);
  EXPECT_TRUE(snapshot->annotate);
  EXPECT_EQ(snapshot->admin.text, "127.0.0.1:7400");
  ASSERT_EQ(snapshot->listeners.size(), 1U);
  EXPECT_EQ(snapshot->listeners[0].addresses[0].text, "127.0.0.1:7401");
  ASSERT_EQ(snapshot->endpoints.size(), 1U);
  const route::Endpoint& endpoint = *snapshot->endpoints[0];
  EXPECT_EQ(endpoint.service, "a");
  EXPECT_EQ(endpoint.signer, 0U);
  EXPECT_TRUE(endpoint.consumer_allowed);
  EXPECT_TRUE(policy::may_repeat(endpoint.repeatability(false)));
  EXPECT_EQ(endpoint.policy.timeout, Duration(9s));
  EXPECT_EQ(endpoint.policy.per_try_timeout, Duration(3s));
  EXPECT_EQ(snapshot->signers[0]->scheme(), "none");
}

TEST_F(LoaderTest, EveryKeyOfUsherJson) {
  directory_.write("services/a.json", service("a"));
  directory_.write("usher.json", R"({
    "$schema": "x", "consumer": "a", "workers": 3,
    "outbound": {"listen": ["localhost:1", "unix:/tmp/u"], "unmatched": "refuse", "annotate": false,
                 "head_timeout": "1s", "idle_timeout": "2s", "body_timeout": "3s"},
    "admin": {"listen": "unix:/tmp/admin"},
    "limits": {"request_head": "16KiB", "request_target": "4KiB", "header_count": 7,
               "signed_body": "2MiB", "buffer": "8KiB", "memory": "5MiB", "connections": 9},
    "drain": {"delay": "4s", "timeout": "5s"},
    "log": {"level": "warn", "access": "all"},
    "defaults": {"tenant": "optional", "tenant_format": "uuid", "user_format": "opaque",
                 "timeout": "8s", "per_try_timeout": "2s", "connect_timeout": "500ms", "body_timeout": "20s",
                 "idempotent": false}})");
  const auto snapshot = loaded();
  ASSERT_NE(snapshot, nullptr);
  EXPECT_EQ(snapshot->workers, 3U);
  EXPECT_EQ(snapshot->listeners[0].addresses.size(), 2U);
  EXPECT_FALSE(snapshot->annotate);
  EXPECT_EQ(snapshot->consumer_timeouts.head, Duration(1s));
  EXPECT_EQ(snapshot->consumer_timeouts.idle, Duration(2s));
  EXPECT_EQ(snapshot->consumer_timeouts.body, Duration(3s));
  EXPECT_EQ(snapshot->admin.unix_path, "/tmp/admin");
  EXPECT_EQ(snapshot->limits.head.head_bytes, 16384U);
  EXPECT_EQ(snapshot->limits.head.target_bytes, 4096U);
  EXPECT_EQ(snapshot->limits.head.field_count, 7U);
  EXPECT_EQ(snapshot->limits.signed_body_bytes, 2097152U);
  EXPECT_EQ(snapshot->limits.buffer_bytes, 8192U);
  EXPECT_EQ(snapshot->limits.memory_bytes, 5242880U);
  EXPECT_EQ(snapshot->limits.connections, 9U);
  EXPECT_EQ(snapshot->drain.delay, Duration(4s));
  EXPECT_EQ(snapshot->drain.timeout, Duration(5s));
  EXPECT_EQ(snapshot->log_level, LogLevel::Warn);
  EXPECT_EQ(snapshot->access_log, AccessLog::All);
  const policy::EndpointPolicy& policy = snapshot->endpoints[0]->policy;
  EXPECT_EQ(policy.tenant, policy::TenantRule::Optional);
  EXPECT_EQ(policy.tenant_format, policy::IdFormat::Uuid);
  EXPECT_EQ(policy.user_format, policy::IdFormat::Opaque);
  EXPECT_EQ(policy.timeout, Duration(8s));
  EXPECT_EQ(policy.per_try_timeout, Duration(2s));
  EXPECT_EQ(policy.connect_timeout, Duration(500ms));
  EXPECT_EQ(policy.body_timeout, Duration(20s));
  EXPECT_EQ(policy.idempotent, policy::IdempotentRule::No);
}

TEST_F(LoaderTest, MistakesInUsherJson) {
  const std::string listen =
      R"(; expected "127.0.0.1:7401", "[::1]:7401", "localhost:7401" or "unix:/path")";
  const std::string duration =
      R"(; expected a duration from 1ms to 1h, such as "250ms", "5s" or "1m")";
  const std::pair<std::string, std::string> cases[] = {
      {"\"workers\": 0", "2:12: \"workers\" is 0; expected a whole number from 1 to 64"},
      {"\"workers\": 65", "2:12: \"workers\" is 65; expected a whole number from 1 to 64"},
      {"\"workers\": 1.5", "2:12: \"workers\" is 1.5; expected a whole number from 1 to 64"},
      {"\"workers\": \"2\"", "2:12: \"workers\" is \"2\"; expected a whole number from 1 to 64"},
      {"\"worker\": 1",
       "2:1: unknown key \"worker\"; did you mean \"workers\"? Allowed here: \"$schema\", "
       "\"consumer\", \"workers\", \"outbound\", \"admin\", \"limits\", \"drain\", \"log\", "
       "\"cache\", \"retry_presets\", \"defaults\""},
      {"\"xyzzyxyzzy\": 1",
       "2:1: unknown key \"xyzzyxyzzy\"; allowed here: \"$schema\", \"consumer\", \"workers\", "
       "\"outbound\", \"admin\", \"limits\", \"drain\", \"log\", \"cache\", \"retry_presets\", "
       "\"defaults\""},
      {"\"inbound\": {}",
       "2:1: the key \"inbound\" is not available in this version; leave it out"},
      {"\"outbound\": []", "2:13: \"outbound\" is an array; expected an object"},
      {"\"outbound\": {\"listen\": \"a:1\"}",
       "2:24: the host of \"a:1\" is not a literal address" + listen},
      {"\"outbound\": {\"listen\": []}",
       "2:24: \"listen\" is an empty list; expected an address or a list of addresses"},
      {"\"outbound\": {\"listen\": [7]}",
       "2:25: \"listen\" is 7; expected an address or a list of addresses"},
      {"\"outbound\": {\"listen\": 7}",
       "2:24: \"listen\" is 7; expected an address or a list of addresses"},
      {"\"outbound\": {\"connect\": [\"db.example.com\"]}",
       "2:26: \"db.example.com\" has no port; expected a host and a port such as "
       "\"db.example.com:5432\", \"*.example.com:443\" or \"10.0.0.0/8:443\""},
      {"\"outbound\": {\"unmatched\": \"x\"}",
       "2:27: \"unmatched\" is \"x\"; expected one of \"refuse\", \"forward\""},
      {"\"outbound\": {\"annotate\": 1}", "2:26: \"annotate\" is 1; expected true or false"},
      {"\"outbound\": {\"head_timeout\": \"5\"}", "2:30: \"head_timeout\" is \"5\"" + duration},
      {"\"outbound\": {\"idle_timeout\": \"0s\"}", "2:30: \"idle_timeout\" is \"0s\"" + duration},
      {"\"outbound\": {\"body_timeout\": 5}", "2:30: \"body_timeout\" is 5" + duration},
      {"\"admin\": {\"listen\": \"0.0.0.0:7400\"}",
       "2:21: \"0.0.0.0:7400\" can be reached from outside, and the admin interface has no login; "
       "expected a loopback address or \"unix:/path\""},
      {"\"admin\": {\"listen\": \"127.0.0.1:7401\"}",
       "2:21: \"127.0.0.1:7401\" clashes with \"127.0.0.1:7401\" (the default); choose another "
       "port or path"},
      {"\"limits\": {\"buffer\": \"1KiB\"}",
       "2:22: \"buffer\" is \"1KiB\"; expected a size from 4KiB to 16MiB, such as \"512B\", "
       "\"64KiB\" or \"1MiB\""},
      {"\"limits\": {\"signed_body\": \"33MiB\"}",
       "2:27: \"signed_body\" of 33MiB is more than half of \"memory\" of 64MiB; lower it, or "
       "raise "
       "\"memory\""},
      {"\"limits\": {\"memory\": \"1MiB\"}",
       "2:22: \"signed_body\" of 1MiB is more than half of \"memory\" of 1MiB; lower it, or raise "
       "\"memory\""},
      {"\"limits\": {\"request_target\": \"64KiB\"}",
       "2:30: \"request_target\" of 64KiB is larger than \"request_head\" of 32KiB, which holds "
       "it; lower it"},
      {"\"drain\": {\"timeout\": \"2h\"}",
       "2:22: \"timeout\" is \"2h\"; expected a duration from 0s to 1h, such as \"250ms\", \"5s\" "
       "or \"1m\""},
      {"\"log\": {\"level\": \"loud\"}",
       "2:18: \"level\" is \"loud\"; expected one of \"debug\", \"info\", \"warn\", \"error\""},
      {"\"defaults\": {\"safe\": true}",
       "2:14: the key \"safe\" stands at endpoints only; write it at each that it is for"},
  };
  for (const auto& [member, message] : cases) {
    EXPECT_THAT(with_usher("{\"consumer\": \"a\",\n" + member + "}"),
                ElementsAre("usher.json:" + message))
        << member;
  }
}

TEST_F(LoaderTest, TheConsumer) {
  EXPECT_THAT(with_usher("{}"),
              ElementsAre("usher.json:1:1: \"consumer\" is missing; it is required here"));
  EXPECT_THAT(
      with_usher(R"({"consumer": "Payment"})"),
      ElementsAre("usher.json:1:14: \"consumer\" is \"Payment\"; expected a name of 1 to 64 "
                  "of a-z, 0-9 and -"));
  EXPECT_THAT(with_usher(R"({"consumer": 7})"),
              ElementsAre("usher.json:1:14: \"consumer\" is a number; expected a string, {\"env\": "
                          "\"NAME\"} or {\"file\": \"/path\"}"));
  EXPECT_THAT(
      with_usher(R"({"consumer": {"env": "USHER_TEST_NO"}})"),
      ElementsAre("usher.json:1:14: \"consumer\": environment variable USHER_TEST_NO is not "
                  "set; set it"));
  EXPECT_THAT(with_usher(R"({"consumer": {"envv": "A"}})"),
              ElementsAre("usher.json:1:14: \"consumer\" is not a reference; expected {\"env\": "
                          "\"NAME\"} or {\"file\": \"/path\"}, or {\"env\": \"NAME\", \"default\": "
                          "\"value\"}"));
  EXPECT_THAT(with_usher(R"({"consumer": {"env": "USHER_TEST_NO", "default": "b"}})"), IsEmpty());
  EXPECT_EQ(loaded()->consumer, "b");
  environment_.set("USHER_TEST_NAME", "c");
  EXPECT_THAT(with_usher(R"({"consumer": {"env": "USHER_TEST_NAME", "default": "b"}})"), IsEmpty());
  EXPECT_EQ(loaded()->consumer, "c");
  directory_.write("name", "d\n");
  EXPECT_THAT(with_usher(R"({"consumer": {"file": "name"}})"), IsEmpty());
  EXPECT_EQ(loaded()->consumer, "d");
  EXPECT_THAT(with_usher(R"({"consumer": {"file": "none"}})"),
              ElementsAre("usher.json:1:23: the file none cannot be opened: No such file or "
                          "directory"));
}

TEST_F(LoaderTest, MistakesInAService) {
  const std::pair<std::string, std::string> cases[] = {
      {"\"timout\": \"1s\"",
       "2:1: unknown key \"timout\"; did you mean \"timeout\"? Allowed here: \"$schema\", "
       "\"service\", \"addresses\", \"hosts\", \"listen\", \"base_path\", \"prefix\", \"auth\", "
       "\"consumers\", "
       "\"connections\", \"pending\", \"owner_concurrency\", \"retry_budget\", \"outlier\", "
       "\"endpoints\", \"tenant\", \"tenant_format\", "
       "\"user_format\", \"timeout\", \"per_try_timeout\", \"connect_timeout\", \"body_timeout\", "
       "\"idempotent\", \"idempotency_key\", \"retry\", \"breaker\", \"concurrency\", \"hedge\""},
      {"\"cache\": {}",
       "2:1: the key \"cache\" stands at endpoints only; write it at each that it is for"},
      {"\"listen\": \"x\"",
       "2:11: \"x\" is not an address to listen on; expected \"127.0.0.1:7401\", \"[::1]:7401\", "
       "\"localhost:7401\" or \"unix:/path\""},
      {"\"listen\": \"127.0.0.1:7401\"",
       "2:11: \"127.0.0.1:7401\" clashes with \"127.0.0.1:7401\" (the default); choose another "
       "port "
       "or path"},
      {"\"base_path\": \"/x/\"",
       "2:14: \"base_path\" ends with '/'; leave that out, the path behind it begins with one"},
      {"\"base_path\": \"x\"", "2:14: \"base_path\": a path template begins with '/'"},
      {"\"prefix\": \"/{x}\"",
       "2:11: \"prefix\" has a parameter; it is the same for every call, give each endpoint a "
       "\"rewrite\" instead"},
      {"\"consumers\": []",
       "2:14: \"consumers\" is an empty list; expected a list of names; leave it out to allow "
       "every "
       "consumer"},
      {"\"consumers\": [\"payment-service\", \"A b\"]",
       "2:34: \"consumers\" is \"A b\"; expected a name of 1 to 64 of a-z, 0-9 and -"},
      {"\"connections\": 0", "2:16: \"connections\" is 0; expected a whole number from 1 to 65535"},
      {"\"pending\": -1", "2:12: \"pending\" is -1; expected a whole number from 0 to 1000000"},
      {"\"tenant\": \"requird\"",
       "2:11: \"tenant\" is \"requird\"; did you mean \"required\"? Expected one of \"required\", "
       "\"optional\", \"none\""},
      {"\"auth\": {}", "2:9: \"scheme\" is missing; it is required here"},
      {"\"auth\": \"hmac\"", "2:9: \"auth\" is \"hmac\"; expected an object"},
      {"\"auth\": {\"scheme\": \"hmca\"}",
       "2:20: \"scheme\" is \"hmca\"; did you mean \"hmac\"? Expected one of \"hmac\", "
       "\"service-jwt\", \"api-key\", "
       "\"none\""},
      {"\"auth\": {\"scheme\": \"none\", \"key\": 1}",
       "2:28: the scheme \"none\" has no \"key\"; leave it out or choose another scheme"},
      {"\"auth\": {\"scheme\": \"none\", \"insecure\": 1}",
       "2:40: \"insecure\" is 1; expected true or false"},
  };
  for (const auto& [member, message] : cases) {
    EXPECT_THAT(with_member(member), ElementsAre("services/a.json:" + message)) << member;
  }
}

TEST_F(LoaderTest, AServiceNeedsItsParts) {
  EXPECT_THAT(with_service("{}"),
              ElementsAre("services/a.json:1:1: \"addresses\" is missing; it is required here",
                          "services/a.json:1:1: \"endpoints\" is missing; it is required here",
                          "services/a.json:1:1: \"service\" is missing; it is required here"));
  EXPECT_THAT(
      with_service(R"({"service": "A", "addresses": [], "endpoints": {}})"),
      ElementsAre("services/a.json:1:13: \"service\" is \"A\"; expected a name of 1 to 64 of "
                  "a-z, 0-9 and -",
                  "services/a.json:1:31: \"addresses\" is an empty list; expected a list "
                  "such as [\"http://ticket-service:3004\"]",
                  "services/a.json:1:48: \"endpoints\" is an object; expected a list of at "
                  "least one endpoint"));
  EXPECT_THAT(
      with_service(R"({"service": "a", "addresses": ["https://a", 7], "endpoints": [7]})"),
      ElementsAre("services/a.json:1:32: \"https://a\": TLS to owners is not available in this "
                  "version; use http://",
                  "services/a.json:1:45: \"addresses\" is a number; expected a string, {\"env\": "
                  "\"NAME\"} or {\"file\": \"/path\"}",
                  "services/a.json:1:63: this is 7; expected an object"));
}

TEST_F(LoaderTest, MistakesInAnEndpoint) {
  const std::pair<std::string, std::string> cases[] = {
      {"\"rewrite\": \"/b/{y}\"",
       "2:12: \"rewrite\" has the parameter {y}, which \"match\" does not have; it has {x}"},
      {"\"rewrite\": \"b\"", "2:12: \"rewrite\": a path template begins with '/'"},
      {"\"rewrite\": 1", "2:12: \"rewrite\" is 1; expected a path"},
      {"\"safe\": true, \"idempotent\": false",
       "2:9: \"safe\": true contradicts \"idempotent\": false beside it; what only reads may be "
       "repeated, leave out one"},
  };
  for (const auto& [member, message] : cases) {
    EXPECT_THAT(with_endpoint_member(member), ElementsAre("services/a.json:" + message)) << member;
  }
}

TEST_F(LoaderTest, ATimeThatIsLongerThanTheOneAroundItIsSuspicious) {
  const std::pair<std::string, std::string> cases[] = {
      {"\"timeout\": \"2s\", \"per_try_timeout\": \"3s\"",
       "2:37: warning: \"per_try_timeout\" of 3s is longer than \"timeout\" of 2s "
       "(services/a.json:2:12), "
       "which ends first; lower it or raise \"timeout\""},
      {"\"per_try_timeout\": \"12s\"",
       "2:20: warning: \"per_try_timeout\" of 12s is longer than \"timeout\" of 9s (built-in), "
       "which ends "
       "first; lower it or raise \"timeout\""},
      {"\"connect_timeout\": \"4s\"",
       "2:20: warning: \"connect_timeout\" of 4s is longer than \"per_try_timeout\" of 3s "
       "(built-in), which "
       "ends first; lower it or raise \"per_try_timeout\""},
  };
  for (const auto& [member, message] : cases) {
    EXPECT_THAT(warnings_with_endpoint_member(member), ElementsAre("services/a.json:" + message))
        << member;
  }
  EXPECT_EQ(loaded()->endpoints[0]->policy.connect_timeout, 3s) << "it is cut";
  EXPECT_THAT(warnings_with_endpoint_member(
                  "\"timeout\": \"2s\", \"per_try_timeout\": \"2s\", \"connect_timeout\": \"2s\""),
              IsEmpty());
}

TEST_F(LoaderTest, MistakesInAMatch) {
  const std::string methods =
      "xpected \"METHOD /path\", METHOD being one of \"GET\", \"HEAD\", \"POST\", \"PUT\", "
      "\"DELETE\", \"PATCH\", \"OPTIONS\"";
  const std::string wanted = "; e" + methods;
  const std::pair<std::string, std::string> cases[] = {
      {"", "\"match\" is \"\"" + wanted},
      {"/a", "\"match\" is \"/a\"" + wanted},
      {"get /a", "\"match\" is \"get /a\"; did you mean \"GET /a\"? E" + methods},
      {"Ptach /{x}", "\"match\" is \"Ptach /{x}\"; did you mean \"PATCH /{x}\"? E" + methods},
      {"CONNECT /a", "\"match\" is \"CONNECT /a\"" + wanted},
      {"GET  /a", "\"match\": a path template begins with '/'"},
      {"GET /a//b",
       "\"match\": an empty segment (\\\"//\\\"); owners do not skip it, write one '/'"},
      {"GET /a?b", "\"match\": a template is a path alone; leave out what begins with '?'"},
  };
  for (const auto& [match, escaped] : cases) {
    std::string message = escaped;
    for (std::size_t at = 0; (at = message.find('\\')) != std::string::npos;) message.erase(at, 1);
    EXPECT_THAT(
        with_service("{\"service\": \"a\", \"addresses\": [\"http://a\"], \"endpoints\": [\n"
                     "{\"name\": \"e\", \"match\": \"" +
                     match + "\"}]}"),
        ElementsAre("services/a.json:2:24: " + message))
        << match;
  }
}

TEST_F(LoaderTest, AProblemIsOneLine) {
  EXPECT_THAT(with_service("{\"service\": \"a\", \"addresses\": [\"http://a\"], \"endpoints\": [\n"
                           "{\"name\": \"e\", \"match\": \"GET /{a\\n\\u001b[2J}\"}]}"),
              ElementsAre("services/a.json:2:24: \"match\": the parameter "
                          "\"{a\\u000a\\u001b[2J}\" has no usable name; letters, digits and _ "
                          "are, a digit not in front"));
}

TEST_F(LoaderTest, PoliciesAreLookedUpFromTheInsideOut) {
  directory_.write("usher.json", R"({"consumer": "a", "defaults": {"timeout": "8s",
      "per_try_timeout": "4s", "tenant": "none", "user_format": "uuid", "idempotent": false}})");
  directory_.write("services/a.json", R"({"service": "a", "addresses": ["http://a"],
      "timeout": "7s", "tenant": "optional", "endpoints": [
      {"name": "inherits", "match": "GET /1"},
      {"name": "own", "match": "POST /2", "timeout": "2s", "tenant": "required",
       "idempotent": true},
      {"name": "safe", "match": "POST /3", "safe": true}]})");
  const auto snapshot = loaded();
  ASSERT_NE(snapshot, nullptr);
  const auto& inherits = snapshot->endpoints[0]->policy;
  EXPECT_EQ(inherits.timeout, Duration(7s));
  EXPECT_EQ(inherits.per_try_timeout, Duration(4s));
  EXPECT_EQ(inherits.tenant, policy::TenantRule::Optional);
  EXPECT_EQ(inherits.user_format, policy::IdFormat::Uuid);
  EXPECT_EQ(inherits.idempotent, policy::IdempotentRule::No);
  const auto& own = snapshot->endpoints[1]->policy;
  EXPECT_EQ(own.timeout, Duration(2s));
  EXPECT_EQ(own.per_try_timeout, Duration(2s)) << "inherited, so it is cut";
  EXPECT_EQ(own.connect_timeout, Duration(1s));
  EXPECT_EQ(own.tenant, policy::TenantRule::Required);
  EXPECT_EQ(own.idempotent, policy::IdempotentRule::Yes);
  EXPECT_TRUE(snapshot->endpoints[2]->policy.safe);
}

TEST_F(LoaderTest, AWholeConfiguration) {
  environment_.set("USHER_TEST_CONSUMER", "transfer-service");
  environment_.set("USHER_TEST_SECRET", kSecret);
  directory_.write("usher.json", R"({
    "consumer": { "env": "USHER_TEST_CONSUMER" },
    "workers": 1,
    "outbound": { "listen": "127.0.0.1:7401", "unmatched": "refuse" },
    "admin": { "listen": "127.0.0.1:7400" },
    "defaults": { "timeout": "10s", "retry": "standard" },
    "retry_presets": {
      "fast": { "attempts": 3, "initial_delay": "100ms", "max_delay": "1s" } } })");
  directory_.write("services/ticket-service.json", R"({
    "service": "ticket-service",
    "addresses": ["http://ticket-service:3004"],
    "auth": { "scheme": "hmac", "secret": { "env": "USHER_TEST_SECRET" },
              "payload": "{service}:{timestamp}:{target}" },
    "breaker": { "failure_threshold": 5, "window": "60s", "reset_timeout": "30s" },
    "endpoints": [
      { "name": "ticket-status", "match": "GET /internal/tickets/{ticketId}/status",
        "consumers": ["payment-service"], "timeout": "2s", "retry": "fast" },
      { "name": "ticket-transfer", "match": "POST /internal/tickets/{ticketId}/transfer",
        "consumers": ["transfer-service"], "idempotent": "key", "retry": "standard" },
      { "name": "order-tickets", "match": "GET /internal/orders/{orderId}/tickets" } ] })");
  const auto snapshot = loaded();
  ASSERT_NE(snapshot, nullptr);
  const auto policy = [&](std::size_t i) { return snapshot->endpoints[i]->policy; };
  EXPECT_EQ(policy(0).retry.attempts, 3);
  EXPECT_EQ(policy(0).retry.backoff, policy::retry_preset("fast")->backoff);
  EXPECT_EQ(policy(1).retry, *policy::retry_preset("standard"));
  EXPECT_EQ(policy(1).idempotent, policy::IdempotentRule::Key);
  EXPECT_EQ(policy(2).retry, *policy::retry_preset("standard"));
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(policy(i).breaker, policy::BreakerOptions{});
}

TEST_F(LoaderTest, PathsAroundAnEndpoint) {
  EXPECT_THAT(with_service(R"({"service": "a", "addresses": ["http://a"], "base_path": "/m",
      "prefix": "/auth", "endpoints": [{"name": "p", "match": "GET /i/{x}"},
      {"name": "r", "match": "GET /j/{x}", "rewrite": "/own/{x}"}]})"),
              IsEmpty());
  const auto snapshot = loaded();
  EXPECT_EQ(snapshot->endpoints[0]->match.text(), "/m/i/{x}");
  EXPECT_EQ(snapshot->endpoints[0]->rewrite.text(), "/auth/i/{x}");
  EXPECT_EQ(snapshot->endpoints[1]->match.text(), "/m/j/{x}");
  EXPECT_EQ(snapshot->endpoints[1]->rewrite.text(), "/own/{x}");
  EXPECT_NE(snapshot->listeners[0].router.match(http::Method::Get, "/m/i/7").endpoint, nullptr);
  EXPECT_EQ(snapshot->listeners[0].router.match(http::Method::Get, "/i/7").endpoint, nullptr);
}

TEST_F(LoaderTest, NamesAndShapesAreUnique) {
  directory_.write("usher.json", kUsher);
  directory_.write("services/a.json", service("a"));
  directory_.write("services/b.json", service("a"));
  EXPECT_THAT(
      problems_of(directory_),
      ElementsAre("services/b.json:1:13: the service \"a\" stands twice, first at "
                  "services/a.json:1:13; choose another name",
                  "services/b.json:3:38: this matches the same calls as the endpoint \"e\" "
                  "of \"a\" at services/a.json:3:38; change one, or give one service its own "
                  "\"listen\" or \"base_path\""));
  directory_.write("services/b.json", R"({"service": "b", "addresses": ["http://b"],
      "endpoints": [{"name": "e", "match": "GET /b"}, {"name": "e", "match": "POST /b"}]})");
  EXPECT_THAT(problems_of(directory_),
              ElementsAre("services/b.json:2:64: the endpoint \"e\" stands twice, first at "
                          "services/b.json:2:30; choose another name"));
}

TEST_F(LoaderTest, AServicesOwnListenerServesItAlone) {
  directory_.write("usher.json", kUsher);
  directory_.write("services/a.json", service("a"));
  directory_.write("services/b.json", R"({"service": "b", "addresses": ["http://b"],
      "listen": "127.0.0.1:7413", "endpoints": [{"name": "e", "match": "GET /a/{x}"}]})");
  const auto snapshot = loaded();
  ASSERT_EQ(snapshot->listeners.size(), 2U);
  EXPECT_EQ(snapshot->listeners[0].router.match(http::Method::Get, "/a/1").endpoint->service, "a");
  EXPECT_EQ(snapshot->listeners[1].router.match(http::Method::Get, "/a/1").endpoint->service, "b");
  EXPECT_EQ(snapshot->listeners[1].addresses[0].port, 7413);

  directory_.write("services/c.json", R"({"service": "c", "addresses": ["http://c"],
      "listen": "localhost:7413", "endpoints": [{"name": "e", "match": "GET /c"}]})");
  EXPECT_THAT(
      problems_of(directory_),
      ElementsAre("services/c.json:2:17: \"localhost:7413\" clashes with "
                  "\"127.0.0.1:7413\" (services/b.json:2:17); choose another port or path"));
}

TEST_F(LoaderTest, AddressesComeFromTheEnvironment) {
  environment_.set("USHER_TEST_ADDRESS", "http://x:5");
  EXPECT_THAT(with_service(R"({"service": "a", "addresses": [{"env": "USHER_TEST_ADDRESS"},
      {"env": "USHER_TEST_NO", "default": "http://y"}],
      "connections": 2, "pending": 3, "endpoints": [{"name": "e", "match": "GET /a"}]})"),
              IsEmpty());
  const auto snapshot = loaded();
  const upstream::ClusterOptions& cluster = snapshot->clusters[0];
  ASSERT_EQ(cluster.addresses.size(), 2U);
  EXPECT_EQ(cluster.addresses[0].authority, "x:5");
  EXPECT_EQ(cluster.addresses[1].authority, "y");
  EXPECT_EQ(cluster.connections_per_host, 2U);
  EXPECT_EQ(cluster.pending, 3U);
}

TEST_F(LoaderTest, MissingAndStrangeFiles) {
  EXPECT_THAT(
      problems_of(directory_),
      ElementsAre("services: there is no service file here; expected at least one NAME.json",
                  "usher.json: cannot be opened: No such file or directory"));
  directory_.write("usher.json", kUsher);
  directory_.write("services/.hidden.json", "{");
  directory_.write("services/README.md", "x");
  directory_.write("services/a.json", "{");
  directory_.write("services/b.json", "{}x");
  EXPECT_THAT(
      problems_of(directory_),
      ElementsAre("services/a.json:1:1: this '{' is not closed; the file ends without its '}'",
                  "services/b.json:1:3: something stands behind the end of the object"));
}

TEST_F(LoaderTest, TooManyMistakesAreCounted) {
  std::string text = "{\"consumer\": \"a\"";
  for (int i = 0; i < 1500; ++i) text += ",\n\"k" + std::to_string(i) + "\": 1";
  const auto problems = with_usher(text + "}");
  ASSERT_EQ(problems.size(), 1001U);
  EXPECT_EQ(problems.back(), "usher.json: 500 further mistakes are not shown");
}

}  // namespace
}  // namespace usher::config::test
