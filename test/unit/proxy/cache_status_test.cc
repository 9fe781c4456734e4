#include "proxy/cache_status.h"

#include <gtest/gtest.h>

namespace usher::proxy {
namespace {

using Forward = CacheStatus::Forward;

TEST(CacheStatus, SaysHitsWithWhatIsLeft) {
  CacheStatus status;
  EXPECT_EQ(status.view(), "");
  status.hit(12);
  EXPECT_EQ(status.view(), "usher; hit; ttl=12");
  status.hit(-3, "stale-if-error");
  EXPECT_EQ(status.view(), "usher; hit; ttl=-3; detail=stale-if-error");
}

TEST(CacheStatus, SaysWhyTheOwnerWasAsked) {
  CacheStatus status;
  const std::pair<Forward, std::string_view> names[] = {
      {Forward::Bypass, "bypass"},      {Forward::Method, "method"}, {Forward::UriMiss, "uri-miss"},
      {Forward::VaryMiss, "vary-miss"}, {Forward::Stale, "stale"},   {Forward::Request, "request"}};
  for (const auto& [why, name] : names) {
    status.forward(why);
    EXPECT_EQ(status.view(), "usher; fwd=" + std::string(name));
  }
}

TEST(CacheStatus, HoldsAllOfItsPartsAtOnce) {
  CacheStatus status;
  status.forward(Forward::VaryMiss, 304);
  status.stored();
  status.collapsed();
  status.detail("no-lifetime");
  EXPECT_EQ(status.view(),
            "usher; fwd=vary-miss; fwd-status=304; stored; collapsed; detail=no-lifetime");
  status.clear();
  EXPECT_EQ(status.view(), "");
}

}  // namespace
}  // namespace usher::proxy
