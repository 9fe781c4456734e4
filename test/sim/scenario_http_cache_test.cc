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

// --- the call's fields that choose (§4.1) -------------------------------------------------------

TEST_F(HttpCache, LanguagesAreChosenWithoutCase) {
  fields_ += "Vary: Accept-Language\r\n";
  EXPECT_EQ(ask("Accept-Language: en, de\r\n").body, "answer 1");
  EXPECT_EQ(ask("Accept-Language: eN, De\r\n").body, "answer 1");
  EXPECT_EQ(ask("Accept-Language: de, en\r\n").body, "answer 2") << "ties go by their order";
}

}  // namespace
}  // namespace usher::sim
