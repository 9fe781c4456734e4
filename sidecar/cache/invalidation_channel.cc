#include "cache/invalidation_channel.h"

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "base/log.h"
#include "base/random.h"
#include "cache/invalidation_message.h"
#include "cache/redis_arguments.h"
#include "cache/redis_connection.h"
#include "cache/redis_locator.h"
#include "cache/redis_tier.h"
#include "policy/backoff.h"

namespace usher::cache {
namespace {

constexpr policy::BackoffOptions kBackoff{50ms, InvalidationChannel::kRetryMax};
constexpr std::size_t kTenantMax = 256;  // bytes of a tenant's name

}  // namespace

struct InvalidationChannel::State final : RedisConnectionEvents, RedisLocateEvents, TimerEvents {
  enum class Phase : std::uint8_t { Idle, Locating, Connecting, Subscribing, Listening, Waiting };

  State(net::Network& the_network, const RedisOptions& the_options, TagTable& the_tags,
        const OpenInvalidations* the_open, RedisTier* the_tier)
      : network(the_network),
        options(the_options),
        tags(the_tags),
        open(the_open),
        tier(the_tier),
        channel(invalidation_channel(options.prefix)),
        transport(network, options),
        locator(transport, *this),
        connection(transport, RedisLogin::to_data(options), RedisUse::Subscriber, *this) {}

  void locate();
  void on_located(const std::optional<RedisAddress>& address) override;
  void on_ready() override;
  void on_closed(RedisFailure) override { lose(); }
  void on_push(const RedisReply& reply) override;
  void on_timer(Timer&) override;
  void beat();
  void be_refused(std::string_view error);
  void lose();
  void stop();
  void on_subscribed();
  void on_message(std::string_view from, std::string_view payload);
  void take_message(std::string_view payload);
  void take_tenant(std::string_view tenant);
  void take_unreadable();

  net::Network& network;
  const RedisOptions& options;
  TagTable& tags;
  const OpenInvalidations* open;
  RedisTier* tier;
  std::string channel;

