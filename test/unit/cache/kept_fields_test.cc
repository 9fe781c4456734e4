#include "cache/kept_fields.h"

#include <gtest/gtest.h>

namespace usher::cache {
namespace {

TEST(KeptFields, AreReadOutOfLines) {
  http::Fields fields;
  read_lines("ETag: \"a:b\"\r\nX-Empty:\r\ncache-control:  max-age=1 \r\n", fields);
  ASSERT_EQ(fields.size(), 3u);
  EXPECT_EQ(fields.find(http::FieldId::Etag)->value, "\"a:b\"");
  EXPECT_EQ((fields.begin() + 1)->name, "X-Empty");
  EXPECT_EQ((fields.begin() + 1)->value, "");
  EXPECT_EQ(fields.find(http::FieldId::CacheControl)->value, "max-age=1");
}

TEST(KeptFields, NoLinesAreNoFields) {
  http::Fields fields;
  read_lines("", fields);
  EXPECT_EQ(fields.size(), 0u);
}

TEST(KeptFields, AreFoundByName) {
  constexpr std::string_view kLines = "X-Empty:\r\nDates: 1\r\nDATE:  Mon: 1 \r\nDate: Tue\r\n";
  EXPECT_EQ(find_value(kLines, "date"), "Mon: 1");
  EXPECT_EQ(find_value(kLines, "x-empty"), "");
  EXPECT_EQ(find_value(kLines, "mon"), "");
  EXPECT_EQ(find_value("", "date"), "");
}

TEST(NamesBeyond, AreThoseThatTheKeyDoesNotHave) {
  const std::string known[] = {"accept-language"};
  EXPECT_EQ(names_beyond("Accept-Language", known), "");
  EXPECT_EQ(names_beyond("X-B , accept-language,, X-A", known), "x-a,x-b");
  EXPECT_EQ(names_beyond("X-A, x-a", {}), "x-a");
  EXPECT_EQ(names_beyond("", {}), "");
}

}  // namespace
}  // namespace usher::cache
