// Story: the fixture of the named stories. One owner, one proxy, consumers as they are needed; and
// after each story, nothing is left behind.
//
// Endpoints: 0 GET /things/{id} (repeatable), 1 POST /things (not), 2 PUT /things/{id}
// (repeatable). Everything takes 1 ms to arrive.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <list>
#include <memory>
#include <string>

#include "sim/sim_consumer.h"
#include "sim/sim_network.h"
#include "sim/sim_owner.h"
#include "sim/sim_proxy.h"

namespace usher::sim {

using http::Method;

inline net::SocketAddress owner_address(int last = 1) {
  return *net::SocketAddress::from_ip("10.0.0." + std::to_string(last), 80);
}

inline std::string get(std::string_view target, std::string_view fields = {}) {
  return std::string("GET ").append(target).append(" HTTP/1.1\r\nHost: x\r\n").append(fields) +
         "\r\n";
}

inline std::string with_body(std::string_view line, std::string_view body) {
  return std::string(line).append(" HTTP/1.1\r\nHost: x\r\nContent-Length: ") +
         std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

inline std::string chunked_head(std::string_view line) {
  return std::string(line).append(" HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
}

// Bytes that tell where they belong.
inline std::string pattern(std::size_t size, std::size_t salt = 0) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i)
    text[i] = static_cast<char>('a' + (i * 7 + salt + i / 997) % 26);
  return text;
}

class Story : public testing::Test {
 protected:
  Story() {
    settings.options.consumer = "gateway";
    settings.options.access_log = AccessLog::Off;
    settings.add_cluster("10.0.0.1");
    settings.add(Method::Get, "/things/{id}", true);
    settings.add(Method::Post, "/things", false);
    settings.add(Method::Put, "/things/{id}", true);
    // One attempt, and nothing that remembers the call before; stories of resilience say otherwise.
    for (route::Endpoint& endpoint : settings.endpoints) {
      endpoint.policy.retry.attempts = 1;
      endpoint.policy.breaker_scope = policy::BreakerScope::Off;
    }
    owner = std::make_unique<SimOwner>(network, owner_address());
  }

  void TearDown() override {
    consumers_.clear();
    if (proxy_ == nullptr) return;
    network.advance(std::chrono::seconds(20));
    EXPECT_EQ(proxy_->metrics().calls_active.value(), 0u);
    EXPECT_TRUE(proxy_->shut());
    proxy_.reset();
    owner.reset();
    network.run_until_idle();
    EXPECT_EQ(network.open_streams(), 0u);
  }

  // Made on first use, with the settings as they then are.
  SimProxy& proxy() {
    if (proxy_ == nullptr) proxy_ = std::make_unique<SimProxy>(network, settings);
    return *proxy_;
  }
  SimConsumer& consumer() { return consumers_.emplace_back(network, start()); }
  // A consumer that has sent `bytes`, and all that followed from it without waiting.
  SimConsumer& send(std::string_view bytes) {
    SimConsumer& sender = consumer();
    sender.send(bytes);
    network.run_until_idle();
    return sender;
  }
  // As a call that nothing went wrong with.
  void expect_call(SimConsumer& sender, std::string_view target) {
    const std::size_t before = sender.answers().size();
    sender.send(get(target));
    network.run_until_idle();
    const std::vector<Answer> answers = sender.answers();
    ASSERT_EQ(answers.size(), before + 1);
    EXPECT_EQ(answers.back().status, 200);
    EXPECT_EQ(answers.back().body, target);
  }
  std::uint64_t outcomes(ErrorCode code) { return proxy().outcomes(proxy::Outcome::error(code)); }
  std::uint64_t stale() { return proxy().endpoint(0).stale_connections.value(); }
  policy::EndpointPolicy& policy(std::size_t endpoint) {
    return settings.endpoints[endpoint].policy;
  }

  SimNetwork network{1};
  ProxySettings settings;
  std::unique_ptr<SimOwner> owner;

 private:
  net::SocketAddress start() {
    proxy();
    return SimProxy::address();
  }

  std::unique_ptr<SimProxy> proxy_;
  std::list<SimConsumer> consumers_;
};

}  // namespace usher::sim