  Phase phase = Phase::Idle;
  RedisTransport transport;
  RedisLocator locator;
  RedisConnection connection;
  Timer timer{*this};
  unsigned unconfirmed = 0;  // subscriptions
  bool is_asked = false;     // by PING, and has not answered yet
  int tries = 0;             // since it was there last
  bool was_logged = false;   // that it is not there; since it was there last, too:
  bool was_refusal_logged = false;
  Random random = Random::from_system();
  Hasher hasher;
  std::uint64_t losses = 0;
  std::uint64_t messages = 0;
  std::uint64_t unreadable = 0;
};

void InvalidationChannel::State::locate() {
  phase = Phase::Locating;
  locator.locate();
}

void InvalidationChannel::State::on_located(const std::optional<RedisAddress>& address) {
  if (!address) return lose();
  phase = Phase::Connecting;
  connection.open(*address);
}

void InvalidationChannel::State::on_ready() {
  phase = Phase::Subscribing;
  unconfirmed = options.tenant_channel.empty() ? 1 : 2;
  const std::array<std::string_view, 3> words = {"SUBSCRIBE", channel, options.tenant_channel};
  if (!connection.write(std::span(words).first(1 + unconfirmed))) return lose();
  network.arm(timer, network.now() + kBeat);
}

void InvalidationChannel::State::on_push(const RedisReply& reply) {
  if (reply.type() == RedisReply::Type::Error) return be_refused(reply.text());
  if (reply.type() != RedisReply::Type::Array || reply.size() < 2) return lose();
  const std::string_view kind = reply[0].text();
  if (kind == "message" && reply.size() == 3) return on_message(reply[1].text(), reply[2].text());
  if (kind == "subscribe") return on_subscribed();
  if (kind != "pong") return lose();
  is_asked = false;
}

void InvalidationChannel::State::on_subscribed() {
  if (phase != Phase::Subscribing || --unconfirmed > 0) return;
  phase = Phase::Listening;
  tries = 0;
  is_asked = false;
  tags.set_trusted(true);
  if (was_logged || was_refusal_logged) {
    LogLine(LogLevel::Info, "the channel of invalidations is there").field("channel", channel);
  }
  was_logged = was_refusal_logged = false;
  network.arm(timer, network.now() + kBeat);
}

void InvalidationChannel::State::on_timer(Timer&) {
  if (phase == Phase::Waiting) return locate();
  if (phase == Phase::Listening && !is_asked) return beat();
  lose();
}

void InvalidationChannel::State::beat() {
  const std::array<std::string_view, 1> words = {"PING"};
  if (!connection.write(words)) return lose();
  is_asked = true;
  network.arm(timer, network.now() + kBeat);
}

void InvalidationChannel::State::be_refused(std::string_view error) {
  constexpr std::size_t kTextMax = 100;
  if (!std::exchange(was_refusal_logged, true)) {
    LogLine(LogLevel::Warn, "redis refuses the channel of invalidations")
        .field("channel", channel)
        .field("error", error.substr(0, kTextMax));
  }
  was_logged = true;  // that it is not there: why was said better
  lose();
}

void InvalidationChannel::State::lose() {
  if (!std::exchange(was_logged, true)) {
    LogLine(LogLevel::Warn, "the channel of invalidations is not there").field("channel", channel);
  }
  if (phase == Phase::Listening) {
    ++losses;
    tags.set_trusted(false);
  }
  connection.close();
  phase = Phase::Waiting;
  network.arm(timer, network.now() + policy::backoff_delay(kBackoff, ++tries, random));
}

void InvalidationChannel::State::stop() {
  phase = Phase::Idle;
  tags.set_trusted(false);
  timer.cancel();
  locator.cancel();
  connection.close();
}

void InvalidationChannel::State::on_message(std::string_view from, std::string_view payload) {
  if (from == channel) return take_message(payload);
  take_tenant(payload);
}

void InvalidationChannel::State::take_message(std::string_view payload) {
  const auto message = parse_message(payload);
  if (!message) return take_unreadable();
  if (open != nullptr && message->sender == open->sender()) return;
  ++messages;
  if (message->anywhere) tags.invalidate_anywhere(*message->anywhere);
  for (const Tag& tag : message->tags) tags.invalidate(tag);
}

void InvalidationChannel::State::take_tenant(std::string_view tenant) {
  if (tenant.empty() || tenant.size() > kTenantMax) return take_unreadable();
  ++messages;
  const ScopeId scope = scope_of(hasher, policy::CacheScope::Tenant, tenant);
  const std::array<Tag, 1> all = {make_tag(hasher, scope, "")};
  tags.invalidate(all[0]);
  if (tier != nullptr) tier->invalidate_later(scope, all);
}

void InvalidationChannel::State::take_unreadable() {
  ++messages;
  ++unreadable;
  tags.invalidate_all();
}

InvalidationChannel::InvalidationChannel(net::Network& network, const RedisOptions& options,
                                         TagTable& tags, const OpenInvalidations* open,
                                         RedisTier* tier)
    : state_(std::make_unique<State>(network, options, tags, open, tier)) {}

InvalidationChannel::~InvalidationChannel() {
  shut();
}

void InvalidationChannel::start() {
  if (state_->phase != State::Phase::Idle) return;
  state_->tags.set_trusted(false);
  state_->locate();
}

void InvalidationChannel::shut() {
  if (state_->phase != State::Phase::Idle) state_->stop();
}

bool InvalidationChannel::is_connected() const {
  return state_->phase == State::Phase::Listening;
}

std::uint64_t InvalidationChannel::losses() const {
  return state_->losses;
}

std::uint64_t InvalidationChannel::messages() const {
  return state_->messages;
}

std::uint64_t InvalidationChannel::unreadable() const {
  return state_->unreadable;
}

}  // namespace usher::cache
