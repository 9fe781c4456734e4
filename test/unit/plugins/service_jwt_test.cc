// The scheme "service-jwt": tokens are verified with OpenSSL and the public half of a key that is
// made for the test run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <memory>
#include <thread>

#include <usher/builtin.h>
#include "../../../plugins/common/encoding.h"
#include "support/fake_plugin_host.h"

namespace usher::test {
namespace {

using testing::HasSubstr;

constexpr int64_t kNowMs = 1768210800500;
constexpr int64_t kNowS = 1768210800;
constexpr int64_t kDayS = 86'400;
constexpr const char* kConfig = R"({"scheme":"service-jwt","key":{"env":"K"}})";

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using Key = std::unique_ptr<EVP_PKEY, FreeKey>;

std::string pem_of(EVP_PKEY* key) {
  BIO* const bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string pem(data, static_cast<size_t>(size));
  BIO_free(bio);
  return pem;
}

// Wrapped like the output of `base64`.
std::string base64_of(std::string_view text) {
  std::string out((text.size() + 2) / 3 * 4, '\0');
  plugins::write_base64({reinterpret_cast<const uint8_t*>(text.data()), text.size()}, out.data());
  for (size_t at = 76; at < out.size(); at += 77) out.insert(at, "\n");
  return out;
}

std::string decode_url(std::string text) {
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  return plugins::base64_decode(text).value_or("not base64");
}

bool verify(EVP_PKEY* key, std::string_view text, std::string_view signature) {
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  const bool valid =
      EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, key) == 1 &&
      EVP_DigestVerify(context, reinterpret_cast<const unsigned char*>(signature.data()),
                       signature.size(), reinterpret_cast<const unsigned char*>(text.data()),
                       text.size()) == 1;
  EVP_MD_CTX_free(context);
  return valid;
}

// The claims of a token whose signature and header are right, else what is wrong.
std::string claims_of(const std::string& token, EVP_PKEY* key) {
  const size_t first = token.find('.');
  const size_t last = token.rfind('.');
  if (first == last || token.find('=') != std::string::npos) return "not a token: " + token;
  if (!verify(key, token.substr(0, last), decode_url(token.substr(last + 1))))
    return "bad signature";
  const std::string header = decode_url(token.substr(0, first));
  if (header != R"({"alg":"RS256","typ":"JWT"})") return "bad header: " + header;
  return decode_url(token.substr(first + 1, last - first - 1));
}

std::string claims(std::string_view service, int64_t issued_s, int64_t life_s) {
  return "{\"sub\":\"" + std::string(service) +
         "\",\"type\":\"service\",\"iat\":" + std::to_string(issued_s) +
         ",\"exp\":" + std::to_string(issued_s + life_s) + "}";
}

class ServiceJwt : public testing::Test {
 protected:
  static void SetUpTestSuite() { key_ = new Key(EVP_RSA_gen(2048)); }
  static void TearDownTestSuite() { delete key_; }

  ServiceJwt() { host_.secrets["key"] = pem_of(key_->get()); }

  std::string sent(FakeSigner& signer, int64_t now_ms) {
    const int result =
        signer.sign(sign_input("payment-service", "GET", "/auth/internal/x", nullptr, now_ms));
    EXPECT_EQ(result == 0, host_.sign_error.empty());
    return host_.header("x-service-token").value_or("");
  }

  std::string errors(std::string_view config) {
    host_.errors.clear();
    FakeSigner signer(host_, usher_plugin_service_jwt_v1(), config, "payment-service", kNowMs);
    return signer.configured() ? "configured" : host_.error_text();
  }

