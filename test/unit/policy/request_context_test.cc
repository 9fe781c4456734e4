#include "policy/request_context.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace usher::policy {
namespace {

constexpr std::string_view kTenant = "123e4567-e89b-42d3-a456-426614174000";
constexpr std::string_view kTraceId = "0af7651916cd43dd8448eb211c80319c";
constexpr std::string_view kParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

using List = std::vector<std::pair<std::string_view, std::string_view>>;

class RequestContextTest : public testing::Test {
 protected:
  void read(const List& list) {
    fields_.clear();
    for (const auto& [name, value] : list) fields_.add(name, value, http::field_id(name));
    context_.read_trace(fields_, random_);
  }
  // The code of what is wrong, or nothing.
  std::optional<ErrorCode> refused(const List& list) {
    read(list);
    const Status status = context_.read_identity(fields_, policy_);
    return status ? std::nullopt : std::optional(status.error().code);
  }
  // The owner's field after read().
  std::string written(std::string_view name) {
    std::array<char, 4096> buffer{};
    http::HeadWriter writer(buffer);
    context_.write(writer, "gateway", random_);
    const std::string text(writer.view());
    const std::size_t at = text.find(std::string(name) + ": ");
    if (at == std::string::npos) return "";
    const std::size_t begin = at + name.size() + 2;
    return text.substr(begin, text.find("\r\n", begin) - begin);
  }

