// The scheme "hmac" beyond the platform's vectors: what the members change, and bodies of all
// kinds. The expected codes are computed with OpenSSL's one-shot HMAC over the payload written out.
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <usher/builtin.h>
#include "../../../plugins/common/encoding.h"
#include "support/fake_plugin_host.h"

namespace usher::test {
namespace {

constexpr int64_t kNowMs = 1768210800123;
const std::string kSecret(32, 's');

std::string hex(std::string_view bytes) {
  std::string text(bytes.size() * 2, '\0');
  plugins::write_hex({reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()}, text.data());
  return text;
}

std::string hmac(std::string_view secret, std::string_view payload) {
  unsigned char code[32];
  HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
       reinterpret_cast<const unsigned char*>(payload.data()), payload.size(), code, nullptr);
  return {reinterpret_cast<const char*>(code), sizeof code};
}

std::string sha256(std::string_view text) {
  unsigned char digest[32];
  EVP_Digest(text.data(), text.size(), digest, nullptr, EVP_sha256(), nullptr);
  return {reinterpret_cast<const char*>(digest), sizeof digest};
}

class HmacSign : public testing::Test {
 protected:
  HmacSign() { host_.secrets["secret"] = kSecret; }

  // Signs a POST with `body` (null: a call without one) under a configuration of `members`, and
  // returns the value of the signature's header.
  std::string sign(std::string_view members, const char* body,
                   std::string_view target = "/a/b?x=1&y=%20") {
    FakeSigner signer(host_, usher_plugin_hmac_v1(),
                      R"({"scheme":"hmac","secret":{"env":"S"},)" + std::string(members) + "}",
                      "caller");
    if (!signer.configured()) return host_.error_text();
    usher_sign_input input = sign_input("caller", "POST", target, body, kNowMs);
    input.tenant = host_str("tenant-1");
    needs_ = signer.needs();
    EXPECT_EQ(signer.sign(input), 0);
    return host_.header("x-internal-signature").value_or("");
  }

  std::string signature_of(std::string_view payload) { return hex(hmac(kSecret, payload)); }

