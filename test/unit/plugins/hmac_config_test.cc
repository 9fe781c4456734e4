// Configuration errors of the scheme "hmac": the member they are reported for and what they say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <usher/builtin.h>
#include "support/fake_plugin_host.h"

namespace usher::test {
namespace {

using testing::HasSubstr;

struct Wrong {
  const char* members;
  const char* key;
  const char* says;
};

constexpr const char* kPresets =
    "ticket, venue, payment, gateway, blockchain, minting, order-nonce, analytics, integration, "
    "webhook, standard";

const Wrong kWrong[] = {
    {R"("x":1)", "", "give a preset (ticket, venue,"},
    {R"("preset":"tiket")", "preset", R"(unknown preset "tiket"; did you mean "ticket"? allowed:)"},
    {R"("preset":"zzzzzzzz")", "preset", kPresets},
    {R"("preset":1)", "preset", "preset must be a string"},
    {R"("preset":"ticket","paylod":"x")", "paylod",
     R"(unknown member "paylod"; did you mean "payload"? allowed: preset, secret, payload,)"},
    {R"("payload":"")", "payload", "an empty payload"},
    {R"("payload":"{bodyhash}")", "payload",
     R"(unknown placeholder "{bodyhash}"; did you mean "{bodyHash}"? allowed: {service},)"},
    {R"("payload":"a{method")", "payload", R"(unbalanced brace at "{method")"},
    {R"("payload":"a}b")", "payload", R"(unbalanced brace at "}b")"},
    {R"("payload":"{a{method}")", "payload", R"(unbalanced brace at "{a{method}")"},
    {R"("preset":"ticket","timestamp_unit":"sec")", "timestamp_unit", "allowed: ms, s"},
    {R"("preset":"ticket","nonce_format":"guid")", "nonce_format", "allowed: uuid, hex"},
    {R"("preset":"ticket","encoding":"HEX")", "encoding", "allowed: hex, base64"},
    {R"("preset":"ticket","body":"json")", "body", "allowed: raw, js, sorted"},
    {R"("preset":"ticket","body":true)", "body", "body must be a string"},
    {R"("preset":"ticket","empty_when":"none")", "empty_when", "allowed: absent, null, falsy"},
    {R"("preset":"ticket","empty_when":"null")", "empty_when", R"(use "js")"},
    {R"("preset":"ticket","empty_body":{})", "empty_body", "empty_body must be a string"},
    {R"("preset":"ticket","empty_body_hash":"sha1")", "empty_body_hash", "sha256"},
    {R"("preset":"ticket","headers":"x")", "headers", "must be an object"},
    {R"("preset":"ticket","headers":{"sign":"x"})", "headers", R"(unknown header "sign")"},
    {R"("preset":"ticket","headers":{"nonce":"x y"})", "headers", R"("x y" of "nonce")"},
    {R"("preset":"ticket","headers":{"nonce":1})", "headers", R"(of "nonce")"},
    {R"("preset":"ticket","headers":{"signature":null})", "headers", R"("signature" must have)"},
    {R"("preset":"ticket","headers":{"nonce":"X-Internal-Service"})", "headers",
     "service and nonce have the same header"},
};

class HmacConfigError : public testing::TestWithParam<Wrong> {};

TEST_P(HmacConfigError, NamesTheMemberAndWhatWouldBeRight) {
  const Wrong& wrong = GetParam();
  FakePluginHost host;
  host.secrets["secret"] = std::string(32, 's');
  FakeSigner signer(
      host, usher_plugin_hmac_v1(),
      R"({"scheme":"hmac","insecure":{},"secret":{"env":"S"},)" + std::string(wrong.members) + "}",
      "caller");
  EXPECT_FALSE(signer.configured());
  bool found = false;
  for (const FakePluginHost::Error& error : host.errors) {
    found |= error.key == wrong.key && error.message.find(wrong.says) != std::string::npos;
  }
  EXPECT_TRUE(found) << host.error_text();
}

INSTANTIATE_TEST_SUITE_P(All, HmacConfigError, testing::ValuesIn(kWrong));

TEST(HmacConfig, ReportsAllMistakesAtOnce) {
  FakePluginHost host;
  FakeSigner signer(host, usher_plugin_hmac_v1(),
                    R"({"scheme":"hmac","preset":"nope","body":"nope","speling":1})", "caller");
  EXPECT_EQ(host.errors.size(), 4u) << host.error_text();
  EXPECT_THAT(host.error_text(), HasSubstr("secret: secret is missing; give {\"env\": \"NAME\"}"));
}

TEST(HmacConfig, LeavesARefusedSecretToTheHost) {
  FakePluginHost host;
  host.secrets["secret"] = "short";
  FakeSigner signer(host, usher_plugin_hmac_v1(),
                    R"({"scheme":"hmac","preset":"ticket","secret":{"env":"S"}})", "caller");
  EXPECT_FALSE(signer.configured());
  EXPECT_EQ(host.error_text(), "secret: the host refused the secret\n");
}

TEST(HmacConfig, RefusesASecretThatItsHeaderCannotCarry) {
  FakePluginHost host;
  host.secrets["secret"] = std::string(32, 's') + "\n";
  FakeSigner signer(host, usher_plugin_hmac_v1(),
                    R"({"scheme":"hmac","preset":"integration","secret":{"env":"S"}})", "caller");
  EXPECT_FALSE(signer.configured());
  EXPECT_THAT(host.error_text(), HasSubstr("secret: a header must carry this secret"));
}

TEST(HmacConfig, RefusesTextThatIsNoObject) {
  for (const char* text : {"", "[]", "{", "null"}) {
    FakePluginHost host;
    FakeSigner signer(host, usher_plugin_hmac_v1(), text, "caller");
    EXPECT_FALSE(signer.configured());
    EXPECT_THAT(host.error_text(), HasSubstr(": this is not a JSON object"));
  }
}

TEST(HmacConfig, AnnouncesTheHeadersItSends) {
  FakePluginHost host;
  host.secrets["secret"] = std::string(32, 's');
  FakeSigner ticket(host, usher_plugin_hmac_v1(),
                    R"({"scheme":"hmac","preset":"ticket","secret":{"env":"S"}})", "caller");
  EXPECT_EQ(ticket.header_names(),
            (std::vector<std::string>{"x-internal-service", "x-internal-timestamp",
                                      "x-internal-signature"}));
  FakeSigner standard(host, usher_plugin_hmac_v1(),
                      R"({"scheme":"hmac","preset":"standard","secret":{"env":"S"}})", "caller");
  EXPECT_EQ(standard.header_names().size(), 5u);
}

}  // namespace
}  // namespace usher::test
