// What all shipped plugins have in common: their tables, and helpers used by several of them.
#include <gtest/gtest.h>

#include <usher/builtin.h>
#include "../../../plugins/common/encoding.h"
#include "../../../plugins/common/http_text.h"
#include "../../../plugins/common/spelling.h"
#include "support/fake_plugin_host.h"

namespace usher::test {
namespace {

TEST(PluginTable, IsCompleteAndConstant) {
  const std::pair<usher_plugin_v1_fn, std::string> kPlugins[] = {
      {usher_plugin_hmac_v1, "hmac"},
      {usher_plugin_service_jwt_v1, "service-jwt"},
      {usher_plugin_api_key_v1, "api-key"}};
  for (const auto& [function, scheme] : kPlugins) {
    const usher_plugin_table_v1* const table = function();
    EXPECT_EQ(table, function());
    EXPECT_EQ(table->struct_size, sizeof(usher_plugin_table_v1));
    EXPECT_EQ(table->abi_minor, USHER_PLUGIN_ABI_MINOR);
    ASSERT_EQ(table->signer_count, 1u);
    EXPECT_EQ(table->signers[0]->struct_size, sizeof(usher_signer_v1));
    EXPECT_EQ(to_string(table->signers[0]->scheme), scheme);
  }
}

std::string base64url(std::string_view text) {
  return plugins::base64url({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

TEST(Encoding, Base64BothWays) {
  EXPECT_EQ(base64url(""), "");
  EXPECT_EQ(base64url("f"), "Zg");
  EXPECT_EQ(base64url("fo"), "Zm8");
  EXPECT_EQ(base64url("foo"), "Zm9v");
  EXPECT_EQ(base64url("\xfb\xff\xfe"), "-__-");
  EXPECT_EQ(plugins::base64_decode("Zg=="), "f");
  EXPECT_EQ(plugins::base64_decode("Zm8="), "fo");
  EXPECT_EQ(plugins::base64_decode(" Zm9v\nZm9v\r\n"), "foofoo");
  EXPECT_EQ(plugins::base64_decode("+//+"), "\xfb\xff\xfe");
  EXPECT_EQ(plugins::base64_decode("Zm8"), "fo");
  EXPECT_FALSE(plugins::base64_decode("Z"));
  EXPECT_FALSE(plugins::base64_decode("Zg==Zg=="));
  EXPECT_FALSE(plugins::base64_decode("Zm9v*"));
  EXPECT_FALSE(plugins::base64_decode("Zg==="));
}

TEST(Spelling, SuggestsOnlyWhatIsNear) {
  constexpr std::string_view kNames[] = {"payload", "preset"};
  EXPECT_EQ(plugins::unknown_name("member", "pyload", kNames),
            "unknown member \"pyload\"; did you mean \"payload\"? allowed: payload, preset");
  EXPECT_EQ(plugins::unknown_name("member", "xyzzy", kNames),
            "unknown member \"xyzzy\"; allowed: payload, preset");
}

TEST(HttpText, KnowsNamesAndValues) {
  EXPECT_TRUE(plugins::is_token("X-a_1!~"));
  EXPECT_FALSE(plugins::is_token(""));
  EXPECT_FALSE(plugins::is_token("a:b"));
  EXPECT_TRUE(plugins::is_field_value("a b"));
  EXPECT_FALSE(plugins::is_field_value(" a"));
  EXPECT_FALSE(plugins::is_field_value("a\tb"));
  EXPECT_TRUE(plugins::same_name("X-Ab", "x-aB"));
}

}  // namespace
}  // namespace usher::test
