// The owners' authentication checks against the platform's published signatures.
#include <gtest/gtest.h>

#include <cctype>
#include <memory>
#include <utility>

#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "auth.h"
#include "crypto.h"
#include "js_json.h"
#include "seed_ids.h"

namespace owners {
namespace {

constexpr const char* kSecret = "platform-test-secret-0123456789abcdef0123456789abcdef";
constexpr const char* kTimestamp = "1768210800000";
constexpr std::int64_t kNow = 1768210800000;
constexpr const char* kNonce = "3f2b8c1e-6d4a-4f7b-9a10-5c2e7d8f9012";
constexpr const char* kHexNonce = "00112233445566778899aabbccddeeff";
constexpr const char* kStatusUrl = "/internal/tickets/7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a01/status";
constexpr const char* kTokenUrl = "/internal/tickets/by-token/7xKX%2Fab%20c?expand=event&x=%C3%BC";
constexpr const char* kTransferUrl =
    "/internal/tickets/7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a01/transfer";
constexpr const char* kTransferBody =
    R"({"fromUserId":"c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f",)"
    R"("toUserId":"2d1f7c3a-55b0-4c8e-9f13-7a6b5c4d3e2f","reason":"gift für Zoë"})";

// One request put to one check.
struct Attempt {
  std::string_view owner = "ticket";
  std::string scheme;
  Request request;
  std::int64_t now_ms = kNow;
  Secrets secrets{kSecret, kSecret, kSecret, "key-1", ""};

