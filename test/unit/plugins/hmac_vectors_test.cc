// Every form of signature of the platform, checked against signatures that the platform's own
// verifiers accepted. The secret, clock and nonces are those of the vectors.
#include <gtest/gtest.h>

#include <cstring>

#include <usher/builtin.h>
#include "support/fake_plugin_host.h"

namespace usher::test {
namespace {

constexpr const char* kSecret = "platform-test-secret-0123456789abcdef0123456789abcdef";
constexpr int64_t kTimestampMs = 1768210800000;
constexpr uint8_t kUuidRandom[16] = {0x3f, 0x2b, 0x8c, 0x1e, 0x6d, 0x4a, 0x4f, 0x7b,
                                     0x9a, 0x10, 0x5c, 0x2e, 0x7d, 0x8f, 0x90, 0x12};
constexpr uint8_t kHexRandom[16] = {0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
                                    0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff};
constexpr std::string_view kUuid = "3f2b8c1e-6d4a-4f7b-9a10-5c2e7d8f9012";
constexpr std::string_view kHexNonce = "00112233445566778899aabbccddeeff";

struct Vector {
  std::string_view preset;
  const char* service;
  const char* method;
  const char* target;
  const char* body;  // null: none
  const char* signature;
  std::string_view body_hash;  // empty: no header
};

// clang-format off
constexpr Vector kVectors[] = {
    {"ticket", "transfer-service", "GET",
     "/internal/tickets/7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a01/status",
     nullptr,
     "affb915a099642bd8e1cf6143d1c8457b1a202092c563aaa121275d95b65bab1", ""},
    {"ticket", "transfer-service", "GET",
     "/internal/tickets/by-token/7xKX%2Fab%20c?expand=event&x=%C3%BC",
     nullptr,
     "b215a263e7283231ff26f3f6c02dcb54d90a3c33dee5d71b9bfa062ac5e59a4f", ""},
    {"ticket", "transfer-service", "POST",
     "/internal/tickets/7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a01/transfer",
     R"({"fromUserId":"c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f","toUserId":"2d1f7c3a-55b0-4c8e-9f13-7a6b5c4d3e2f","reason":"gift für Zoë"})",
     "4910fa2f2c5c787318d34b120f28fbdb3bbe1e32e4cb7392c9a69b9c375b206a", ""},
    {"ticket", "transfer-service", "GET",
     "/api/v1/internal/events/5e4d3c2b-1a09-4f8e-8d7c-6b5a49382716",
     nullptr,
     "98fcf874de96059d7b4b839fc99cc742be53f67ccc5f33e0b93b2b3b7b1191ee", ""},
    {"venue", "blockchain-service", "GET",
     "/internal/venues/2d1f7c3a-55b0-4c8e-9f13-7a6b5c4d3e2f",
     nullptr,
     "3eeb8a6f6313ef6fd7b1e5546a6fff718b9896ee6cdf51b00c2b5f9183f010ed", ""},
    {"venue", "blockchain-service", "GET",
     "/internal/venues/2d1f7c3a-55b0-4c8e-9f13-7a6b5c4d3e2f/validate-ticket/7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a01?gate=A%20%2F%20B",
     nullptr,
     "99c69550b40af555c176ebcdff7866d09e606730f08b13aed32aa465e8d52692", ""},
    {"venue", "blockchain-service", "POST",
     "/internal/venues/2d1f7c3a-55b0-4c8e-9f13-7a6b5c4d3e2f",
     R"({"a":1})",
     "f4b1c1c09152a09a632dc1373539217ccb04986a22cbbfc1defb74f2d9374e41", ""},
    {"payment", "order-service", "POST",
     "/internal/payment-complete",
     R"({"orderId":"9f8e7d6c-5b4a-4938-8271-605f4e3d2c1b","paymentId":"pay_1"})",
     "a7ca7ccf4c53e55f648ea2a2414aa380e3f9b364f6d8aed6aaf961a9d43a91e8", ""},
    {"payment", "order-service", "POST",
     "/internal/calculate-tax?dry=1",
     R"({"amount":1050,"name":"Zoë"})",
     "95c53d6e03987f1a24e2c98a8f479c46ceea368d299407b3e3f31fec4f39ad68", ""},
    {"payment", "order-service", "GET",
     "/internal/payment-intents/pi_1/status",
     nullptr,
     "8cd609fb92e2180228954f4f90799fee0c3e3262bfece3d3ee62225e92ba5fdb", ""},
    {"gateway", "api-gateway", "GET",
     "/x",
     nullptr,
     "573f63a5f3393bc3e72ae6cad1f9fe0ec8279458b86f57dce830d4f396425687", ""},
    {"gateway", "api-gateway", "POST",
     "/x",
     R"({"fromUserId":"c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f","toUserId":"2d1f7c3a-55b0-4c8e-9f13-7a6b5c4d3e2f","reason":"gift für Zoë"})",
     "99b19b5160370ae084deaa20ff444fec436ef0cee7e75c3f0ae7d2297d008554", ""},
    {"gateway", "api-gateway", "GET",
     "/",
     nullptr,
     "17ff40d3910ab87c2c65edb99456d516187180b24fd8e61ca916c377606f12d5", ""},
    {"blockchain", "payment-service", "POST",
     "/internal/mint-tickets",
     R"({"ticketIds":["7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a01"],"eventId":"5e4d3c2b-1a09-4f8e-8d7c-6b5a49382716","userId":"c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f","queue":"ticket.mint"})",
     "9da838ded8465bbec8b9553e49e494c517a6571068372a3f40debc2859c55090", ""},
    {"blockchain", "payment-service", "GET",
     "/x",
     nullptr,
     "cdcececddb85bce7592ded6f96d46c410c7c49fe43010a419a2ef10346a0dbb2", ""},
    {"blockchain", "payment-service", "POST",
     "/x",
     R"({})",
     "cdcececddb85bce7592ded6f96d46c410c7c49fe43010a419a2ef10346a0dbb2", ""},
    {"minting", "blockchain-service", "POST",
     "/internal/mint",
     R"({"ticketId":"7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a01"})",
     "9ad69fedd1d16514a748deeb6c2df04a3614293d3d452f2f362b753d926732df", ""},
    {"minting", "blockchain-service", "GET",
     "/internal/mint/status/7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a01",
     nullptr,
     "876696662312862b58738538122fef7f461e70e5066c46ab046b148c781053bd", ""},
    {"minting", "blockchain-service", "POST",
     "/internal/mint/batch",
     R"({"tickets":[{"ticketId":"7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a01"}]})",
     "a87fe8cd1487cbe61db00a754aea79cdbc7d17717fa45dbe5e2402087d94f446", ""},
    {"order-nonce", "ticket-service", "GET",
     "/internal/orders/9f8e7d6c-5b4a-4938-8271-605f4e3d2c1b",
     nullptr,
     "4d4298b9cf34cdd804243e69dc30ee82721b88e05323ffa5a5d623d982f8b680", ""},
    {"order-nonce", "ticket-service", "GET",
     "/internal/orders/without-tickets?minutesOld=5&status=PAID",
     nullptr,
     "f1889b2a6cffc867a79e9cabbcd53e570c24367d9b62b17ab3815a3317c7b1ef", ""},
    {"order-nonce", "ticket-service", "POST",
     "/internal/tickets/reserve",
     R"({"orderId":"9f8e7d6c-5b4a-4938-8271-605f4e3d2c1b"})",
     "154ec89c2d32a48b217ddb1966b37228a4e3dca5a65c6549d6ad617e7a08bb17", ""},
    {"analytics", "event-service", "GET",
     "/x",
     nullptr,
     "86a00bce94c2acbe4b0f3f47a3b01885be893cb85949467aa2cd8a9cbd33ed63", ""},
    {"analytics", "event-service", "POST",
     "/internal/events",
     R"({"e":1})",
     "9e08f46f3387a14d6978e3e884b5b3b6f1461044a3cf3107a52a7a3cdb7674e9", ""},
    {"analytics", "event-service", "GET",
     "/x?y=%20",
     nullptr,
     "49decaeb82b86419a7e4954342fc9c43a4d2cdf6b1ad0fcbdc6f4754444b783a", ""},
    {"integration", "payment-service", "GET",
     "/x",
     nullptr,
     "3224e66a44916f3b42b0c87c8c17a8a51e6420583955228792c772b012dad55f", ""},
    {"integration", "payment-service", "POST",
     "/y",
     R"({})",
     "e2f930532d68a3c04e32f0cc2bea973fb317f36d4667ec1bb6ffa70feed27be3", ""},
    {"integration", "payment-service", "GET",
     "/x?y=%20",
     nullptr,
     "4bad5c92be9d8cd6dcea5c597a821ccb3bc5b881172d37d595ae743891d0a39f", ""},
    {"webhook", "payment-service", "POST",
     "/webhooks/payment",
     R"({"b":1,"a":2})",
     "29e2465b3d3170876c74446b190cb57c833d826884f43d62dc670351af067350", ""},
    {"webhook", "payment-service", "POST",
     "/webhooks/payment",
     R"({"orderId":"9f8e7d6c-5b4a-4938-8271-605f4e3d2c1b","paymentId":"p","meta":{"z":1,"a":[1,2]}})",
     "3c919641dbfe81edfb2d7e0a2b414e96f42fc9107b5e602aa9b35a246c60c2bc", ""},
    {"webhook", "payment-service", "POST",
     "/webhooks/payment",
     R"({"n":"ü"})",
     "fa16f2524a67111485153bb7b8b781b51bd27015af9aab48c9bf6de581f2ed40", ""},
    {"standard", "payment-service", "GET",
     "/internal/tickets/7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a01/status",
     nullptr,
     "df18ef230b771acf937d1d8282a9f03dddcf8ea863b102b0df22a61ad4c047d6", ""},
    {"standard", "blockchain-indexer", "GET",
     "/internal/tickets/by-token/7xKX%2Fab%20c?expand=event&x=%C3%BC",
     nullptr,
     "b0271e78890804341012165137cf008b277e701bec3d077948b864edab3d1eb9", ""},
    {"standard", "transfer-service", "POST",
     "/internal/tickets/7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a01/transfer",
     R"({"fromUserId":"c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f","toUserId":"2d1f7c3a-55b0-4c8e-9f13-7a6b5c4d3e2f","reason":"gift für Zoë"})",
     "65e0d70bbf004d6e0942e0d3099952d55d95d414952838bdfb7898d1ae542c97", "b8136f1a3e544ca76df1b84ad6fe522c2ec815816d0c882f87e0e7586573c907"},
    {"standard", "payment-service", "POST",
     "/internal/tickets/cancel-batch",
     R"({"ticketIds":["7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a01","9f8e7d6c-5b4a-4938-8271-605f4e3d2c1b"],"reason":"event cancelled","refundId":"re_123"})",
     "dfead26d0aa419d732fcf152f3b9fc9b4cfe7e932bb6aa71de9eee97e93027b0", "2fa25963fc02117d0bb77910f7e98dbbf75c9e23755e78476717e9cb430808db"},
    {"standard", "payment-service", "POST",
     "/internal/tickets/calculate-price",
     R"({ "ticketIds" : ["a"], "n": 1.0, "e": 1e3, "u":"\u00fc", "10":1, "2":2 })",
     "101e060378c2ce710a16b1a73a0602e381e9e1b37e201edc157e609c0cbe7e4c", "c5d07dd82f4e6c8eb637b40a3ed9d93221935552c4986fa8b2f5c7b1c7e6f324"},
    {"standard", "order-service", "POST",
     "/internal/payment-intents/pi_1/confirm",
     R"({})",
     "d53a3444cf56b3cae33269ee6e300f2c319c8b86a6a7cff984ac75343c7a9547", "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"},
    {"standard", "compliance-service", "GET",
     "/auth/internal/users/by-email/zo%C3%AB%2Bvip%40example.com",
     nullptr,
     "423a9346dac379a073e9320210efad02ccc0e7e5b5ce885e0759f84f08bc1096", ""},
    {"standard", "minting-service", "GET",
     "/api/v1/internal/events/5e4d3c2b-1a09-4f8e-8d7c-6b5a49382716",
     nullptr,
     "f8717c2c6648bb451d069f445d693681aecef05826f96fee9a841d5ebcdb001f", ""},
};
// clang-format on

// The headers of a preset: service, timestamp, nonce, signature; empty ones are not sent.
struct Names {
  std::string_view preset, service, timestamp, nonce, signature;
};

constexpr Names kInternal = {"", "x-internal-service", "x-internal-timestamp", "",
                             "x-internal-signature"};
constexpr Names kOthers[] = {
    {"blockchain", "x-internal-service", "x-timestamp", "", "x-internal-signature"},
    {"minting", "x-internal-service", "x-timestamp", "", "x-internal-signature"},
    {"order-nonce", "x-service-name", "x-request-timestamp", "x-request-nonce", "x-internal-auth"},
    {"integration", "x-service-name", "x-request-timestamp", "", "x-request-signature"},
    {"webhook", "", "x-webhook-timestamp", "x-webhook-nonce", "x-internal-signature"},
    {"standard", "x-internal-service", "x-internal-timestamp", "x-internal-nonce",
     "x-internal-signature"}};

Names names_of(std::string_view preset) {
  for (const Names& names : kOthers) {
    if (names.preset == preset) return names;
  }
  return kInternal;
}

class HmacVector : public testing::TestWithParam<Vector> {};

TEST_P(HmacVector, GivesTheHeadersThatTheOwnerAccepts) {
  const Vector& vector = GetParam();
  const Names names = names_of(vector.preset);
  const bool hex_nonce = vector.preset == "order-nonce";
  FakePluginHost host;
  host.secrets["secret"] = kSecret;
  const std::string config = R"({"scheme":"hmac","preset":")" + std::string(vector.preset) +
                             R"(","secret":{"env":"SECRET"}})";
  FakeSigner signer(host, usher_plugin_hmac_v1(), config, vector.service);
  ASSERT_TRUE(signer.configured()) << host.error_text();

  usher_sign_input input =
      sign_input(vector.service, vector.method, vector.target, vector.body, kTimestampMs);
  std::memcpy(input.random, hex_nonce ? kHexRandom : kUuidRandom, sizeof input.random);
  ASSERT_EQ(signer.sign(input), 0) << host.sign_error;

  std::vector<std::pair<std::string, std::string>> expected;
  const auto expect = [&](std::string_view name, std::string_view value) {
    if (!name.empty()) expected.emplace_back(name, value);
  };
  expect(names.service, vector.service);
  expect(names.timestamp, "1768210800000");
  expect(names.nonce, hex_nonce ? kHexNonce : kUuid);
  expect(names.signature, vector.signature);
  expect(vector.body_hash.empty() ? "" : "x-internal-body-hash", vector.body_hash);
  expect(vector.preset == "integration" ? "x-internal-service-key" : "", kSecret);
  EXPECT_EQ(host.headers, expected);

  const std::vector<std::string> announced = signer.header_names();
  for (const auto& [name, value] : host.headers) {
    EXPECT_NE(std::find(announced.begin(), announced.end(), name), announced.end()) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Platform, HmacVector, testing::ValuesIn(kVectors),
                         [](const testing::TestParamInfo<Vector>& row) {
                           std::string name(row.param.preset);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name + "_" + std::to_string(row.index);
                         });

}  // namespace
}  // namespace usher::test
