#include "filter/signer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <functional>

#include "filter/plugin_host.h"

namespace usher::filter {
namespace {

using testing::ElementsAre;

usher_plugin_str str(std::string_view text) {
  return {text.data(), text.size()};
}

// A plugin whose behaviour each test sets.
struct FakePlugin {
  std::function<int(const usher_host_v1&, usher_context*)> configure;
  std::function<int(const usher_host_v1&, usher_sign_output*)> sign;
  std::vector<usher_plugin_str> names = {str("x-internal-signature"), str("X-Internal-Service")};
  std::uint32_t needs = 0;
  bool opens = true;
  int opened = 0;
  int destroyed = 0;
};
FakePlugin* plugin = nullptr;
const usher_host_v1* host = nullptr;

int configure(const usher_host_v1* table, usher_context* context, usher_host_str, usher_host_str,
              std::int64_t, void** signer) {
  host = table;
  *signer = plugin;
  return plugin->configure ? plugin->configure(*table, context) : 0;
}
void info(void*, usher_signer_info* out) {
  out->needs = plugin->needs;
  out->header_names = plugin->names.data();
  out->header_count = plugin->names.size();
}
void* open(void*) {
  if (!plugin->opens) return nullptr;
  ++plugin->opened;
  return plugin;
}
int sign(void*, const usher_sign_input*, usher_sign_output* output) {
  return plugin->sign ? plugin->sign(*host, output) : 0;
}
void close(void*) {
  --plugin->opened;
}
void destroy(void*) {
  ++plugin->destroyed;
}

usher_signer_v1 make_table() {
  return {.struct_size = sizeof(usher_signer_v1),
          .reserved = 0,
          .scheme = str("fake"),
          .configure = configure,
          .info = info,
          .open = open,
          .sign = sign,
          .close = close,
          .renew_at = nullptr,
          .renew = nullptr,
          .destroy = destroy,
          .explain = nullptr};
}

class SignerTest : public testing::Test {
 protected:
  SignerTest() { plugin = &fake_; }

  std::unique_ptr<Signer> make() {
    const SignerContext context = {
        .secret = [this](std::string_view key,
                         int) { return key == "secret" ? &secret_ : nullptr; },
        .error =
            [this](std::string_view key, std::string_view message) {
              errors_.push_back(std::string(key) + ": " + std::string(message));
            }};
    return Signer::configure(table_, "{}", "payment-service", 0, context);
  }

  // What signing writes, or why it fails.
  std::string sign_with(std::function<int(const usher_host_v1&, usher_sign_output*)> behaviour) {
    fake_.sign = std::move(behaviour);
    const auto signer = make();
    WorkerSigner worker(*signer);
    std::array<char, 512> buffer;
    http::HeadWriter writer(buffer);
    usher_sign_input input{};
    input.struct_size = sizeof input;
    std::string reason;
    const Status status = worker.sign(input, writer, reason);
    if (status) return std::string(writer.view());
    EXPECT_EQ(status.error().code, ErrorCode::SigningFailed);
    return reason;
  }

