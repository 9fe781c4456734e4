// Stories of what RFC 9111 asks of a cache on HTTP's behalf: fields, conditions, parts.

#include "http/http_date.h"
#include "sim/story.h"

namespace usher::sim {
namespace {

using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

class HttpCache : public Story {
 protected:
  HttpCache() {
    settings.cache_bytes = 1024 * 1024;
    policy::CachePolicy cache;
    cache.scope = policy::CacheScope::Tenant;
    policy(0).cache = cache;
    owner->on_request([this](OwnerConnection& connection) {
      connection.send(whole_answer("answer " + std::to_string(++answers_), fields_));
    });
  }

  std::size_t calls() const { return owner->requests().size(); }
  Answer ask(std::string_view fields = {}) {
    return send(get("/things/1", fields)).answers().back();
  }
  std::string now() { return std::string(http::HttpDate(network.wall_ms()).text()); }
  // From now on each call is answered so.
  void owner_confirms(const std::string& fields) {
    owner->on_request([fields](OwnerConnection& connection) {
      connection.send("HTTP/1.1 304 Not Modified\r\n" + fields + "\r\n");
    });
  }

  std::string fields_ = "Cache-Control: max-age=10\r\n";
  int answers_ = 0;
};

// --- fields (§3.1, §3.2) ------------------------------------------------------------------------

TEST_F(HttpCache, FieldsThatNobodyKnowsAreKept) {
  fields_ += "Set-Cookie2: a=b\r\nContent-Foo: 1\r\nX-Foo: 2\r\nx-foo: 3\r\n";
  ask();
  const Answer answer = ask();
  EXPECT_EQ(calls(), 1u);
  EXPECT_EQ(answer.field("Set-Cookie2"), "a=b");
  EXPECT_EQ(answer.field("Content-Foo"), "1");
  EXPECT_THAT(answer.head, HasSubstr("X-Foo: 2\r\nx-foo: 3\r\n"));
}

TEST_F(HttpCache, NotModifiedUpdatesTheFields) {
  fields_ += "ETag: \"1\"\r\nContent-Type: a/b\r\nContent-MD5: x\r\nX-Foo: 1\r\n";
  ask();
  network.advance(seconds(11));
  owner_confirms(
      "Cache-Control: max-age=20\r\nETag: \"1\"\r\nContent-Type: a/b;c=d\r\n"
      "Content-MD5: y\r\nX-Foo: 2\r\n");
  for (int i = 0; i < 2; ++i) {
    const Answer answer = ask();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "answer 1");
    EXPECT_EQ(answer.field("Content-Type"), "a/b;c=d");
    EXPECT_EQ(answer.field("Content-MD5"), "x") << "of the bytes that are kept";
    EXPECT_EQ(answer.field("X-Foo"), "2");
    network.advance(seconds(15));
  }
  EXPECT_EQ(calls(), 2u);
}

// §4.3.4: the kept bytes stay those of their tag, whatever a 304 says.
TEST_F(HttpCache, NotModifiedByAnotherTagIsNotTakenForIt) {
  fields_ += "ETag: \"1\"\r\n";
  ask();
  owner_confirms("ETag: \"2\"\r\n");
  for (int i = 0; i < 2; ++i) {
    network.advance(seconds(11));
    EXPECT_EQ(ask().field("ETag"), "\"1\"");
    EXPECT_EQ(owner->requests().back().field("If-None-Match"), "\"1\"");
  }
}

TEST_F(HttpCache, NotModifiedUpdatesWhatIsAskedByNext) {
  constexpr std::string_view kOlder = "Sun, 06 Nov 1994 08:49:37 GMT";
  constexpr std::string_view kNewer = "Mon, 07 Nov 1994 08:49:37 GMT";
  fields_ += "Last-Modified: " + std::string(kOlder) + "\r\n";
  ask();
  owner_confirms("ETag: \"1\"\r\nLast-Modified: " + std::string(kNewer) + "\r\n");
  network.advance(seconds(11));
  ask();
  EXPECT_EQ(owner->requests().back().field("If-Modified-Since"), kOlder);
  EXPECT_EQ(owner->requests().back().field("If-None-Match"), "");
  network.advance(seconds(11));
  ask();
  EXPECT_EQ(owner->requests().back().field("If-Modified-Since"), kNewer);
  EXPECT_EQ(owner->requests().back().field("If-None-Match"), "\"1\"");
}

// --- fields for caches like this one (RFC 9213 §2.2) --------------------------------------------

TEST_F(HttpCache, OwnersWordForThisCacheGoesFirst) {
  fields_ = "Cache-Control: max-age=100\r\nCDN-Cache-Control: max-age=10\r\n";
  ask();
  network.advance(seconds(9));
  const Answer kept = ask();
  EXPECT_EQ(kept.body, "answer 1");
  EXPECT_EQ(kept.field("CDN-Cache-Control"), "max-age=10");
  EXPECT_EQ(kept.field("Cache-Control"), "max-age=100");
  network.advance(seconds(2));
  EXPECT_EQ(ask().body, "answer 2");
}

TEST_F(HttpCache, OwnersLearnHowToSpeakToThisCache) {
  fields_ = "Cache-Control: no-store\r\nSurrogate-Control: max-age=10;usher\r\n";
  ask();
  EXPECT_EQ(owner->requests().back().field("Surrogate-Capability"), "usher=\"Surrogate/1.0\"");
  EXPECT_EQ(ask().body, "answer 1");
  ask("Cache-Control: no-store\r\n");
  EXPECT_EQ(owner->requests().back().field("Surrogate-Capability"), "") << "nothing is kept of it";
}

TEST_F(HttpCache, OwnersWordForThisCacheForbids) {
  for (const char* word : {"CDN-Cache-Control: no-store", "Surrogate-Control: no-store"}) {
    fields_ = "Cache-Control: max-age=100\r\n" + std::string(word) + "\r\n";
    EXPECT_NE(ask().body, ask().body) << word;
  }
}

// --- conditions (§4.3.2) ------------------------------------------------------------------------

TEST_F(HttpCache, AnswerWithoutLastModifiedWasNotChangedSinceItsDate) {
  const std::string date = now();
  fields_ += "Date: " + date + "\r\n";
  ask();
  network.advance(seconds(3));
  EXPECT_EQ(ask("If-Modified-Since: " + date + "\r\n").status, 304);
  EXPECT_EQ(ask("If-Modified-Since: " + now() + "\r\n").status, 304);
  EXPECT_EQ(ask("If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n").status, 200);
  EXPECT_EQ(calls(), 1u);
}

// --- parts (RFC 9110 §14) -----------------------------------------------------------------------

TEST_F(HttpCache, PartOfWhatIsKept) {
  fields_ += "ETag: \"1\"\r\nContent-Type: a/b\r\nContent-MD5: x\r\n";
  ask();
  struct Part {
    const char* range;
    const char* body;
    const char* content_range;
  };
  for (const Part& part :
       {Part{"bytes=0-2", "ans", "bytes 0-2/8"}, Part{"bytes=4-", "er 1", "bytes 4-7/8"},
        Part{"bytes=-1", "1", "bytes 7-7/8"},
        Part{"bytes=6-18446744073709551615", " 1", "bytes 6-7/8"},
        Part{"bytes=-99", "answer 1", "bytes 0-7/8"}}) {
    const Answer answer = ask("Range: " + std::string(part.range) + "\r\n");
    EXPECT_EQ(answer.status, 206) << part.range;
    EXPECT_EQ(answer.body, part.body) << part.range;
    EXPECT_EQ(answer.field("Content-Range"), part.content_range);
    EXPECT_EQ(answer.field("Content-Length"), std::to_string(answer.body.size()));
    EXPECT_EQ(answer.field("Content-Type"), "a/b");
    EXPECT_EQ(answer.field("ETag"), "\"1\"");
    EXPECT_EQ(answer.field("Content-MD5"), "") << "it is of the whole";
    EXPECT_THAT(answer.field("Cache-Status"), HasSubstr("usher; hit"));
  }
  EXPECT_EQ(calls(), 1u);
}

TEST_F(HttpCache, PartThatIsNotThere) {
  fields_ += "ETag: \"1\"\r\nContent-Type: a/b\r\n";
  ask();
  for (const char* range : {"bytes=8-", "bytes=18446744073709551615-", "bytes=-0"}) {
    const Answer answer = ask("Range: " + std::string(range) + "\r\n");
    EXPECT_EQ(answer.status, 416) << range;
    EXPECT_EQ(answer.body, "");
    EXPECT_EQ(answer.field("Content-Range"), "bytes */8");
    EXPECT_EQ(answer.field("Cache-Control"), "") << "nobody may keep it in place of the answer";
  }
  EXPECT_EQ(calls(), 1u);
}

TEST_F(HttpCache, LargePartIsRelayed) {
  const std::string body = pattern(600 * 1024);
  policy(0).cache->max_object = 1024 * 1024;
  settings.cache_bytes = 512u * 1024 * 1024;
  owner->on_request(
      [&](OwnerConnection& connection) { connection.send(whole_answer(body, fields_)); });
  ask();
  const Answer answer = ask("Range: bytes=1-599999\r\n");
  EXPECT_EQ(answer.status, 206);
  EXPECT_EQ(answer.body, body.substr(1, 599999));
  EXPECT_EQ(calls(), 1u);
}

// §13.1.5: where the consumer's other parts are of another answer, it gets all of this one.
TEST_F(HttpCache, PartOnlyOfTheAnswerThatItIsFor) {
  const std::string modified = now();
  network.advance(seconds(2));
  fields_ += "ETag: \"1\"\r\nLast-Modified: " + modified + "\r\nDate: " + now() + "\r\n";
  ask();
  const std::string range = "Range: bytes=0-2\r\n";
  EXPECT_EQ(ask(range + "If-Range: \"1\"\r\n").status, 206);
  EXPECT_EQ(ask(range + "If-Range: " + modified + "\r\n").status, 206);
  for (const std::string& other : {std::string("\"2\""), std::string("W/\"1\""), now()}) {
    const Answer answer = ask(range + "If-Range: " + other + "\r\n");
    EXPECT_EQ(answer.status, 200) << other;
    EXPECT_EQ(answer.body, "answer 1");
  }
  EXPECT_EQ(ask(range + "If-None-Match: \"1\"\r\n").status, 304) << "§13.2.2: goes first";
  EXPECT_EQ(calls(), 1u);
}

TEST_F(HttpCache, OtherPartsAreTheOwners) {
  ask();
  for (const char* fields :
       {"Range: bytes=0-1,3-4\r\n", "Range: bytes=4-2\r\n", "Range: items=0-1\r\n",
        "Range: bytes=0-1\r\nRange: bytes=0-1\r\n", "Range: bytes=0-1\r\nIf-Match: \"1\"\r\n",
        "Range: bytes=0-1\r\nCache-Control: no-store\r\n"}) {
    const std::size_t before = calls();
    EXPECT_EQ(ask(fields).status, 200) << fields;
    EXPECT_EQ(calls(), before + 1) << fields;
  }
  network.advance(seconds(11));
  EXPECT_EQ(ask("Range: bytes=0-1\r\n").body, "answer 8") << "it is no longer fresh";
  EXPECT_EQ(owner->requests().back().field("Range"), "bytes=0-1");
  EXPECT_EQ(ask().body, "answer 9") << "what a part was asked of is not kept";
}

TEST_F(HttpCache, PartThatOnlyACacheMayAnswer) {
  EXPECT_EQ(ask("Range: bytes=0-1\r\nCache-Control: only-if-cached\r\n").status, 504);
  EXPECT_EQ(calls(), 0u);
}

// --- the call's fields that choose (§4.1) -------------------------------------------------------

TEST_F(HttpCache, LanguagesAreChosenWithoutCase) {
  fields_ += "Vary: Accept-Language\r\n";
  EXPECT_EQ(ask("Accept-Language: en, de\r\n").body, "answer 1");
  EXPECT_EQ(ask("Accept-Language: eN, De\r\n").body, "answer 1");
  EXPECT_EQ(ask("Accept-Language: de, en\r\n").body, "answer 2") << "ties go by their order";
}

}  // namespace
}  // namespace usher::sim
