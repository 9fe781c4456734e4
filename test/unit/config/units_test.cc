#include "config/units.h"

#include <gtest/gtest.h>

#include "config/spelling.h"

namespace usher::config {
namespace {

TEST(Units, ReadsDurations) {
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("5s"), 5s);
  EXPECT_EQ(parse_duration("1m"), std::chrono::minutes(1));
  EXPECT_EQ(parse_duration("1h"), std::chrono::hours(1));
  EXPECT_EQ(parse_duration("0s"), 0s);
  for (const char* text : {"", "5", "s", "5 s", "-5s", "1.5s", "5S", "5sec", "+5s", "1000001s",
                           "99999999999999999999s", "5s "}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(Units, ReadsSizes) {
  EXPECT_EQ(parse_size("512B"), 512U);
  EXPECT_EQ(parse_size("64KiB"), 65536U);
  EXPECT_EQ(parse_size("1MiB"), 1048576U);
  EXPECT_EQ(parse_size("2GiB"), std::size_t{2} << 30);
  for (const char* text : {"", "5", "5KB", "5k", "5 KiB", "-1B", "1e3B"}) {
    EXPECT_EQ(parse_size(text), std::nullopt) << text;
  }
}

TEST(Units, WritesWhatItReads) {
  for (const char* text : {"250ms", "5s", "90s", "1m", "1h", "0s", "1500ms"}) {
    EXPECT_EQ(format_duration(*parse_duration(text)), text);
  }
  EXPECT_EQ(format_duration(60s), "1m");
  for (const char* text : {"1B", "1023B", "64KiB", "1MiB", "3GiB"}) {
    EXPECT_EQ(format_size(*parse_size(text)), text);
  }
}

TEST(Spelling, FindsWhatWasMeant) {
  constexpr std::string_view kWords[] = {"timeout", "tenant", "tenant_format", "safe"};
  EXPECT_EQ(nearest("timout", kWords), "timeout");
  EXPECT_EQ(nearest("tenant-format", kWords), "tenant_format");
  EXPECT_EQ(nearest("sfae", kWords), "safe");
  EXPECT_EQ(nearest("timeout_of_all", kWords), "timeout");
  EXPECT_EQ(nearest("time", kWords), "timeout");
  EXPECT_EQ(nearest("saf", kWords), "safe");
  EXPECT_EQ(nearest("retry", kWords), "");
  EXPECT_EQ(nearest("", kWords), "");
  EXPECT_EQ(nearest(std::string(100'000, 't'), kWords), "");
}

}  // namespace
}  // namespace usher::config