  FakePluginHost host_;
  uint32_t needs_ = 0;
};

TEST_F(HmacSign, FillsInEveryPlaceholder) {
  const std::string got =
      sign(R"("payload":"<{service}|{timestamp}|{method}|{target}|{path}|{query}|{tenant}>")", "x");
  EXPECT_EQ(got,
            signature_of("<caller|1768210800123|POST|/a/b?x=1&y=%20|/a/b|x=1&y=%20|tenant-1>"));
  EXPECT_EQ(needs_, 0u);
  EXPECT_EQ(sign(R"("payload":"{path}|{query}|")", nullptr, "/a"), signature_of("/a||"));
  EXPECT_EQ(sign(R"("payload":"{path}|{query}|")", nullptr, "/a?"), signature_of("/a||"));
}

TEST_F(HmacSign, SignsSecondsWhenAsked) {
  EXPECT_EQ(sign(R"("payload":"{timestamp}","timestamp_unit":"s")", nullptr),
            signature_of("1768210800"));
  EXPECT_EQ(host_.header("x-internal-timestamp"), "1768210800");
}

TEST_F(HmacSign, WritesTheSignatureInBase64WhenAsked) {
  const std::string code = hmac(kSecret, "POST");
  std::string expected(44, '\0');
  plugins::write_base64({reinterpret_cast<const uint8_t*>(code.data()), code.size()},
                        expected.data());
  EXPECT_EQ(sign(R"("payload":"{method}","encoding":"base64")", nullptr), expected);
}

TEST_F(HmacSign, NonceIsAVersion4UuidWhateverTheRandomBytes) {
  sign(R"("payload":"{nonce}")", nullptr);
  EXPECT_EQ(host_.header("x-internal-nonce"), "00000000-0000-4000-8000-000000000000");
}

TEST_F(HmacSign, AsksForTheBodyOnlyWhenThePayloadHasIt) {
  sign(R"("payload":"{timestamp}:{body}")", "x");
  EXPECT_EQ(needs_, uint32_t{USHER_SIGNER_NEEDS_BODY});
  sign(R"("payload":"{timestamp}:{bodyHash}")", "x");
  EXPECT_EQ(needs_, uint32_t{USHER_SIGNER_NEEDS_BODY});
  sign(R"("preset":"ticket")", "x");
  EXPECT_EQ(needs_, 0u);
}

TEST_F(HmacSign, SignsAPayloadOfAnySize) {
  for (const size_t size : {1u, 63u, 64u, 1022u, 1023u, 1024u, 1025u, 5000u}) {
    const std::string body(size, 'b');
    EXPECT_EQ(sign(R"("payload":"<{body}>")", body.c_str()), signature_of("<" + body + ">"));
  }
}

TEST_F(HmacSign, HashesASecretLongerThanABlockFirst) {
  host_.secrets["secret"] = std::string(100, 'l');
  EXPECT_EQ(sign(R"("payload":"{method}")", nullptr), hex(hmac(std::string(100, 'l'), "POST")));
}

TEST_F(HmacSign, RawBodyIsSignedByteForByte) {
  EXPECT_EQ(sign(R"("payload":"{body}")", "{ \"a\": 1.0 }"), signature_of("{ \"a\": 1.0 }"));
  EXPECT_EQ(sign(R"("preset":"analytics","payload":"{body}.")", nullptr), signature_of("."));
}

TEST_F(HmacSign, JsBodyIsRewritten) {
  EXPECT_EQ(sign(R"("payload":"{body}","body":"js")", "{ \"b\": 1.0, \"a\": 1e3 }"),
            signature_of(R"({"b":1,"a":1000})"));
  EXPECT_EQ(sign(R"("payload":"{body}","body":"sorted")", "{ \"b\": 1.0, \"a\": 1e3 }"),
            signature_of(R"({"a":1000,"b":1})"));
}

TEST_F(HmacSign, ABodyThatIsNotJsonIsSignedAsItIs) {
  EXPECT_EQ(sign(R"("payload":"{body}","body":"js")", "a=1&b=2"), signature_of("a=1&b=2"));
}

// What JavaScript's `body || {}` makes of each body, and what it makes without.
TEST_F(HmacSign, EmptyBodyStandsForWhatTheOwnerCallsEmpty) {
  const auto gateway = [&](const char* body) { return sign(R"("preset":"gateway")", body, "/x"); };
  const auto payment = [&](const char* body) { return sign(R"("preset":"payment")", body, "/x"); };
  const std::string start = "caller:1768210800123:POST:/x:";
  for (const char* body : {"null", "false", "0", "-0", "\"\"", "1e-999", ""}) {
    EXPECT_EQ(gateway(body), signature_of(start + "{}")) << body;
  }
  EXPECT_EQ(gateway(nullptr), signature_of(start + "{}"));
  EXPECT_EQ(gateway("[]"), signature_of(start + "[]"));
  EXPECT_EQ(gateway("1e999"), signature_of(start + "null"));
  EXPECT_EQ(payment("null"), signature_of(start + "null"));
  EXPECT_EQ(payment("0"), signature_of(start + "0"));
  EXPECT_EQ(payment(nullptr), signature_of(start + "undefined"));
  EXPECT_EQ(payment(""), signature_of(start + "undefined"));
}

TEST_F(HmacSign, StandardHashesNothingForNull) {
  const std::string_view members = R"("preset":"standard","payload":"[{bodyHash}]")";
  EXPECT_EQ(sign(members, " null "), signature_of("[]"));
  EXPECT_FALSE(host_.header("x-internal-body-hash"));
  EXPECT_EQ(sign(members, "false"), signature_of("[" + hex(sha256("false")) + "]"));
  EXPECT_EQ(host_.header("x-internal-body-hash"), hex(sha256("false")));
}

TEST_F(HmacSign, EmptyBodyHashCanBeTheHashOfTheEmptyBody) {
  EXPECT_EQ(sign(R"("payload":"{bodyHash}.","empty_body_hash":"sha256")", nullptr),
            signature_of(hex(sha256("")) + "."));
  EXPECT_EQ(
      sign(R"("payload":"{bodyHash}.","empty_body_hash":"sha256","empty_body":"{}")", nullptr),
      signature_of(hex(sha256("{}")) + "."));
  EXPECT_FALSE(host_.header("x-internal-body-hash"));
}

TEST_F(HmacSign, MembersOverrideThePreset) {
  EXPECT_EQ(sign(R"("preset":"payment","empty_body":"{}","headers":{"service":null,
                     "timestamp":"x-t"})",
                 nullptr, "/x"),
            signature_of("caller:1768210800123:POST:/x:{}"));
  EXPECT_FALSE(host_.header("x-internal-service"));
  EXPECT_EQ(host_.header("x-t"), "1768210800123");
}

}  // namespace
}  // namespace usher::test
