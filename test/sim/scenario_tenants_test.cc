// Kept answers are nobody else's: random calls of many tenants and users for the same things, spelt
// in many ways, with mutations and stale answers in between. Each answer says for whom it was made.

#include <cstdlib>

#include "base/random.h"
#include "sim/story.h"

namespace usher::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class Tenants : public Story {
 protected:
  Tenants() {
    settings.cache_bytes = 256 * 1024;
    settings.options.timeouts.idle = std::chrono::hours(1);
    policy::CachePolicy cache;
    cache.ttl = seconds(5);
    cache.stale_while_revalidate = seconds(5);
    cache.stale_if_error = seconds(60);
    policy(0).cache = cache;
    cache.scope = policy::CacheScope::User;
    policy::EndpointPolicy& mine = settings.add(Method::Get, "/mine/{id}", true).policy;
    mine.cache = cache;
    mine.retry.attempts = 1;
    mine.breaker_scope = policy::BreakerScope::Off;
    policy(2).invalidates_path = true;
    owner->on_request([this](OwnerConnection& connection) { answer(connection); });
  }

  int below(int count) { return static_cast<int>(random_.next() % static_cast<unsigned>(count)); }

  // Whose it is, and all that it was asked with.
  static std::string told(const OwnerRequest& request) {
    return request.field("X-Tenant-ID") + "|" + request.field("X-User-ID") + "|" + request.target +
           "|" + request.field("Accept-Language");
  }

  void answer(OwnerConnection& connection) {
    switch (below(12)) {
      case 0:
        connection.send("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n");
        break;
      case 1:
        connection.reset();
        break;
      default:
        connection.send(whole_answer(
            told(connection.request()),
            "Vary: Accept-Language\r\nETag: \"" + std::to_string(below(1000)) + "\"\r\n"));
    }
  }

  Random random_{7};
};

TEST_F(Tenants, NeverSeeEachOthersAnswers) {
  const char* wanted = std::getenv("USHER_TENANT_CALLS");
  const int calls = wanted == nullptr ? 20000 : std::atoi(wanted);
  const std::string targets[] = {"/1",         "/2",         "/%31",
                                 "/1%2F2",     "/1?a=1&b=2", "/1?b=2&a=1",
                                 "/1?a=1&a=2", "/1?a=2&a=1", "/1?a=1%26b=2"};
  SimConsumer* sender = &consumer();
  int hits = 0;
  for (int i = 0; i < calls; ++i) {
    const std::string tenant = below(10) == 0 ? "" : "t" + std::to_string(below(8));
    const std::string user = below(4) == 0 ? "" : "u" + std::to_string(below(3));
    const std::string language = below(2) == 0 ? "" : "l" + std::to_string(below(3));
    const bool is_mine = below(3) == 0;
    const std::string target = (is_mine ? "/mine" : "/things") + targets[below(9)];
    std::string fields;
    if (!tenant.empty()) fields += "X-Tenant-ID: " + tenant + "\r\n";
    if (!user.empty()) fields += "X-User-ID: " + user + "\r\n";
    if (!language.empty()) fields += "Accept-Language: " + language + "\r\n";
    if (!is_mine && below(40) == 0) {
      sender->send("PUT /things/" + std::to_string(1 + below(2)) + " HTTP/1.1\r\nHost: x\r\n" +
                   fields + "Content-Length: 0\r\n\r\n");
      network.run_until_idle();
      sender->take_answer();
      continue;
    }
    sender->send(get(target, fields));
    network.run_until_idle();
    if (below(400) == 0) network.advance(milliseconds(700));
    const Answer answer = sender->take_answer();
    if (sender->is_over()) sender = &consumer();
    if (answer.status != 200) continue;
    hits += answer.field("Cache-Status").find("; hit") == std::string::npos ? 0 : 1;
    const std::string whose = is_mine ? tenant + "|" + user : tenant + "|";
    ASSERT_EQ(answer.body.compare(0, whose.size(), whose), 0) << answer.body << " for " << whose;
    ASSERT_EQ(answer.body.substr(answer.body.rfind('|') + 1), language) << answer.head;
    // Another order of different parameters is the same call; nothing else is.
    const std::string same =
        target.ends_with("?b=2&a=1") ? target.substr(0, target.find('?')) + "?a=1&b=2" : target;
    const std::string made =
        answer.body.substr(answer.body.find('|', answer.body.find('|') + 1) + 1);
    const std::string asked = made.substr(0, made.find('|'));
    ASSERT_TRUE(asked == target || asked == same ||
                (target.ends_with("?a=1&b=2") && asked.ends_with("?b=2&a=1")))
        << asked << " for " << target;
  }
  EXPECT_GT(hits, calls / 20);
}

}  // namespace
}  // namespace usher::sim