  FakePlugin fake_;
  usher_signer_v1 table_ = make_table();
  Secret secret_{std::string("0123456789abcdef0123456789abcdef")};
  std::vector<std::string> errors_;
};

TEST_F(SignerTest, TellsWhatTheSchemeNeedsAndAdds) {
  fake_.needs = USHER_SIGNER_NEEDS_BODY;
  const auto signer = make();
  ASSERT_NE(signer, nullptr);
  EXPECT_EQ(signer->scheme(), "fake");
  EXPECT_TRUE(signer->needs_body());
  EXPECT_THAT(signer->header_names(), ElementsAre("x-internal-signature", "X-Internal-Service"));
  EXPECT_EQ(signer->renew_at(), 0);
  EXPECT_TRUE(signer->renew(1));
}

TEST_F(SignerTest, HandsOutSecrets) {
  fake_.configure = [](const usher_host_v1& table, usher_context* context) {
    usher_host_str value{};
    EXPECT_EQ(table.secret(context, str("secret"), USHER_SECRET_SHARED, &value), 0);
    EXPECT_EQ(std::string_view(value.data, value.size), "0123456789abcdef0123456789abcdef");
    EXPECT_NE(table.secret(context, str("other"), USHER_SECRET_SHARED, &value), 0);
    return 0;
  };
  EXPECT_NE(make(), nullptr);
}

TEST_F(SignerTest, PassesMistakesOn) {
  fake_.configure = [](const usher_host_v1& table, usher_context* context) {
    table.config_error(context, str("preset"), str("is wrong"));
    table.config_error(context, {nullptr, 0}, str("all of it"));
    return 1;
  };
  EXPECT_EQ(make(), nullptr);
  EXPECT_THAT(errors_, ElementsAre("preset: is wrong", ": all of it"));
  EXPECT_EQ(fake_.destroyed, 0);
}

TEST_F(SignerTest, ASchemeMayFailAndSayNothing) {
  fake_.configure = [](const usher_host_v1&, usher_context*) { return 1; };
  EXPECT_EQ(make(), nullptr);
  EXPECT_TRUE(errors_.empty());
}

TEST_F(SignerTest, AMistakeCountsThoughTheSchemeSucceeds) {
  fake_.configure = [](const usher_host_v1& table, usher_context* context) {
    table.config_error(context, str("x"), str("is wrong"));
    return 0;
  };
  EXPECT_EQ(make(), nullptr);
  EXPECT_EQ(fake_.destroyed, 1);
}

TEST_F(SignerTest, RefusesHeadersThatItMayNotHave) {
  const std::pair<std::string_view, std::string> cases[] = {
      {"bad name", ": the scheme's header \"bad name\" is not a header name; choose another name"},
      {"", ": the scheme's header \"\" is not a header name; choose another name"},
      {"Host",
       ": the scheme's header \"Host\" is a header that only the proxy itself writes; "
       "choose another name"},
      {"x-tenant-id",
       ": the scheme's header \"x-tenant-id\" is a header that only the proxy "
       "itself writes; choose another name"},
      {"X-INTERNAL-SERVICE",
       ": the scheme's header \"X-INTERNAL-SERVICE\" is named twice; choose another name"},
  };
  for (const auto& [name, message] : cases) {
    errors_.clear();
    fake_.names = {str("x-internal-service"), str(name)};
    EXPECT_EQ(make(), nullptr);
    EXPECT_THAT(errors_, ElementsAre(message));
  }
}

// A header that has a number, but is nothing that the proxy writes.
TEST_F(SignerTest, MayNameAuthorization) {
  fake_.names = {str("Authorization")};
  EXPECT_NE(make(), nullptr);
  EXPECT_TRUE(errors_.empty());
}

TEST_F(SignerTest, RefusesATableThatIsTooSmallOrIncomplete) {
  table_.struct_size = offsetof(usher_signer_v1, destroy);
  EXPECT_EQ(make(), nullptr);
  table_ = make_table();
  table_.sign = nullptr;
  EXPECT_EQ(make(), nullptr);
  EXPECT_EQ(errors_.size(), 2U);
}

TEST_F(SignerTest, SaysWhatItWouldSignWhereItCan) {
  const auto explained = [this] {
    const auto signer = make();
    usher_sign_input input{};
    input.struct_size = sizeof input;
    return WorkerSigner(*signer).explain(input);
  };
  EXPECT_TRUE(explained().empty());
  table_.explain = [](void*, const usher_sign_input*, usher_explain_output* output) {
    host->explain_text(output, str("payload"), str("a:b"));
    return 0;
  };
  EXPECT_THAT(explained(), ElementsAre(testing::Pair("payload", "a:b")));
  // A table of 1.0 ends before it, whatever stands there.
  table_.struct_size = offsetof(usher_signer_v1, explain);
  EXPECT_TRUE(explained().empty());
  table_ = make_table();
  table_.explain = [](void*, const usher_sign_input*, usher_explain_output* output) {
    host->explain_text(output, str("payload"), str("half"));
    return 1;
  };
  EXPECT_TRUE(explained().empty());
}

TEST_F(SignerTest, WritesHeadersAsThePluginSpellsThem) {
  EXPECT_EQ(sign_with([](const usher_host_v1& table, usher_sign_output* output) {
              table.add_header(output, str("x-internal-service"), str("payment-service"));
              table.add_header(output, str("x-internal-signature"), str("ab"));
              return 0;
            }),
            "x-internal-service: payment-service\r\nx-internal-signature: ab\r\n");
}

TEST_F(SignerTest, SigningFailsOnHeadersThatMayNotBeSent) {
  const auto adding = [this](std::string_view name, std::string_view value, int times) {
    return sign_with([=](const usher_host_v1& table, usher_sign_output* output) {
      for (int i = 0; i < times; ++i) table.add_header(output, str(name), str(value));
      return 0;
    });
  };
  EXPECT_EQ(adding("x-internal-signature", "a", 2),
            "the plugin added a header twice: x-internal-signature");
  EXPECT_EQ(adding("x-other", "a", 1), "the plugin added a header that it did not announce");
  EXPECT_EQ(adding("x-internal-signature", "a\r\nx: y", 1),
            "the plugin gave a header bytes that no header may have: x-internal-signature");
}

TEST_F(SignerTest, SigningFailsWithThePluginsReason) {
  EXPECT_EQ(sign_with([](const usher_host_v1& table, usher_sign_output* output) {
              table.sign_error(output, str("the token has expired"));
              return 1;
            }),
            "the token has expired");
  EXPECT_EQ(sign_with([](const usher_host_v1&, usher_sign_output*) { return 1; }),
            "the scheme failed without saying why");
}

TEST_F(SignerTest, SigningFailsWhereTheSchemeCouldNotBeOpened) {
  fake_.opens = false;
  EXPECT_EQ(sign_with(nullptr), "the scheme could not be opened");
}

TEST_F(SignerTest, ClosesAndDestroysOnce) {
  {
    const auto signer = make();
    WorkerSigner first(*signer);
    WorkerSigner second(std::move(first));
    EXPECT_EQ(fake_.opened, 1);
  }
  EXPECT_EQ(fake_.opened, 0);
  EXPECT_EQ(fake_.destroyed, 1);
}

TEST(NoneSigner, AddsNothing) {
  const auto signer = Signer::none();
  WorkerSigner worker(*signer);
  std::array<char, 8> buffer;
  http::HeadWriter writer(buffer);
  usher_sign_input input{};
  input.struct_size = sizeof input;
  std::string reason;
  EXPECT_TRUE(worker.sign(input, writer, reason).has_value());
  EXPECT_TRUE(writer.view().empty());
  EXPECT_EQ(signer->scheme(), "none");
  EXPECT_TRUE(signer->header_names().empty());
}

TEST(Builtin, HasTheShippedSchemes) {
  EXPECT_THAT(scheme_names(), ElementsAre("hmac", "service-jwt", "api-key", "none"));
  EXPECT_NE(find_scheme("hmac"), nullptr);
  EXPECT_EQ(find_scheme("none"), nullptr);
}

}  // namespace
}  // namespace usher::filter
