// Configurations that are refused, where the mistake is, and what is said about it.
#include <functional>
#include <regex>

#include "support/catalogue.h"
#include "support/platform.h"

namespace e2e {
namespace {

struct Mistake {
  std::string name;
  std::function<void(Config&, Environment&)> make;
  std::string place;    // "file:" in front of line and column
  std::string message;  // part of what is said
};

void PrintTo(const Mistake& mistake, std::ostream* out) {
  *out << mistake.name;
}

std::function<void(Config&, Environment&)> in_config(const std::function<void(Config&)>& change) {
  return [change](Config& config, Environment&) { change(config); };
}

std::function<void(Config&, Environment&)> with_secret(const std::string& secret) {
  return [secret](Config&, Environment& environment) {
    environment["INTERNAL_SERVICE_SECRET"] = secret;
  };
}

const Mistake kMistakes[] = {
    {"UnknownKey", in_config([](Config& c) { c.usher()["outbund"] = Json::object(); }),
     "usher.json:", "outbund"},
    {"WrongType", in_config([](Config& c) { c.usher()["workers"] = "two"; }),
     "usher.json:", "workers"},
    {"DurationWithoutAUnit", in_config([](Config& c) { c.usher()["defaults"]["timeout"] = "9"; }),
     "usher.json:", "timeout"},
    {"AdminOpenToTheWorld",
     in_config([](Config& c) { c.usher()["admin"]["listen"] = "0.0.0.0:0"; }),
     "usher.json:", "loopback"},
    {"TunnelToNoPort",
     in_config([](Config& c) { c.usher()["outbound"]["connect"] = {"db.example.com"}; }),
     "usher.json:", "has no port"},
    {"UnknownScheme",
     in_config([](Config& c) { c.service("ticket-service")["auth"]["scheme"] = "hamc"; }),
     "ticket-service.json:", "hmac"},
    {"UnknownPreset",
     in_config([](Config& c) { c.service("ticket-service")["auth"]["preset"] = "tickets"; }),
     "ticket-service.json:", "ticket"},
    {"SecretInTheFile",
     in_config([](Config& c) { c.service("ticket-service")["auth"]["secret"] = "s3cr3t-in-file"; }),
     "ticket-service.json:", "secret"},
    {"BadTemplate", in_config([](Config& c) {
       c.endpoint("order-service", "order")["match"] = "GET /internal/orders/{";
     }),
     "order-service.json:", "match"},
    {"UnknownParameterInRewrite",
     in_config([](Config& c) { c.endpoint("order-service", "order")["rewrite"] = "/o/{id}"; }),
     "order-service.json:", "{id}"},
    {"TwoOwnersForOneCall", in_config([](Config& c) {
       c.endpoint("order-service", "order")["match"] = "GET /internal/orders/{id}/tickets";
     }),
     "-service.json:", "matches the same calls"},
    {"AddressWithAPath",
     in_config([](Config& c) { c.redirect("event-service", "http://event:1/api"); }),
     "event-service.json:", "path"},
    {"NoSecret",
     [](Config&, Environment& environment) { environment.erase("INTERNAL_SERVICE_SECRET"); },
     "ticket-service.json:", "INTERNAL_SERVICE_SECRET is not set"},
    {"EmptySecret", with_secret(""), "ticket-service.json:", "INTERNAL_SERVICE_SECRET is empty"},
    {"ShortSecret", with_secret("31-characters-are-not-enough-xx"),
     "ticket-service.json:", "31 bytes"},
    {"PublicSecret", with_secret("internal-service-secret-key-change-in-production"),
     "ticket-service.json:", "publicly known"},
    {"TempSignatureAsSecret", with_secret("temp-signature-temp-signature-temp-signature"),
     "ticket-service.json:", "publicly known"},
    {"NoConsumer", [](Config&, Environment& environment) { environment.erase("USHER_CONSUMER"); },
     "usher.json:", "USHER_CONSUMER is not set"},
    {"ConsumerThatIsNoName",
     [](Config&, Environment& environment) { environment["USHER_CONSUMER"] = "a:b"; },
     "usher.json:", "a:b"},
};

class StartUp : public PlatformTest, public testing::WithParamInterface<Mistake> {};

TEST_P(StartUp, IsRefusedWithThePlaceOfTheMistake) {
  Config config;
  Environment environment = sidecar_environment("payment-service");
  GetParam().make(config, environment);
  const StartFailure failure = start_and_fail(config, environment);
  EXPECT_EQ(failure.status, 1);
  EXPECT_TRUE(std::regex_search(failure.message, std::regex(GetParam().place + "[0-9]+:[0-9]+: ")))
      << failure.message;
  EXPECT_NE(failure.message.find(GetParam().message), std::string::npos) << failure.message;
  const auto secret = environment.find("INTERNAL_SERVICE_SECRET");
  if (secret != environment.end() && !secret->second.empty()) {
    EXPECT_EQ(failure.message.find(secret->second), std::string::npos) << "the secret is shown";
  }
  EXPECT_EQ(failure.message.find("s3cr3t-in-file"), std::string::npos) << "the secret is shown";
}

INSTANTIATE_TEST_SUITE_P(Configuration, StartUp, testing::ValuesIn(kMistakes),
                         [](const auto& mistake) { return mistake.param.name; });

using Start = PlatformTest;

TEST_F(Start, TheLineIsTheOneOfTheMistake) {
  const TemporaryDirectory directory;
  Config().write(directory);
  directory.write(
      "usher.json",
      "{\n  \"consumer\": \"payment-service\",\n  \"workers\": 1,\n   \"worker\": 2\n}");
  const StartFailure failure =
      start_and_fail_in(directory.path(), sidecar_environment("payment-service"));
  EXPECT_EQ(failure.status, 1);
  EXPECT_NE(failure.message.find("usher.json:4:4: "), std::string::npos) << failure.message;
  directory.write("usher.json", "{\n  \"consumer\": \"x\",,\n}");
  EXPECT_NE(start_and_fail_in(directory.path(), {}).message.find("usher.json:2:"),
            std::string::npos);
}

TEST_F(Start, AllMistakesAreReportedInOneGo) {
  Config config;
  config.usher()["workers"] = 0;
  config.service("venue-service")["auth"]["scheme"] = "hmca";
  config.service("event-service")["prefix"] = "api";
  const StartFailure failure = start_and_fail(config, sidecar_environment("payment-service"));
  EXPECT_EQ(failure.status, 1);
  for (const char* file : {"usher.json:", "venue-service.json:", "event-service.json:"}) {
    EXPECT_NE(failure.message.find(file), std::string::npos) << failure.message;
  }
}

TEST_F(Start, WeakSecretsAreTakenWhenItSaysSo) {
  for (const char* weak : {"short", "internal-service-secret-key-change-in-production"}) {
    Config config;
    for (auto& [name, service] : config.services()) {
      if (service["auth"]["scheme"] == "hmac") service["auth"]["insecure"] = true;
    }
    owners().set_secrets({{"hmac", weak}});
    const Sidecar sidecar(config, "payment-service", {{"INTERNAL_SERVICE_SECRET", weak}});
    EXPECT_EQ(sidecar.call(endpoint_case("ticket-status").request).status, 200);
  }
}

TEST_F(Start, SecretsComeFromFilesToo) {
  const TemporaryDirectory secrets;
  Config config;
  const Json reference = {{"file", secrets.write("secret", std::string(kServiceSecret) + "\n")}};
  for (auto& [name, service] : config.services()) {
    if (service["auth"]["scheme"] == "hmac") service["auth"]["secret"] = reference;
  }
  const Sidecar sidecar(config, "payment-service", {{"INTERNAL_SERVICE_SECRET", ""}});
  EXPECT_EQ(sidecar.call(endpoint_case("ticket-status").request).status, 200);
}

TEST_F(Start, AConsumerNeedsOnlyTheSecretsOfItsCalls) {
  const Sidecar sidecar(Config(), "minting-service", {{"S2S_PRIVATE_KEY", ""}});
  EXPECT_EQ(sidecar.call(endpoint_case("event").request).status, 200);
}

TEST_F(Start, PortsInUseAreReported) {
  const Sidecar& other = sidecar_of("payment-service");
  for (const char* listener : {"outbound", "admin"}) {
    Config config;
    config.usher()[listener]["listen"] = "127.0.0.1:" + std::to_string(other.port());
    const StartFailure failure = start_and_fail(config, sidecar_environment("payment-service"));
    EXPECT_EQ(failure.status, 1);
    EXPECT_NE(failure.message.find(std::to_string(other.port())), std::string::npos)
        << failure.message;
  }
  Config shared;
  shared.usher()["workers"] = 2;
  shared.usher()["outbound"]["listen"] = "127.0.0.1:" + std::to_string(other.port());
  EXPECT_EQ(start_and_fail(shared, sidecar_environment("payment-service")).status, 1);
}

TEST_F(Start, DirectoriesWithoutAConfigurationAreReported) {
  const TemporaryDirectory empty;
  const StartFailure failure = start_and_fail_in(empty.path(), {});
  EXPECT_EQ(failure.status, 1);
  EXPECT_NE(failure.message.find("usher.json"), std::string::npos) << failure.message;
}

// What `check` lets pass starts, and what it refuses does not.
TEST_F(Start, CheckSaysWhatRunWould) {
  const TemporaryDirectory directory;
  Config().write(directory);
  const Environment environment = sidecar_environment("payment-service");
  Process good(USHER_BINARY, {"check", "--config", directory.path()}, environment);
  std::string last;
  while (const auto line = good.read_line()) last = *line;
  EXPECT_EQ(last.find("the configuration is good: 5 services, 19 endpoints"), 0U) << last;
  EXPECT_EQ(good.wait(), 0);
  directory.write("usher.json", "{\n  \"consumer\": \"x\",\n  \"worker\": 2\n}");
  Process bad(USHER_BINARY, {"check", "--config", directory.path()}, environment);
  const std::string mistake = bad.read_line().value_or("");
  EXPECT_EQ(bad.wait(), 1);
  EXPECT_NE(mistake.find("usher.json:3:3: unknown key"), std::string::npos) << mistake;
  const StartFailure failure = start_and_fail_in(directory.path(), environment);
  EXPECT_NE(failure.message.find(mistake), std::string::npos) << failure.message;
}

TEST_F(Start, WrongUseOfTheCommandIsStatusTwo) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{}, {"fly"}, {"run", "--confg", "x"}, {"run", "--config"}}) {
    Process process(USHER_BINARY, arguments, {});
    EXPECT_EQ(process.wait(), 2);
    EXPECT_NE(process.stderr_text().find("usage:"), std::string::npos);
  }
  Process version(USHER_BINARY, {"version"}, {});
  EXPECT_TRUE(version.read_line().value_or("").starts_with("usher "));
  EXPECT_EQ(version.wait(), 0);
}

}  // namespace
}  // namespace e2e