  http::Fields fields_;
  Random random_{std::uint64_t{1}};
  EndpointPolicy policy_;
  RequestContext context_;
};

TEST_F(RequestContextTest, TenantRules) {
  policy_.tenant = TenantRule::Required;
  EXPECT_EQ(refused({}), ErrorCode::MissingTenantId);
  EXPECT_EQ(refused({{"X-Tenant-ID", ""}}), ErrorCode::MissingTenantId);
  EXPECT_EQ(refused({{"X-Tenant-ID", "nonsense"}}), ErrorCode::InvalidTenantId);
  EXPECT_EQ(refused({{"X-Tenant-ID", kTenant}}), std::nullopt);
  EXPECT_EQ(context_.tenant(), kTenant);
  policy_.tenant = TenantRule::Optional;
  EXPECT_EQ(refused({}), std::nullopt);
  EXPECT_EQ(refused({{"X-Tenant-ID", "nonsense"}}), ErrorCode::InvalidTenantId);
  policy_.tenant = TenantRule::None;
  EXPECT_EQ(refused({{"X-Tenant-ID", "nonsense"}}), std::nullopt);
  EXPECT_EQ(written("X-Tenant-ID"), "nonsense");
}

TEST_F(RequestContextTest, Duplicates) {
  policy_.tenant = TenantRule::None;
  EXPECT_EQ(refused({{"X-Tenant-ID", kTenant}, {"x-tenant-id", kTenant}}),
            ErrorCode::InvalidTenantId);
  EXPECT_EQ(refused({{"X-User-ID", kTenant}, {"X-User-ID", kTenant}}), ErrorCode::InvalidUserId);
}

TEST_F(RequestContextTest, Formats) {
  const struct {
    std::string text;
    bool uuid;
    bool uuid_any;
    bool opaque;
  } kCases[] = {
      {std::string(kTenant), true, true, true},
      {"123E4567-E89B-12D3-A456-426614174000", true, true, true},
      {"123e4567-e89b-52d3-b456-426614174000", true, true, true},
      {"123e4567-e89b-72d3-a456-426614174000", false, true, true},  // version 7
      {"123e4567-e89b-02d3-a456-426614174000", false, true, true},  // version 0
      {"123e4567-e89b-42d3-c456-426614174000", false, true, true},  // another variant
      {"00000000-0000-0000-0000-000000000000", false, true, true},
      {"123e4567-e89b-42d3-a456-42661417400", false, false, true},
      {"123e4567-e89b-42d3-a456-4266141740000", false, false, true},
      {"123e4567ee89be42d3ea456e426614174000", false, false, true},
      {"123e4567-e89b-42d3-a456-42661417400g", false, false, true},
      {"acme", false, false, true},
      {std::string(255, 'x'), false, false, true},
      {std::string(256, 'x'), false, false, false},
      {"two words", false, false, false},
      {"tab\t", false, false, false},
      {"gr\xc3\xbcn", false, false, false},
  };
  for (const auto& [text, uuid, uuid_any, opaque] : kCases) {
    const auto passes = [&](IdFormat format) {
      policy_.tenant_format = policy_.user_format = format;
      const bool as_tenant = !refused({{"X-Tenant-ID", text}}).has_value();
      const bool as_user = !refused({{"X-Tenant-ID", format == IdFormat::Opaque ? "t" : kTenant},
                                     {"X-User-ID", text}})
                                .has_value();
      EXPECT_EQ(as_tenant, as_user) << text;
      return as_tenant;
    };
    EXPECT_EQ(passes(IdFormat::Uuid), uuid) << text;
    EXPECT_EQ(passes(IdFormat::UuidAny), uuid_any) << text;
    EXPECT_EQ(passes(IdFormat::Opaque), opaque) << text;
  }
}

TEST_F(RequestContextTest, TheUserIsOptional) {
  EXPECT_EQ(refused({{"X-Tenant-ID", kTenant}}), std::nullopt);
  EXPECT_EQ(written("X-User-ID"), "");
  EXPECT_EQ(refused({{"X-Tenant-ID", kTenant}, {"X-User-ID", "me"}}), ErrorCode::InvalidUserId);
}

TEST_F(RequestContextTest, ATraceIsMadeWhereThereIsNone) {
  read({});
  const std::string first(context_.trace_id());
  EXPECT_EQ(first.size(), 32u);
  EXPECT_TRUE(std::all_of(first.begin(), first.end(),
                          [](char c) { return is_hex_digit(c) && c == to_lower(c); }));
  EXPECT_EQ(context_.span_id().size(), 16u);
  const std::string traceparent = written("traceparent");
  EXPECT_EQ(traceparent.size(), 55u);
  EXPECT_EQ(traceparent.substr(0, 36), "00-" + first + "-");
  EXPECT_EQ(traceparent.substr(52), "-01");
  read({});
  EXPECT_NE(context_.trace_id(), first);
}

TEST_F(RequestContextTest, TraceparentGoesOnWithASpanOfTheAttempt) {
  read({{"traceparent", kParent}});
  EXPECT_EQ(context_.trace_id(), kTraceId);
  const std::string first = written("traceparent");
  const std::string second = written("traceparent");
  EXPECT_EQ(first.substr(0, 36), "00-" + std::string(kTraceId) + "-");
  EXPECT_EQ(first.substr(52), "-01");
  EXPECT_NE(first, second);
  EXPECT_NE(first, kParent);
  EXPECT_NE(first.substr(36, 16), std::string(16, '0'));
}

TEST_F(RequestContextTest, TraceparentTable) {
  const struct {
    std::string text;
    bool good;
    std::string_view flags = "01";
  } kCases[] = {
      {std::string(kParent), true},
      {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", true, "00"},
      {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ff", true, "ff"},
      {"cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", true},
      {"cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-later", true},
      {"cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01later", false},
      {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-later", false},
      {"ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false},
      {"00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", false},
      {"00-0af7651916cd43dd8448eb211c80319c-B7ad6b7169203331-01", false},
      {"00-00000000000000000000000000000000-b7ad6b7169203331-01", false},
      {"00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", false},
      {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0", false},
      {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0x", false},
      {"00_0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", false},
      {"0-0af7651916cd43dd8448eb211c80319cc-b7ad6b7169203331-01", false},
      {"", false},
      {"00", false},
  };
  for (const auto& [text, good, flags] : kCases) {
    read({{"traceparent", text}});
    EXPECT_EQ(context_.trace_id() == kTraceId, good) << text;
    EXPECT_EQ(written("traceparent").substr(53), good ? flags : "01") << text;
  }
}

TEST_F(RequestContextTest, TheLastOfSeveralTraceparentsIsNoError) {
  read({{"traceparent", kParent}, {"traceparent", "nonsense"}});
  EXPECT_EQ(context_.trace_id().size(), 32u);
}

TEST_F(RequestContextTest, TraceIdsOfThePlatform) {
  read({{"X-Trace-ID", "mint-worker-1768210800000-x7"}, {"X-Span-ID", "span-1"}});
  EXPECT_EQ(context_.trace_id(), "mint-worker-1768210800000-x7");
  EXPECT_EQ(written("X-Trace-ID"), "mint-worker-1768210800000-x7");
  EXPECT_EQ(written("X-Span-ID"), "span-1");
  EXPECT_NE(written("traceparent").substr(3, 32), std::string(32, '0'));
  // One that could be a W3C id is one.
  read({{"X-Trace-ID", kTraceId}});
  EXPECT_EQ(written("traceparent").substr(3, 32), kTraceId);
  // Both together: each in its own field.
  read({{"X-Trace-ID", "free"}, {"traceparent", kParent}});
  EXPECT_EQ(written("X-Trace-ID"), "free");
  EXPECT_EQ(written("traceparent").substr(3, 32), kTraceId);
}

TEST_F(RequestContextTest, UnusableTraceIdsAreReplaced) {
  for (const std::string& bad :
       {std::string(129, 'x'), std::string("a b"), std::string("\xc3\xbc")}) {
    read({{"X-Trace-ID", bad}, {"X-Span-ID", bad}});
    EXPECT_EQ(context_.trace_id().size(), 32u);
    EXPECT_EQ(context_.span_id().size(), 16u);
  }
  read({{"X-Trace-ID", std::string_view("x")}});
  EXPECT_EQ(context_.trace_id(), "x");
}

TEST_F(RequestContextTest, TheTraceIsThereAfterAnError) {
  EXPECT_EQ(refused({{"X-Trace-ID", "mine"}}), ErrorCode::MissingTenantId);
  EXPECT_EQ(context_.trace_id(), "mine");
}

TEST_F(RequestContextTest, WritesTheConsumersName) {
  read({});
  EXPECT_EQ(written("X-Calling-Service"), "gateway");
}

}  // namespace
}  // namespace usher::policy