  AuthResult run(NonceStore& nonces) const {
    std::optional<std::string> canonical;
    if (!request.body.empty()) canonical = js_canonical_json(request.body);
    return check_with_overlap(find_auth_check(scheme),
                              {owner, request, canonical, secrets, now_ms, nonces});
  }
  AuthResult run() const {
    NonceStore nonces;
    return run(nonces);
  }
  int status() const {
    const AuthResult result = run();
    return result.refusal ? result.refusal->status : 200;
  }
  std::string refusal_body() const { return run().refusal.value_or(Response{}).body; }
  void set(std::string_view name, std::string value) {
    std::erase_if(request.headers, [&](const Header& field) { return field.name == name; });
    request.headers.push_back({std::string(name), std::move(value)});
  }
};

Attempt signed_attempt(std::string scheme, std::string service, std::string method,
                       std::string target, std::string body, std::string signature) {
  Attempt attempt;
  attempt.scheme = std::move(scheme);
  attempt.request.method = std::move(method);
  attempt.request.target = std::move(target);
  attempt.request.body = std::move(body);
  attempt.request.headers = {{"X-Internal-Service", std::move(service)},
                             {"x-internal-timestamp", kTimestamp},
                             {"x-internal-signature", std::move(signature)}};
  return attempt;
}

Attempt a1(std::string target, std::string signature) {
  return signed_attempt("ticket", "transfer-service", "GET", std::move(target), "",
                        std::move(signature));
}

constexpr const char* kStatusSignature =
    "affb915a099642bd8e1cf6143d1c8457b1a202092c563aaa121275d95b65bab1";

TEST(TicketScheme, AcceptsThePlatformsVectors) {
  EXPECT_EQ(a1(kStatusUrl, kStatusSignature).status(), 200);
  EXPECT_EQ(
      a1(kTokenUrl, "b215a263e7283231ff26f3f6c02dcb54d90a3c33dee5d71b9bfa062ac5e59a4f").status(),
      200);
  EXPECT_EQ(a1("/api/v1/internal/events/5e4d3c2b-1a09-4f8e-8d7c-6b5a49382716",
               "98fcf874de96059d7b4b839fc99cc742be53f67ccc5f33e0b93b2b3b7b1191ee")
                .status(),
            200);
}

TEST(TicketScheme, RefusesWithThePlatformsTexts) {
  Attempt attempt = a1(kStatusUrl, kStatusSignature);
  attempt.request.target += "?x=1";
  EXPECT_EQ(attempt.refusal_body(), R"({"error":"Invalid signature"})");
  attempt = a1(kStatusUrl, "temp-signature");
  EXPECT_EQ(attempt.refusal_body(), R"({"error":"Invalid signature"})");
  attempt = a1(kStatusUrl, "");
  EXPECT_EQ(attempt.refusal_body(), R"({"error":"Missing required headers"})");
  attempt = a1(kStatusUrl, kStatusSignature);
  attempt.secrets.hmac.clear();
  EXPECT_EQ(attempt.refusal_body(), R"({"error":"Internal authentication not configured"})");
}

TEST(TicketScheme, WindowIsFiveMinutesInclusiveBothWays) {
  Attempt attempt = a1(kStatusUrl, kStatusSignature);
  for (const std::int64_t offset : {-300000, 300000}) {
    attempt.now_ms = kNow + offset;
    EXPECT_EQ(attempt.status(), 200) << offset;
  }
  for (const std::int64_t offset : {-300001, 300001}) {
    attempt.now_ms = kNow + offset;
    EXPECT_EQ(attempt.refusal_body(), R"({"error":"Request expired"})") << offset;
  }
}

TEST(TicketScheme, OnlyTicketServiceRefusesCapitals) {
  std::string capitals = kStatusSignature;
  for (char& c : capitals) c = static_cast<char>(std::toupper(c));
  Attempt attempt = a1(kStatusUrl, capitals);
  EXPECT_EQ(attempt.status(), 401);
  attempt.owner = "order";
  EXPECT_EQ(attempt.status(), 200);
}

TEST(TicketScheme, AFieldSentTwiceIsSeenJoined) {
  Attempt attempt = a1(kStatusUrl, kStatusSignature);
  attempt.request.headers.push_back({"x-internal-service", "true"});
  EXPECT_EQ(attempt.request.header("X-INTERNAL-SERVICE"), "transfer-service, true");
  EXPECT_EQ(attempt.status(), 401);
}

TEST(VenueScheme, CoversTheMethod) {
  Attempt attempt = signed_attempt(
      "venue", "blockchain-service", "GET", "/internal/venues/2d1f7c3a-55b0-4c8e-9f13-7a6b5c4d3e2f",
      "", "3eeb8a6f6313ef6fd7b1e5546a6fff718b9896ee6cdf51b00c2b5f9183f010ed");
  attempt.owner = "venue";
  EXPECT_EQ(attempt.status(), 200);
  attempt.request.method = "POST";
  EXPECT_EQ(attempt.status(), 401);
  attempt.request.headers.clear();
  EXPECT_EQ(attempt.refusal_body(), R"({"error":"Missing authentication headers"})");
}

TEST(BodySchemes, AcceptThePlatformsVectors) {
  EXPECT_EQ(signed_attempt("payment", "order-service", "POST", "/internal/calculate-tax?dry=1",
                           R"({"amount":1050,"name":"Zoë"})",
                           "95c53d6e03987f1a24e2c98a8f479c46ceea368d299407b3e3f31fec4f39ad68")
                .status(),
            200);
  EXPECT_EQ(
      signed_attempt("payment", "order-service", "GET", "/internal/payment-intents/pi_1/status", "",
                     "8cd609fb92e2180228954f4f90799fee0c3e3262bfece3d3ee62225e92ba5fdb")
          .status(),
      200);
  EXPECT_EQ(signed_attempt("gateway", "api-gateway", "POST", "/x?q=1", kTransferBody,
                           "99b19b5160370ae084deaa20ff444fec436ef0cee7e75c3f0ae7d2297d008554")
                .status(),
            200);
  EXPECT_EQ(signed_attempt("gateway", "api-gateway", "GET", "/x", "",
                           "573f63a5f3393bc3e72ae6cad1f9fe0ec8279458b86f57dce830d4f396425687")
                .status(),
            200);
  EXPECT_EQ(signed_attempt("analytics", "event-service", "POST", "/internal/events", R"({"e":1})",
                           "9e08f46f3387a14d6978e3e884b5b3b6f1461044a3cf3107a52a7a3cdb7674e9")
                .status(),
            200);
}

TEST(BodySchemes, TheOnesWithAnotherTimestampField) {
  Attempt attempt =
      signed_attempt("blockchain", "payment-service", "GET", "/x", "",
                     "cdcececddb85bce7592ded6f96d46c410c7c49fe43010a419a2ef10346a0dbb2");
  EXPECT_EQ(attempt.status(), 401);
  attempt.set("x-timestamp", kTimestamp);
  EXPECT_EQ(attempt.status(), 200);
  attempt.now_ms = kNow + 60001;
  EXPECT_EQ(attempt.status(), 401);

  attempt = signed_attempt("minting", "blockchain-service", "GET", "/internal/mint/status/x", "",
                           "876696662312862b58738538122fef7f461e70e5066c46ab046b148c781053bd");
  attempt.set("x-timestamp", kTimestamp);
  EXPECT_EQ(attempt.status(), 200);
  attempt.set("X-Internal-Service", "nobody");
  EXPECT_EQ(attempt.status(), 403);
}

TEST(OrderNonceScheme, AcceptsOnceAndRefusesStrangers) {
  Attempt attempt;
  attempt.owner = "order";
  attempt.scheme = "order-nonce";
  attempt.request.method = "GET";
  attempt.request.target = "/internal/orders/9f8e7d6c-5b4a-4938-8271-605f4e3d2c1b";
  attempt.request.headers = {
      {"x-internal-auth", "4d4298b9cf34cdd804243e69dc30ee82721b88e05323ffa5a5d623d982f8b680"},
      {"x-service-name", "ticket-service"},
      {"x-request-timestamp", kTimestamp},
      {"x-request-nonce", kHexNonce}};
  NonceStore nonces;
  EXPECT_FALSE(attempt.run(nonces).refusal);
  ASSERT_TRUE(attempt.run(nonces).refusal);
  attempt.secrets.previous = std::exchange(attempt.secrets.hmac, "the next secret");
  EXPECT_EQ(attempt.status(), 200);
  EXPECT_TRUE(attempt.run(nonces).refusal) << "a nonce is used once with either secret";
  attempt.set("x-internal-auth", "short");
  EXPECT_EQ(attempt.status(), 500);
  attempt.set("x-service-name", "minting-service");
  EXPECT_EQ(attempt.status(), 403);
}

TEST(IntegrationScheme, ChecksTheSignatureWhenItComes) {
  Attempt attempt;
  attempt.scheme = "integration";
  attempt.request.method = "GET";
  attempt.request.target = "/x?y=%20";
  attempt.request.headers = {{"x-internal-service-key", kSecret},
                             {"x-service-name", "payment-service"}};
  EXPECT_EQ(attempt.status(), 200);
  attempt.set("x-request-timestamp", kTimestamp);
  attempt.set("x-request-signature",
              "4bad5c92be9d8cd6dcea5c597a821ccb3bc5b881172d37d595ae743891d0a39f");
  EXPECT_EQ(attempt.status(), 200);
  attempt.set("x-request-signature", "no");
  EXPECT_EQ(attempt.status(), 401);
}

Attempt standard(std::string service, std::string method, std::string target, std::string body,
                 std::string signature) {
  Attempt attempt = signed_attempt("standard", std::move(service), std::move(method),
                                   std::move(target), std::move(body), std::move(signature));
  attempt.set("x-internal-nonce", kNonce);
  return attempt;
}

TEST(StandardScheme, AcceptsThePlatformsVectors) {
  EXPECT_EQ(standard("payment-service", "GET", kStatusUrl, "",
                     "df18ef230b771acf937d1d8282a9f03dddcf8ea863b102b0df22a61ad4c047d6")
                .status(),
            200);
  EXPECT_EQ(standard("blockchain-indexer", "GET", kTokenUrl, "",
                     "b0271e78890804341012165137cf008b277e701bec3d077948b864edab3d1eb9")
                .status(),
            200);
  EXPECT_EQ(standard("transfer-service", "POST", kTransferUrl, kTransferBody,
                     "65e0d70bbf004d6e0942e0d3099952d55d95d414952838bdfb7898d1ae542c97")
                .status(),
            200);
  EXPECT_EQ(standard("order-service", "POST", "/internal/payment-intents/pi_1/confirm", "{}",
                     "d53a3444cf56b3cae33269ee6e300f2c319c8b86a6a7cff984ac75343c7a9547")
                .status(),
            200);
}

TEST(StandardScheme, HashesWhatJavaScriptWouldSerialise) {
  Attempt attempt =
      standard("payment-service", "POST", "/internal/tickets/calculate-price",
               R"({ "ticketIds" : ["a"], "n": 1.0, "e": 1e3, "u":"\u00fc", "10":1, "2":2 })",
               "101e060378c2ce710a16b1a73a0602e381e9e1b37e201edc157e609c0cbe7e4c");
  attempt.set("x-internal-body-hash",
              "c5d07dd82f4e6c8eb637b40a3ed9d93221935552c4986fa8b2f5c7b1c7e6f324");
  EXPECT_EQ(attempt.status(), 200);
  attempt.set("x-internal-body-hash", sha256_hex(attempt.request.body));
  EXPECT_EQ(attempt.refusal_body(), R"({"error":"Unauthorized","message":"Body hash mismatch"})");
}

TEST(StandardScheme, ARefusedRequestHasBurntItsNonce) {
  Attempt attempt = standard("payment-service", "GET", kStatusUrl, "", std::string(64, '0'));
  NonceStore nonces;
  EXPECT_TRUE(attempt.run(nonces).refusal);
  attempt.set("x-internal-signature",
              "df18ef230b771acf937d1d8282a9f03dddcf8ea863b102b0df22a61ad4c047d6");
  const AuthResult result = attempt.run(nonces);
  ASSERT_TRUE(result.refusal);
  EXPECT_EQ(result.refusal->body, R"({"error":"Unauthorized","message":"Nonce already used"})");
}

TEST(StandardScheme, WindowConsumersAndSecret) {
  Attempt attempt = standard("payment-service", "GET", kStatusUrl, "",
                             "df18ef230b771acf937d1d8282a9f03dddcf8ea863b102b0df22a61ad4c047d6");
  attempt.owner = "venue";
  EXPECT_EQ(attempt.status(), 403);
  attempt.owner = "ticket";
  attempt.now_ms = kNow + 60001;
  EXPECT_EQ(attempt.status(), 401);
  attempt.now_ms = kNow - 60001;
  EXPECT_EQ(attempt.status(), 401);
  attempt.secrets.standard_hmac = "short";
  EXPECT_EQ(attempt.status(), 500);
}

// An RSA key made for the test, and tokens signed with it.
class ServiceToken : public testing::Test {
 protected:
  using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

