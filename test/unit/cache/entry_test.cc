#include "cache/entry.h"

#include <gtest/gtest.h>

#include <cstring>
#include <thread>

#include "unit/cache/support.h"

namespace usher::cache {
namespace {

http::ResponseHead head_of(const OwnedFields& fields, int status = 200) {
  http::ResponseHead head;
  head.status = status;
  head.fields = fields;
  return head;
}

TEST(Entry, HasItsOwnCopyOfEverything) {
  Hasher hasher;
  std::string lines = "Content-Type: text/plain\r\n";
  std::string etag = "\"1\"";
  std::string date = "Mon, 12 Jan 2026 10:00:00 GMT";
  std::string body = "hello";
  std::vector<Tag> tags = {make_tag(hasher, {1}, "a"), make_tag(hasher, {1}, "b")};
  EntryParts parts;
  parts.kind = EntryKind::Vary;
  parts.key = key_named("a");
  parts.freshness.lifetime_ms = 5000;
  parts.freshness.must_revalidate = true;
  parts.endpoint = 7;
  parts.begun = 8;
  parts.generation = 9;
  parts.loaded_ms = 10;
  parts.status = 404;
  parts.lines = lines;
  parts.etag = etag;
  parts.last_modified = date;
  parts.body = body;
  parts.tags = tags;
  const EntryRef entry = Entry::make(parts);
  const std::vector<Tag> kept_tags = tags;
  for (std::string* text : {&lines, &etag, &date, &body}) text->assign(text->size(), '!');
  tags.assign(2, Tag{});

  EXPECT_EQ(entry->kind(), EntryKind::Vary);
  EXPECT_EQ(entry->key(), key_named("a"));
  EXPECT_EQ(entry->freshness().lifetime_ms, 5000);
  EXPECT_TRUE(entry->freshness().must_revalidate);
  EXPECT_EQ(entry->endpoint(), 7U);
  EXPECT_EQ(entry->begun(), 8U);
  EXPECT_EQ(entry->generation(), 9U);
  EXPECT_EQ(entry->loaded_ms(), 10);
  EXPECT_EQ(entry->status(), 404);
  EXPECT_EQ(entry->lines(), "Content-Type: text/plain\r\n");
  EXPECT_EQ(entry->etag(), "\"1\"");
  EXPECT_EQ(entry->last_modified(), "Mon, 12 Jan 2026 10:00:00 GMT");
  EXPECT_EQ(entry->body(), "hello");
  EXPECT_EQ(std::vector<Tag>(entry->tags().begin(), entry->tags().end()), kept_tags);
}

TEST(Entry, CountsAllOfItsBlock) {
  EntryParts parts;
  const std::size_t empty = Entry::make(parts)->bytes();
  EXPECT_GT(empty, sizeof(Entry));
  const std::string body(1000, 'x');
  const Tag tags[3] = {};
  parts.body = body;
  parts.lines = "ab";
  parts.etag = "c";
  parts.last_modified = "d";
  parts.tags = tags;
  EXPECT_EQ(Entry::make(parts)->bytes(), empty + 1004 + sizeof(tags));
}

TEST(Entry, IsMadeAgainFromItsPartsWithOtherNumbers) {
  Hasher hasher;
  const Tag tag = make_tag(hasher, {1}, "a");
  EntryParts parts;
  parts.body = "body";
  parts.tags = {&tag, 1};
  const EntryRef entry = Entry::make(parts);
  EntryParts newer = entry->parts();
  newer.loaded_ms = 5;
  const EntryRef other = Entry::make(newer);
  EXPECT_EQ(other->loaded_ms(), 5);
  EXPECT_EQ(other->body(), "body");
  EXPECT_NE(other->body().data(), entry->body().data());
  EXPECT_EQ(other->tags()[0], tag);
}

// The sanitizers see an entry that is released too early, twice or never.
TEST(Entry, LivesAsLongAsItsReferences) {
  EntryRef one = entry_named("a", "body");
  EntryRef copy = one;
  EntryRef moved = std::move(one);
  EXPECT_FALSE(one);  // NOLINT(bugprone-use-after-move): null by its contract
  EXPECT_EQ(copy.get(), moved.get());
  copy = copy;  // NOLINT: itself
  moved = EntryRef();
  EXPECT_FALSE(moved);
  EXPECT_EQ(copy->body(), "body");
  copy = entry_named("b", "other");
  EXPECT_EQ(copy->body(), "other");
}

TEST(Entry, ReferencesAreCountedByManyThreads) {
  const EntryRef entry = entry_named("a", "body");
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([mine = entry] {
      for (int n = 0; n < 10'000; ++n) {
        EntryRef copy = mine;
        ASSERT_EQ(copy->body(), "body");
        copy = EntryRef();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(entry->body(), "body");
}

// --- lines
// ----------------------------------------------------------------------------------------

std::string lines_of(const OwnedFields& fields) {
  std::string lines = "left from before";
  EXPECT_TRUE(write_lines(head_of(fields), lines));
  return lines;
}

TEST(EntryLines, KeepWhatIsTheAnswers) {
  EXPECT_EQ(lines_of({{"content-type", "application/json"},
                      {"DATE", "Mon, 12 Jan 2026 10:00:00 GMT"},
                      {"X-Empty", ""},
                      {"Cache-Status", "inner; hit"},
                      {"Cache-Control", "max-age=5"},
                      {"ETag", "\"1\""},
                      {"Vary", "X-View"},
                      {"Vary", "Accept-Encoding"}}),
            "content-type: application/json\r\n"
            "DATE: Mon, 12 Jan 2026 10:00:00 GMT\r\n"
            "X-Empty: \r\n"
            "Cache-Status: inner; hit\r\n"
            "Cache-Control: max-age=5\r\n"
            "ETag: \"1\"\r\n"
            "Vary: X-View\r\n"
            "Vary: Accept-Encoding\r\n");
}

TEST(EntryLines, LeaveOutWhatIsSaidAnewOrOfOneCall) {
  for (const char* name : {"Content-Length",
                           "Transfer-Encoding",
                           "Connection",
                           "Keep-Alive",
                           "Trailer",
                           "Upgrade",
                           "Proxy-Authenticate",
                           "Proxy-Connection",
                           "Proxy-Authentication-Info",
                           "Age",
                           "X-Trace-ID",
                           "X-Span-ID",
                           "traceparent",
                           "tracestate",
                           "X-Request-ID",
                           "X-Correlation-ID",
                           "Set-Cookie",
                           "X-RateLimit-Remaining",
                           "x-ratelimit-reset",
                           "RateLimit-Limit",
                           "RateLimit",
                           "X-Server-Time",
                           "X-Response-Time",
                           "Usher-Endpoint",
                           "usher-attempts",
                           "X-Internal-Secret",
                           "x-service-token"}) {
    const std::string value = std::string(name) == "Connection" ? "keep-alive" : "1";
    EXPECT_EQ(lines_of({{name, value}, {"X-Kept", "1"}}), "X-Kept: 1\r\n") << name;
  }
  EXPECT_EQ(lines_of({{"Ages", "1"}, {"X-Ratelimited", "2"}, {"Usher", "3"}}),
            "Ages: 1\r\nX-Ratelimited: 2\r\nUsher: 3\r\n");
  EXPECT_EQ(lines_of({{"Set-Cookie2", "a=b"}}), "Set-Cookie2: a=b\r\n");
}

TEST(EntryLines, LeaveOutWhatConnectionNames) {
  EXPECT_EQ(lines_of({{"X-One", "1"}, {"Connection", "close, x-one"}, {"X-Two", "2"}}),
            "X-Two: 2\r\n");
}

TEST(EntryLines, NoneForAConnectionThatIsNotAcceptable) {
  const OwnedFields fields({{"Connection", "no token"}, {"X-One", "1"}});
  std::string lines;
  EXPECT_FALSE(write_lines(head_of(fields), lines));
  EXPECT_FALSE(merge_lines("X-Two: 2\r\n", head_of(fields), lines));
}

std::string merged(std::string_view kept, const OwnedFields& fields) {
  std::string lines = "left from before";
  EXPECT_TRUE(merge_lines(kept, head_of(fields, 304), lines));
  return lines;
}

TEST(EntryLines, NotModifiedReplacesFieldsOfItsNames) {
  EXPECT_EQ(merged("X-One: 1\r\nDate: Mon\r\nx-one: 2\r\nX-Two: 1\r\n",
                   {{"Date", "Tue"}, {"X-ONE", "3"}, {"X-New", "4"}}),
            "X-Two: 1\r\nDate: Tue\r\nX-ONE: 3\r\nX-New: 4\r\n");
  EXPECT_EQ(merged("X-One: 1\r\n", {}), "X-One: 1\r\n");
  EXPECT_EQ(merged("", {{"X-One", "1"}}), "X-One: 1\r\n");
  EXPECT_EQ(merged("X-One: 1\r\n", {{"X-One", "1"}, {"X-One", "2"}}), "X-One: 1\r\nX-One: 2\r\n");
}

TEST(EntryLines, NotModifiedSaysNothingOfTheBody) {
  for (const char* name : {"Content-Encoding", "Content-Length", "Content-Range", "CONTENT-MD5"}) {
    EXPECT_EQ(merged(std::string(name) + ": 1\r\n", {{name, "2"}}), std::string(name) + ": 1\r\n");
    EXPECT_EQ(merged("X-One: 1\r\n", {{name, "2"}}), "X-One: 1\r\n");
  }
}

// RFC 9111 §3.2, §4.3.4.
TEST(EntryLines, NotModifiedUpdatesWhatTheBodyIsCalled) {
  EXPECT_EQ(merged("Content-Type: a/b\r\n", {{"Content-Type", "a/b;c=d"}}),
            "Content-Type: a/b;c=d\r\n");
  EXPECT_EQ(merged("Last-Modified: Mon\r\n", {{"Last-Modified", "Tue"}}), "Last-Modified: Tue\r\n");
}

TEST(EntryLines, NotModifiedGivesNoOtherTag) {
  EXPECT_EQ(merged("etag: \"1\"\r\nX-One: 1\r\n", {{"ETag", "\"2\""}, {"X-One", "2"}}),
            "etag: \"1\"\r\nX-One: 2\r\n");
  EXPECT_EQ(merged("X-One: 1\r\n", {{"ETag", "\"2\""}}), "X-One: 1\r\nETag: \"2\"\r\n");
}

TEST(EntryLines, OfNotModifiedTooOnlyWhatIsTheAnswersIsKept) {
  EXPECT_EQ(merged("X-One: 1\r\n", {{"Set-Cookie", "a=b"},
                                    {"Age", "5"},
                                    {"Connection", "x-one"},
                                    {"X-One", "hop"},
                                    {"X-Trace-ID", "t"}}),
            "X-One: 1\r\n");
}

}  // namespace
}  // namespace usher::cache
