// A platform of a thousand services: it loads without a warning, and each of its calls is found.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/config/support.h"

namespace usher::config::test {
namespace {

constexpr int kServices = 1000;
constexpr int kPairs = 10;  // of a cached read and of what makes it stale, in each service

std::string path_of(int service, int pair) {
  return "/internal/s" + std::to_string(service) + "/things" + std::to_string(pair);
}

std::string endpoints_of(int service, int pair) {
  const std::string path = path_of(service, pair);
  const std::string tag = std::to_string(service) + "-" + std::to_string(pair) + ":{thingId}";
  return "    {\n      \"name\": \"status-" + std::to_string(pair) + "\",\n" +
         "      \"match\": \"GET " + path + "/{thingId}/status\",\n" +
         "      \"consumers\": [\"payment-service\", \"order-service\"],\n" +
         "      \"cache\": { \"ttl\": \"5m\", \"tags\": [\"thing" + tag + "\"] }\n    },\n" +
         "    {\n      \"name\": \"transfer-" + std::to_string(pair) + "\",\n" +
         "      \"match\": \"POST " + path + "/{thingId}/transfer\",\n" +
         "      \"consumers\": [\"payment-service\"],\n      \"idempotent\": \"key\",\n" +
         "      \"retry\": \"fast\",\n      \"invalidates\": [\"thing" + tag + "\"]\n    }";
}

void write_platform(const TempDirectory& directory) {
  directory.write("usher.json", kUsher);
  for (int service = 0; service < kServices; ++service) {
    const std::string name = "service-" + std::to_string(service);
    std::string text = "{\n  \"service\": \"" + name + "\",\n  \"addresses\": [\"http://" + name +
                       ":3000\"],\n  \"auth\": {\n    \"scheme\": \"hmac\",\n    \"preset\": "
                       "\"ticket\",\n    \"secret\": { \"env\": \"USHER_TEST_SECRET\" }\n  },\n"
                       "  \"endpoints\": [\n";
    for (int pair = 0; pair < kPairs; ++pair) {
      text += (pair == 0 ? "" : ",\n") + endpoints_of(service, pair);
    }
    directory.write("services/" + name + ".json", text + "\n  ]\n}\n");
  }
}

class ScaleTest : public testing::Test {
 protected:
  ScaleTest() {
    environment_.set("USHER_TEST_SECRET", kSecret);
    write_platform(directory_);
  }

  const TempDirectory directory_;
  Environment environment_;
};

TEST_F(ScaleTest, TwentyThousandEndpointsAreFound) {
  const LoadResult result = load({directory_.path()}, 0);
  ASSERT_NE(result.snapshot, nullptr) << to_string(result.problems.front());
  EXPECT_THAT(result.warnings, testing::IsEmpty());
  EXPECT_EQ(result.snapshot->clusters.size(), std::size_t{kServices});
  EXPECT_EQ(result.snapshot->endpoints.size(), std::size_t{2 * kServices * kPairs});
  const route::Router& router = result.snapshot->listeners[0].router;
  for (int service = 0; service < kServices; ++service) {
    for (int pair = 0; pair < kPairs; ++pair) {
      const std::string path = path_of(service, pair) + "/7/";
      const auto status = router.match(http::Method::Get, path + "status");
      const auto transfer = router.match(http::Method::Post, path + "transfer");
      ASSERT_NE(status.endpoint, nullptr) << path;
      ASSERT_NE(transfer.endpoint, nullptr) << path;
      EXPECT_EQ(status.endpoint->name, "status-" + std::to_string(pair));
      EXPECT_EQ(transfer.endpoint->service, "service-" + std::to_string(service));
    }
  }
}

// A mistake in the last file is found among all of them, and stands alone.
TEST_F(ScaleTest, OneMistakeAmongThem) {
  directory_.write("services/zzz.json",
                   "{\"service\": \"zzz\", \"addresses\": [\"http://z\"],\n"
                   "\"endpoints\": [{\"name\": \"e\", \"match\": \"GET " +
                       path_of(999, 9) + "/{other}/status\"}]}");
  EXPECT_THAT(problems_of(directory_),
              testing::ElementsAre(testing::StartsWith(
                  "services/zzz.json:2:38: this matches the same calls as the endpoint "
                  "\"status-9\" of \"service-999\" at services/service-999.json:")));
}

}  // namespace
}  // namespace usher::config::test