  static std::string base64url(std::string_view bytes) {
    std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                       reinterpret_cast<const unsigned char*>(bytes.data()),
                                       static_cast<int>(bytes.size()));
    out.resize(static_cast<std::size_t>(length));
    for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
    std::erase(out, '=');
    return out;
  }

  static std::string sign(EVP_PKEY* key, std::string_view text) {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          &EVP_MD_CTX_free);
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    std::size_t length = 0;
    EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key);
    EVP_DigestSign(context.get(), nullptr, &length, bytes, text.size());
    std::string signature(length, '\0');
    EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length,
                   bytes, text.size());
    return signature;
  }

  static std::string public_pem(EVP_PKEY* key) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), &BIO_free);
    PEM_write_bio_PUBKEY(bio.get(), key);
    char* text = nullptr;
    const long length = BIO_get_mem_data(bio.get(), &text);
    return {text, static_cast<std::size_t>(length)};
  }

  Attempt attempt_with(const std::string& payload, const std::string& target,
                       const std::string& head = R"({"alg":"RS256","typ":"JWT"})") {
    const std::string covered = base64url(head) + "." + base64url(payload);
    Attempt attempt;
    attempt.owner = "auth";
    attempt.scheme = "s2s";
    attempt.request.method = "GET";
    attempt.request.target = target;
    attempt.request.headers = {
        {"x-service-token", covered + "." + base64url(sign(key_.get(), covered))}};
    attempt.secrets.s2s_public_key = public_pem(key_.get());
    return attempt;
  }

  static std::string payload(std::string_view service, std::string_view type = "service",
                             std::int64_t exp = kNow / 1000 + 60) {
    return Json{{"sub", service}, {"type", type}, {"iat", kNow / 1000}, {"exp", exp}}.dump();
  }

  const Key key_{EVP_RSA_gen(2048), &EVP_PKEY_free};
};

