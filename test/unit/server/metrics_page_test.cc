#include "server/metrics_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <sstream>
#include <string>

namespace usher::server {
namespace {

using proxy::Outcome;
using proxy::ProxyMetrics;
using testing::HasSubstr;
using testing::Not;

class MetricsPage : public testing::Test {
 protected:
  MetricsPage() {
    for (const char* name : {"ticket-status", "ticket-list"}) {
      auto endpoint = std::make_unique<route::Endpoint>();
      endpoint->index = static_cast<std::uint32_t>(snapshot_.endpoints.size());
      endpoint->name = name;
      endpoint->service = "ticket-service";
      endpoints_.push_back(endpoint.get());
      snapshot_.endpoints.push_back(std::move(endpoint));
    }
  }
  std::string render(bool open_metrics = false) {
    const ProxyMetrics* workers[] = {&one_, &two_};
    const ProcessFacts facts{.ready = true,
                             .start_time_ms = 1'768'210'801'500,
                             .connections_limit = 4096,
                             .buffer_bytes = 100,
                             .buffer_bytes_limit = 200,
                             .cache = cache_};
    return render_metrics(snapshot_, shared(), workers, facts, open_metrics);
  }

  // Made when first asked for, with the endpoints as they then are.
  proxy::SharedState& shared() {
    if (!shared_) shared_.emplace(clusters_, endpoints_, 1);
    return *shared_;
  }