  static Key* key_;
  FakePluginHost host_;
};

Key* ServiceJwt::key_ = nullptr;

TEST_F(ServiceJwt, MintsTheTokenThatThePlatformWould) {
  FakeSigner signer(host_, usher_plugin_service_jwt_v1(), kConfig, "payment-service", kNowMs);
  ASSERT_TRUE(signer.configured()) << host_.error_text();
  EXPECT_EQ(claims_of(sent(signer, kNowMs), key_->get()), claims("payment-service", kNowS, kDayS));
  EXPECT_EQ(signer.header_names(), std::vector<std::string>{"x-service-token"});
  EXPECT_EQ(signer.needs(), 0u);
}

TEST_F(ServiceJwt, ReadsAKeyInBase64) {
  host_.secrets["key"] = base64_of(pem_of(key_->get()));
  FakeSigner signer(host_, usher_plugin_service_jwt_v1(), kConfig, "payment-service", kNowMs);
  ASSERT_TRUE(signer.configured()) << host_.error_text();
  EXPECT_EQ(claims_of(sent(signer, kNowMs), key_->get()), claims("payment-service", kNowS, kDayS));
}

TEST_F(ServiceJwt, LivesAsLongAsConfigured) {
  const std::pair<const char*, int64_t> kLives[] = {
      {"30s", 30}, {"15m", 900}, {"2h", 7200}, {"7d", 604'800}, {"90000ms", 90}};
  for (const auto& [text, life_s] : kLives) {
    const std::string config = R"({"scheme":"service-jwt","key":{"env":"K"},"header":"x-t",)"
                               R"("expires_in":")" +
                               std::string(text) + "\"}";
    FakeSigner signer(host_, usher_plugin_service_jwt_v1(), config, "a\"b", kNowMs);
    ASSERT_TRUE(signer.configured()) << host_.error_text();
    EXPECT_EQ(signer.scheme()->renew_at(signer.object()), kNowS * 1000 + life_s * 800);
    EXPECT_EQ(sent(signer, kNowMs), "");
    EXPECT_EQ(claims_of(host_.header("x-t").value_or(""), key_->get()),
              claims("a\\\"b", kNowS, life_s));
  }
}

TEST_F(ServiceJwt, RenewsForWorkersThatAreOpen) {
  FakeSigner signer(host_, usher_plugin_service_jwt_v1(), kConfig, "payment-service", kNowMs);
  const std::string first = sent(signer, kNowMs);
  const int64_t renew_at = signer.scheme()->renew_at(signer.object());
  EXPECT_EQ(renew_at, kNowS * 1000 + kDayS * 800);
  ASSERT_EQ(signer.scheme()->renew(signer.object(), renew_at), 0);
  EXPECT_EQ(claims_of(sent(signer, renew_at), key_->get()),
            claims("payment-service", renew_at / 1000, kDayS));
  EXPECT_EQ(signer.scheme()->renew_at(signer.object()), renew_at + kDayS * 800);
}

TEST_F(ServiceJwt, RefusesToSendAnExpiredToken) {
  FakeSigner signer(host_, usher_plugin_service_jwt_v1(), kConfig, "payment-service", kNowMs);
  const int64_t expires_ms = (kNowS + kDayS) * 1000;
  EXPECT_NE(sent(signer, expires_ms - 1), "");
  EXPECT_EQ(sent(signer, expires_ms), "");
  EXPECT_THAT(host_.sign_error, HasSubstr("expired"));
  ASSERT_EQ(signer.scheme()->renew(signer.object(), expires_ms), 0);
  EXPECT_NE(sent(signer, expires_ms), "");
}

TEST_F(ServiceJwt, WorkersReadWhileItRenews) {
  FakeSigner signer(host_, usher_plugin_service_jwt_v1(), kConfig, "payment-service", kNowMs);
  host_.keep_headers = false;
  std::thread renewer([&] {
    for (int64_t i = 1; i <= 50; ++i) signer.scheme()->renew(signer.object(), kNowMs + i * 1000);
  });
  for (int i = 0; i < 2000; ++i) {
    EXPECT_EQ(signer.sign(sign_input("payment-service", "GET", "/x", nullptr, kNowMs)), 0);
  }
  renewer.join();
}

TEST_F(ServiceJwt, SendsATokenThatWasHandedOut) {
  host_.secrets = {{"token", "aaa.bbb.ccc"}};
  FakeSigner signer(host_, usher_plugin_service_jwt_v1(),
                    R"({"scheme":"service-jwt","token":{"file":"/t"}})", "payment-service", kNowMs);
  ASSERT_TRUE(signer.configured()) << host_.error_text();
  EXPECT_EQ(sent(signer, kNowMs), "aaa.bbb.ccc");
  EXPECT_EQ(signer.scheme()->renew_at(signer.object()), 0);
  EXPECT_EQ(signer.scheme()->renew(signer.object(), kNowMs), 0);
  EXPECT_EQ(sent(signer, kNowMs + 1000), "aaa.bbb.ccc");
}

TEST_F(ServiceJwt, ReportsWrongMembers) {
  EXPECT_THAT(errors(R"({"scheme":"service-jwt"})"), HasSubstr(": give either \"key\""));
  EXPECT_THAT(errors(R"({"key":{"env":"K"},"token":{"env":"T"}})"), HasSubstr(": give either"));
  EXPECT_THAT(errors(R"({"key":{"env":"K"},"expires":"1h"})"),
              HasSubstr(R"(expires: unknown member "expires"; did you mean "expires_in"?)"));
  for (const char* life : {"", "24", "h", "-1h", "1w", "0s", "999ms", "1.5h", "99999d", "1 h"}) {
    EXPECT_THAT(errors(R"({"key":{"env":"K"},"expires_in":")" + std::string(life) + "\"}"),
                HasSubstr("expires_in: \"" + std::string(life) + "\" is no lifetime"));
  }
  EXPECT_THAT(errors(R"({"key":{"env":"K"},"header":"a b"})"), HasSubstr("header: \"a b\" is not"));
  host_.secrets["token"] = "a\nb";
  EXPECT_THAT(errors(R"({"token":{"env":"T"}})"), HasSubstr("token: not a token"));
  host_.secrets["token"] = "a.b.c";
  EXPECT_THAT(errors(R"({"token":{"env":"T"},"expires_in":"1h"})"), HasSubstr("leave this out"));
}

TEST_F(ServiceJwt, ReportsWrongKeys) {
  host_.secrets["key"] = "not a key";
  EXPECT_THAT(errors(kConfig), HasSubstr("key: not a private key"));
  host_.secrets["key"] = "bm90IGEga2V5";
  EXPECT_THAT(errors(kConfig), HasSubstr("key: not a private key"));
  host_.secrets["key"] = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
  EXPECT_THAT(errors(kConfig), HasSubstr("key: not a private key"));
  host_.secrets["key"] = pem_of(Key(EVP_RSA_gen(1024)).get());
  EXPECT_THAT(errors(kConfig),
              HasSubstr("key: an RSA key of 1024 bits; give one of at least 2048"));
  host_.secrets["key"] = pem_of(Key(EVP_EC_gen("P-256")).get());
  EXPECT_THAT(errors(kConfig), HasSubstr("key: not an RSA key"));
}

}  // namespace
}  // namespace usher::test
