// The scheme "api-key".
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <usher/builtin.h>
#include "support/fake_plugin_host.h"

namespace usher::test {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

class ApiKey : public testing::Test {
 protected:
  ApiKey() { host_.secrets["key"] = key_; }

  // The headers sent, or the errors under the name "error".
  Headers send(std::string_view members) {
    FakeSigner signer(host_, usher_plugin_api_key_v1(),
                      R"({"scheme":"api-key","key":{"env":"K"})" + std::string(members) + "}",
                      "venue-service");
    if (!signer.configured()) return {{"error", host_.error_text()}};
    EXPECT_EQ(signer.needs(), 0u);
    EXPECT_EQ(signer.sign(sign_input("venue-service", "GET", "/x", nullptr, 1)), 0);
    std::vector<std::string> names;
    for (const auto& [name, value] : host_.headers) names.push_back(name);
    EXPECT_EQ(names, signer.header_names());
    return host_.headers;
  }

  const std::string key_ = std::string(40, 'k');
  FakePluginHost host_;
};

TEST_F(ApiKey, SendsTheKeyAndTrue) {
  EXPECT_EQ(send(""), (Headers{{"x-internal-service", "true"}, {"x-internal-api-key", key_}}));
}

TEST_F(ApiKey, ExpressesTheBareSharedSecret) {
  EXPECT_EQ(send(R"(,"service_value":"{service}","headers":{"key":"x-internal-secret"})"),
            (Headers{{"x-internal-service", "venue-service"}, {"x-internal-secret", key_}}));
}

TEST_F(ApiKey, LeavesTheServiceHeaderOut) {
  EXPECT_EQ(send(R"(,"headers":{"service":null})"), (Headers{{"x-internal-api-key", key_}}));
}

TEST_F(ApiKey, FillsInTheServiceAnywhere) {
  EXPECT_EQ(send(R"(,"service_value":"<{service}|{service}>")")[0].second,
            "<venue-service|venue-service>");
}

TEST_F(ApiKey, ReportsMistakes) {
  const std::pair<const char*, const char*> kWrong[] = {
      {R"(,"keys":1)", R"(keys: unknown member "keys"; did you mean "key"?)"},
      {R"(,"headers":{"key":""})", R"(headers: "key" must have a header)"},
      {R"(,"headers":{"key":"a b"})", "headers: the header name \"a b\""},
      {R"(,"service_value":"{consumer}")", "service_value: the only placeholder is {service}"},
      {R"(,"service_value":"a\nb")", "service_value: a header must carry this"},
      {R"(,"service_value":7)", "service_value: service_value must be a string"}};
  for (const auto& [members, says] : kWrong) {
    host_.errors.clear();
    const Headers got = send(members);
    ASSERT_EQ(got[0].first, "error") << members;
    EXPECT_THAT(got[0].second, testing::HasSubstr(says));
  }
}

TEST_F(ApiKey, NeedsAKeyThatAHeaderCanCarry) {
  host_.secrets["key"] = std::string(32, 'k') + "\r\nx: y";
  EXPECT_THAT(send("")[0].second, testing::HasSubstr("key: a header must carry this key"));
  EXPECT_THAT(send("")[0].second, testing::Not(testing::HasSubstr("kkkk")));
}

}  // namespace
}  // namespace usher::test