  config::Snapshot snapshot_;
  std::vector<const route::Endpoint*> endpoints_;
  std::vector<upstream::ClusterOptions> clusters_{1};
  std::optional<proxy::SharedState> shared_;
  CacheFacts cache_;
  ProxyMetrics one_{2};
  ProxyMetrics two_{2};
};

TEST_F(MetricsPage, SumsTheWorkers) {
  one_.endpoint(0).record(Outcome::status(200), std::chrono::milliseconds(1));
  two_.endpoint(0).record(Outcome::status(201), std::chrono::seconds(20));
  two_.endpoint(0).record(Outcome::error(ErrorCode::UpstreamTimeout), std::chrono::milliseconds(3));
  two_.endpoint(0).attempts.add(4);
  one_.connections.add(2);
  two_.connections.add(3);
  two_.connections_refused.add(7);
  two_.calls_shed[static_cast<std::size_t>(proxy::ShedReason::HeldBody)].add(3);
  one_.accept_failures.add(2);
  const std::string page = render();
  const std::string labels = "service=\"ticket-service\",endpoint=\"ticket-status\"";
  EXPECT_THAT(page, HasSubstr("usher_requests_total{" + labels + ",outcome=\"2xx\"} 2\n"));
  EXPECT_THAT(page,
              HasSubstr("usher_requests_total{" + labels + ",outcome=\"upstream_timeout\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("usher_attempts_total{" + labels + "} 4\n"));
  EXPECT_THAT(page, HasSubstr("usher_consumer_connections 5\n"));
  EXPECT_THAT(page, HasSubstr("usher_connections_refused_total 7\n"));
  EXPECT_THAT(page, HasSubstr("usher_accept_failures_total 2\n"));
  EXPECT_THAT(page, HasSubstr("usher_calls_shed_total{reason=\"held_body\"} 3\n"));
  EXPECT_THAT(page, HasSubstr("_bucket{" + labels + ",le=\"0.0005\"} 0\n"));
  EXPECT_THAT(page, HasSubstr("_bucket{" + labels + ",le=\"0.001\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("_bucket{" + labels + ",le=\"0.005\"} 2\n"));
  EXPECT_THAT(page, HasSubstr("_bucket{" + labels + ",le=\"10\"} 2\n"));
  EXPECT_THAT(page, HasSubstr("_bucket{" + labels + ",le=\"+Inf\"} 3\n"));
  EXPECT_THAT(page, HasSubstr("_sum{" + labels + "} 20.004\n"));
  EXPECT_THAT(page, HasSubstr("_count{" + labels + "} 3\n"));
}

TEST_F(MetricsPage, LeavesOutWhatNeverHappened) {
  one_.endpoint(1).record(Outcome::status(500), std::chrono::milliseconds(1));
  one_.unmatched().record(Outcome::error(ErrorCode::NoEndpoint), Duration::zero());
  one_.unmatched().record(Outcome::consumer_gone(), Duration::zero());
  const std::string page = render();
  EXPECT_THAT(page, Not(HasSubstr("ticket-status")));
  EXPECT_THAT(page, Not(HasSubstr("outcome=\"2xx\"")));
  EXPECT_THAT(page, HasSubstr("{service=\"\",endpoint=\"unmatched\",outcome=\"no_endpoint\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("outcome=\"consumer_gone\"} 1\n"));
}

TEST_F(MetricsPage, TellsWhatWasDecidedOfRepeats) {
  using policy::HedgeVerdict;
  using policy::RetryVerdict;
  one_.endpoint(0).record(Outcome::status(200), std::chrono::milliseconds(1));
  const auto decided = [](auto& counters, auto verdict) -> proxy::Counter& {
    return counters[static_cast<std::size_t>(verdict)];
  };
  decided(one_.endpoint(0).retries, RetryVerdict::Retry).add(2);
  decided(two_.endpoint(0).retries, RetryVerdict::Retry).add();
  decided(two_.endpoint(0).retries, RetryVerdict::NoBudget).add();
  decided(one_.endpoint(0).hedges, HedgeVerdict::ShareUsed).add(5);
  one_.endpoint(0).hedges_won.add(7);
  one_.endpoint(0).fallbacks.add(8);
  const std::string page = render();
  const std::string labels = R"({service="ticket-service",endpoint="ticket-status")";
  EXPECT_THAT(page, HasSubstr("usher_retries_total" + labels + ",decision=\"retry\"} 3\n"));
  EXPECT_THAT(page, HasSubstr("usher_retries_total" + labels + ",decision=\"no_budget\"} 1\n"));
  EXPECT_THAT(page, Not(HasSubstr("decision=\"transparent\"")));
  EXPECT_THAT(page, HasSubstr("usher_hedges_total" + labels + ",decision=\"share_used\"} 5\n"));
  EXPECT_THAT(page, HasSubstr("usher_hedges_won_total" + labels + "} 7\n"));
  EXPECT_THAT(page, HasSubstr("usher_fallbacks_total" + labels + "} 8\n"));
}

TEST_F(MetricsPage, TellsTheStateOfEachBreaker) {
  snapshot_.endpoints[1]->policy.breaker_scope = policy::BreakerScope::Service;
  const std::string own = R"({service="ticket-service",endpoint="ticket-status",)";
  const std::string common = R"({service="ticket-service",endpoint="",)";
  EXPECT_THAT(render(), Not(HasSubstr("usher_breaker_state{")));
  shared().find("ticket-service", "ticket-status")->breaker().force_open();
  shared().find("ticket-service", "")->breaker().reset();
  const std::string page = render();
  EXPECT_THAT(page, HasSubstr("usher_breaker_state" + own + "state=\"forced_open\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("usher_breaker_state" + own + "state=\"closed\"} 0\n"));
  EXPECT_THAT(page, HasSubstr("usher_breaker_state" + common + "state=\"closed\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("usher_breaker_changes_total" + own + "to=\"forced_open\"} 1\n"));
  EXPECT_THAT(page, HasSubstr("usher_breaker_changes_total" + common + "to=\"closed\"} 1\n"));
  EXPECT_THAT(page, Not(HasSubstr("to=\"open\"")));
}

TEST_F(MetricsPage, TellsHowCallsWereAnsweredFromTheCache) {
  const auto count = [](auto& counters, auto which) -> proxy::Counter& {
    return counters[static_cast<std::size_t>(which)];
  };
  one_.endpoint(0).record(Outcome::status(200), std::chrono::milliseconds(1));
  count(one_.endpoint(0).cache, proxy::CacheResult::Hit).add(2);
  count(two_.endpoint(0).cache, proxy::CacheResult::Hit).add(3);
  count(two_.endpoint(0).cache, proxy::CacheResult::Unavailable).add(4);
  count(two_.endpoint(0).not_stored, policy::NotStored::SetCookie).add(5);
  count(two_.endpoint(0).invalidations, proxy::CacheInvalidation::Late).add(6);
  const std::string page = render();
  const std::string labels = R"({service="ticket-service",endpoint="ticket-status",)";
  EXPECT_THAT(page, HasSubstr("usher_cache_requests_total" + labels + "result=\"hit\"} 5\n"));
  EXPECT_THAT(page,
              HasSubstr("usher_cache_requests_total" + labels + "result=\"unavailable\"} 4\n"));
  EXPECT_THAT(page, Not(HasSubstr("result=\"miss\"")));
  EXPECT_THAT(page,
              HasSubstr("usher_cache_not_stored_total" + labels + "reason=\"set_cookie\"} 5\n"));
  EXPECT_THAT(page,
              HasSubstr("usher_cache_invalidations_total" + labels + "outcome=\"late\"} 6\n"));
}

TEST_F(MetricsPage, OfTheCacheWhereThereIsOne) {
  cache_.memory = {.bytes = 100, .limit = 200, .entries = 3, .evictions = 4};
  for (const char* sample : {"\nusher_cache_memory", "\nusher_redis", "\nusher_cache_channel"}) {
    EXPECT_THAT(render(), Not(HasSubstr(sample)));
  }
  snapshot_.endpoints[1]->policy.cache.emplace();
  std::string page = render();
  EXPECT_THAT(page, HasSubstr("\nusher_cache_memory_bytes 100\n"));
  EXPECT_THAT(page, HasSubstr("\nusher_cache_memory_limit_bytes 200\n"));
  EXPECT_THAT(page, HasSubstr("\nusher_cache_memory_entries 3\n"));
  EXPECT_THAT(page, HasSubstr("\nusher_cache_memory_evictions_total 4\n"));
  EXPECT_THAT(page, Not(HasSubstr("\nusher_redis")));

  cache_.redis = {.clients = {}, .channel_trusted = false, .channel_losses = 7};
  cache_.redis->add({.connections = 2, .commands = 10, .failures = {1, 2, 3, 4}, .reconnects = 5});
  cache_.redis->add({.connections = 1, .commands = 20, .failures = {1, 1, 1, 1}});
  page = render();
  EXPECT_THAT(page, HasSubstr("\nusher_redis_available 1\n"));
  EXPECT_THAT(page, HasSubstr("\nusher_redis_connections 3\n"));
  EXPECT_THAT(page, HasSubstr("\nusher_redis_commands_total 30\n"));
  EXPECT_THAT(page, HasSubstr("\nusher_redis_failures_total{kind=\"unreachable\"} 2\n"));
  EXPECT_THAT(page, HasSubstr("\nusher_redis_failures_total{kind=\"timeout\"} 3\n"));
  EXPECT_THAT(page, HasSubstr("\nusher_redis_failures_total{kind=\"protocol\"} 4\n"));
  EXPECT_THAT(page, HasSubstr("\nusher_redis_failures_total{kind=\"refused\"} 5\n"));
  EXPECT_THAT(page, HasSubstr("\nusher_redis_reconnects_total 5\n"));
  EXPECT_THAT(page, HasSubstr("\nusher_cache_channel_trusted 0\n"));
  EXPECT_THAT(page, HasSubstr("\nusher_cache_channel_losses_total 7\n"));
  cache_.redis->add({.available = false});
  EXPECT_THAT(render(), HasSubstr("\nusher_redis_available 0\n"));
}

TEST_F(MetricsPage, OfTheProcess) {
  const std::string page = render();
  EXPECT_THAT(page, HasSubstr("usher_ready 1\n"));
  EXPECT_THAT(page, HasSubstr("usher_connections_limit 4096\n"));
  EXPECT_THAT(page, HasSubstr("usher_buffer_bytes 100\n"));
  EXPECT_THAT(page, HasSubstr("usher_buffer_bytes_limit 200\n"));
  EXPECT_THAT(page, HasSubstr("usher_build_info{version=\""));
  EXPECT_THAT(page, HasSubstr("usher_log_lines_dropped_total 0\n"));
}

TEST_F(MetricsPage, TheStartTimeIsExact) {
  EXPECT_THAT(render(), HasSubstr("usher_start_time_seconds 1768210801.5\n"));
}

// A sum that grows for weeks still shows a single call of a millisecond.
TEST_F(MetricsPage, ALargeSumIsExact) {
  one_.endpoint(0).record(Outcome::status(200), std::chrono::hours(10'000));
  one_.endpoint(0).record(Outcome::status(200), std::chrono::milliseconds(1));
  EXPECT_THAT(render(), HasSubstr("} 36000000.001\n"));
}

// Each family once, with its help and type in front of its samples.
void expect_shape(const std::string& page, bool open_metrics) {
  std::istringstream lines(page);
  std::set<std::string> families;
  std::string family, type, line, before;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string word, name, kind;
    words >> word;
    if (line == "# EOF") {
      EXPECT_TRUE(open_metrics);
    } else if (word == "#") {
      words >> kind >> name;
      if (kind == "HELP") {
        EXPECT_TRUE(families.insert(name).second) << name;
        family = name;
      } else {
        ASSERT_EQ(kind, "TYPE");
        EXPECT_EQ(name, family);
        words >> type;
      }
    } else {
      const std::string sample = line.substr(0, line.find_first_of("{ "));
      std::string expected = family;
      if (open_metrics && type == "counter") expected += "_total";
      EXPECT_EQ(type == "counter", sample.ends_with("_total")) << sample;
      EXPECT_TRUE(sample == expected || (type == "histogram" && sample.starts_with(family + "_")))
          << line;
      const std::string value = line.substr(line.rfind(' ') + 1);
      EXPECT_NE(value.find_first_of("0123456789"), std::string::npos) << line;
    }
    before = line;
  }
  EXPECT_EQ(before == "# EOF", open_metrics);
  EXPECT_TRUE(page.ends_with("\n"));
}

TEST_F(MetricsPage, HasTheShapeOfBothFormats) {
  one_.endpoint(0).record(Outcome::status(200), std::chrono::milliseconds(1));
  snapshot_.endpoints[0]->policy.cache.emplace();
  cache_.redis.emplace();
  expect_shape(render(false), false);
  expect_shape(render(true), true);
  EXPECT_THAT(render(false), HasSubstr("# TYPE usher_requests_total counter\n"));
  EXPECT_THAT(render(true), HasSubstr("# TYPE usher_requests counter\n"));
}

TEST_F(MetricsPage, ContentTypes) {
  EXPECT_EQ(metrics_content_type(false), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(metrics_content_type(true),
            "application/openmetrics-text; version=1.0.0; charset=utf-8");
}

}  // namespace
}  // namespace usher::server