constexpr const char* kUserPath = "/auth/internal/users/x?a=b";

TEST_F(ServiceToken, AcceptsAListedServiceOnly) {
  EXPECT_EQ(attempt_with(payload("payment-service"), kUserPath).status(), 200);
  EXPECT_EQ(attempt_with(payload("event-service"), kUserPath).status(), 403);
  EXPECT_EQ(attempt_with(payload("unknown-service"), kUserPath).status(), 403);
}

TEST_F(ServiceToken, RefusesWithThePlatformsCodes) {
  Attempt attempt = attempt_with(payload("payment-service"), kUserPath);
  attempt.request.headers.clear();
  EXPECT_NE(attempt.refusal_body().find("MISSING_SERVICE_TOKEN"), std::string::npos);
  // No tolerance: a token is over in the second it names.
  const std::string over =
      attempt_with(payload("payment-service", "service", kNow / 1000), kUserPath).refusal_body();
  EXPECT_NE(over.find("SERVICE_TOKEN_EXPIRED"), std::string::npos);
  for (Attempt bad :
       {attempt_with(payload("payment-service", "user"), kUserPath),
        attempt_with(payload("payment-service"), kUserPath, R"({"alg":"HS256"})"),
        attempt_with(R"({"type":"service"})", kUserPath), attempt_with("[]", kUserPath)}) {
    EXPECT_NE(bad.refusal_body().find("INVALID_SERVICE_TOKEN"), std::string::npos);
  }
  Attempt foreign = attempt_with(payload("payment-service"), kUserPath);
  foreign.secrets.s2s_public_key = public_pem(Key(EVP_RSA_gen(2048), &EVP_PKEY_free).get());
  EXPECT_EQ(foreign.status(), 401);
}

TEST(ApiKeyScheme, AsksForAllThree) {
  Attempt attempt;
  attempt.scheme = "api-key";
  EXPECT_EQ(attempt.status(), 403);
  attempt.set("x-internal-service", "true");
  EXPECT_EQ(attempt.status(), 401);
  attempt.set("x-internal-api-key", "key-1");
  EXPECT_EQ(attempt.status(), 400);
  attempt.set("x-tenant-id", "00000000-0000-0000-0000-000000000001");
  EXPECT_EQ(attempt.status(), 400);
  attempt.set("x-tenant-id", std::string(seed::kTenant));
  attempt.set("x-trace-id", "t-1");
  const AuthResult result = attempt.run();
  ASSERT_FALSE(result.refusal);
  ASSERT_EQ(result.response_headers.size(), 1u);
  EXPECT_EQ(result.response_headers[0].value, "t-1");
}

}  // namespace
}  // namespace owners
