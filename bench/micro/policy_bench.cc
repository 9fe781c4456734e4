#include <benchmark/benchmark.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/timer_wheel.h"
#include "filter/signer.h"
#include "http/parser.h"
#include "policy/circuit_breaker.h"
#include "policy/latency_histogram.h"
#include "policy/load_balancer.h"
#include "policy/request_context.h"
#include "policy/retry_budget.h"
#include "route/router.h"

namespace usher {
namespace {

// The configured endpoints' shape, repeated for as many services as it takes.
std::vector<std::unique_ptr<route::Endpoint>> make_endpoints(std::size_t count) {
  std::vector<std::unique_ptr<route::Endpoint>> endpoints;
  for (std::size_t i = 0; i < count; ++i) {
    auto endpoint = std::make_unique<route::Endpoint>();
    endpoint->match =
        *route::PathTemplate::parse("/internal/resource" + std::to_string(i) + "/{id}/status");
    endpoints.push_back(std::move(endpoint));
  }
  return endpoints;
}

void match(benchmark::State& state) {
  const auto endpoints = make_endpoints(static_cast<std::size_t>(state.range(0)));
  route::Router router;
  for (const auto& endpoint : endpoints) router.add(*endpoint);
  const std::string path = "/internal/resource" + std::to_string(state.range(0) / 2) +
                           "/7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a01/status";
  while (state.KeepRunning()) benchmark::DoNotOptimize(router.match(http::Method::Get, path));
}
BENCHMARK(match)->Arg(19)->Arg(2000)->Arg(20000);

void read_and_write_context(benchmark::State& state) {
  constexpr std::string_view kHead =
      "GET / HTTP/1.1\r\nHost: a\r\nX-Tenant-ID: c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f\r\n\r\n";
  http::RequestHead head;
  if (!http::parse_request_head(kHead, http::HeadLimits{}, head)) return;
  Random random(1);
  policy::RequestContext context;
  std::array<char, 1024> buffer{};
  while (state.KeepRunning()) {
    context.read_trace(head.fields, random);
    benchmark::DoNotOptimize(context.read_identity(head.fields, policy::EndpointPolicy{}));
    http::HeadWriter writer(buffer);
    context.write(writer, "payment-service", random);
    benchmark::DoNotOptimize(writer.view());
  }
}
BENCHMARK(read_and_write_context);

// One attempt through a closed breaker that counts failures (0) or watches rates (1), by one or two
// workers.
void pass_breaker(benchmark::State& state) {
  static policy::CircuitBreaker counting{policy::BreakerOptions{}};
  static policy::CircuitBreaker rating{policy::BreakerOptions::rates()};
  policy::CircuitBreaker& breaker = state.range(0) == 0 ? counting : rating;
  Random random(1);
  Instant now{};
  while (state.KeepRunning()) {
    now += std::chrono::microseconds(20);
    const policy::BreakerPermit permit = breaker.admit(now, std::chrono::seconds(3), random);
    benchmark::DoNotOptimize(permit);
    breaker.record(permit, {.verdict = policy::Verdict::Success}, now, random);
  }
}
BENCHMARK(pass_breaker)->Arg(0)->Arg(1)->Threads(1)->Threads(2);

void deposit_in_budget(benchmark::State& state) {
  static policy::RetryBudget budget{policy::RetryBudgetOptions{}};
  Instant now{};
  while (state.KeepRunning()) budget.call(now += std::chrono::microseconds(20));
}
BENCHMARK(deposit_in_budget)->Threads(1)->Threads(2);

void withdraw_from_budget(benchmark::State& state) {
  policy::RetryBudget budget{policy::RetryBudgetOptions{}};
  Instant now{};
  while (state.KeepRunning()) {
    benchmark::DoNotOptimize(budget.withdraw(now += std::chrono::microseconds(20)));
  }
}
BENCHMARK(withdraw_from_budget);

void choose_host(benchmark::State& state) {
  policy::HostSet healthy;
  for (std::size_t host = 0; host < static_cast<std::size_t>(state.range(0)); ++host) {
    healthy.add(host);
  }
  const policy::LoadBalancer balancer;
  Random random(1);
  while (state.KeepRunning()) {
    const policy::HostSet candidates = policy::candidates(healthy, policy::HostSet{});
    benchmark::DoNotOptimize(balancer.choose(candidates, random));
  }
}
BENCHMARK(choose_host)->Arg(1)->Arg(3)->Arg(30);

void record_latency(benchmark::State& state) {
  policy::LatencyHistogram histogram;
  Random random(1);
  Instant now{};
  while (state.KeepRunning()) {
    now += std::chrono::microseconds(20);
    histogram.record(Duration(static_cast<std::int64_t>(random.next() >> 38)), now);
    benchmark::DoNotOptimize(histogram.quantiles(now).p95);
  }
}
BENCHMARK(record_latency);

struct NoEvents final : TimerEvents {
  void on_timer(Timer&) override {}
};

void arm_and_cancel_timer(benchmark::State& state) {
  NoEvents events;
  Timer timer(events);
  const Instant start{};
  TimerWheel wheel(start);
  while (state.KeepRunning()) {
    wheel.arm(timer, start + std::chrono::seconds(3));
    timer.cancel();
  }
}
BENCHMARK(arm_and_cancel_timer);

void sign_hmac(benchmark::State& state, std::string_view preset, std::string_view body) {
  const Secret secret(std::string("bench-0123456789abcdef0123456789abcdef0123"));
  const filter::SignerContext context{.secret = [&](std::string_view, int) { return &secret; },
                                      .error = [](std::string_view, std::string_view) {}};
  const std::string config =
      R"({"scheme":"hmac","preset":")" + std::string(preset) + R"(","secret":{"env":"SECRET"}})";
  const auto signer = filter::Signer::configure(*filter::find_scheme("hmac"), config,
                                                "payment-service", 0, context);
  if (signer == nullptr) {
    state.SkipWithError("the signer was not configured");
    return;
  }
  filter::WorkerSigner worker(*signer);
  constexpr std::string_view kMethod = "GET";
  constexpr std::string_view kTarget =
      "/internal/tickets/7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a01/status";
  usher_sign_input input{};
  input.struct_size = sizeof(input);
  input.has_body = body.empty() ? 0 : 1;
  input.consumer = {"payment-service", 15};
  input.method = {kMethod.data(), kMethod.size()};
  input.target = {kTarget.data(), kTarget.size()};
  input.body = {body.data(), body.size()};
  input.timestamp_ms = 1768210800000;
  std::array<char, 1024> buffer{};
  std::string reason;
  while (state.KeepRunning()) {
    http::HeadWriter writer(buffer);
    benchmark::DoNotOptimize(worker.sign(input, writer, reason));
  }
}

const std::string kBody1K = "{\"text\":\"" + std::string(1013, 'x') + "\"}";

BENCHMARK_CAPTURE(sign_hmac, ticket, "ticket", "");
BENCHMARK_CAPTURE(sign_hmac, standard, "standard", "");
BENCHMARK_CAPTURE(sign_hmac, standard_body_1KiB, "standard", kBody1K);

}  // namespace
}  // namespace usher
