#include "proxy/cache_fill.h"

#include <gtest/gtest.h>

namespace usher::proxy {
namespace {

using http::FieldId;

class Fill : public testing::Test {
 protected:
  Fill() { head.status = 200; }
  http::ResponseHead& field(std::string_view name, std::string_view value) {
    head.fields.add(name, value, http::field_id(name));
    return head;
  }
  bool add(std::string_view run, bool complete = true) {
    const std::string_view runs[] = {run};
    return fill.add({.head = nullptr, .body = runs, .complete = complete});
  }

  MemoryBudget memory;
  CacheFill fill{memory};
  http::ResponseHead head;
};

TEST_F(Fill, CollectsHeadAndBody) {
  field("ETag", "\"1\"");
  field("Last-Modified", "Wed, 21 Oct 2015 07:28:00 GMT");
  ASSERT_TRUE(fill.begin(head, 100, 0));
  EXPECT_TRUE(add("one ", false));
  EXPECT_TRUE(add("two"));
  const cache::EntryParts parts = fill.parts();
  EXPECT_EQ(parts.status, 200);
  EXPECT_EQ(parts.body, "one two");
  EXPECT_EQ(parts.etag, "\"1\"");
  EXPECT_EQ(parts.last_modified, "Wed, 21 Oct 2015 07:28:00 GMT");
  EXPECT_GT(memory.used(), 0u);
  fill.clear();
  EXPECT_EQ(memory.used(), 0u);
  EXPECT_FALSE(fill.active());
}

TEST_F(Fill, DatesWhatHasNoDate) {
  ASSERT_TRUE(fill.begin(head, 100, 1'000'000));
  EXPECT_EQ(fill.parts().lines, "Date: Thu, 01 Jan 1970 00:16:40 GMT\r\n");
  fill.clear();
  field("Date", "Wed, 21 Oct 2015 07:28:00 GMT");
  ASSERT_TRUE(fill.begin(head, 100, 1'000'000));
  EXPECT_EQ(fill.parts().lines, "Date: Wed, 21 Oct 2015 07:28:00 GMT\r\n");
}

TEST_F(Fill, RefusesALengthBeyondTheBound) {
  head.framing = http::Framing::ContentLength;
  head.content_length = 101;
  EXPECT_FALSE(fill.begin(head, 100, 0));
  EXPECT_FALSE(fill.active());
}

TEST_F(Fill, ForgetsABodyThatGrowsBeyondTheBound) {
  ASSERT_TRUE(fill.begin(head, 5, 0));
  EXPECT_TRUE(add("12345", false));
  EXPECT_FALSE(add("6"));
  EXPECT_FALSE(fill.active());
  EXPECT_EQ(memory.used(), 0u);
}

TEST_F(Fill, TakesEncodedAnswersAsChosenByTheirEncoding) {
  field("Content-Encoding", "gzip");
  field("Vary", "Origin");
  ASSERT_TRUE(fill.begin(head, 100, 0));
  EXPECT_EQ(fill.vary(), "Origin, accept-encoding");
}

}  // namespace
}  // namespace usher::proxy
