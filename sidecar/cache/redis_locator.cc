#include "cache/redis_locator.h"

#include "base/check.h"

namespace usher::cache {

RedisLocator::RedisLocator(RedisTransport& transport, RedisLocateEvents& events)
    : transport_(&transport),
      events_(&events),
      sentinel_(transport, RedisLogin::to_sentinel(transport.options()), RedisUse::Commands,
                *this) {}

void RedisLocator::locate() {
  USHER_CHECK(!is_locating_);
  const std::vector<RedisAddress>& addresses = transport_->options().addresses;
  is_locating_ = true;
  found_.reset();
  asked_ = 0;
  if (transport_->options().topology != RedisTopology::Sentinel && !addresses.empty()) {
    found_ = addresses[index_++ % addresses.size()];
  }
  transport_->network().defer(*this);
}

void RedisLocator::cancel() {
  is_locating_ = false;
  net::Task::unlink();
  if (is_asking_) RedisConnection::cancel(*this);
  is_asking_ = false;
  sentinel_.close();
}

void RedisLocator::run() {
  const std::vector<RedisAddress>& addresses = transport_->options().addresses;
  if (found_ || asked_ == addresses.size()) {
    is_locating_ = false;
    events_->on_located(found_);
  } else {
    ++asked_;
    sentinel_.open(addresses[index_ % addresses.size()]);
  }
}

void RedisLocator::on_ready() {
  const std::string_view question[] = {"SENTINEL", "get-master-addr-by-name",
                                       transport_->options().sentinel_master};
  is_asking_ = sentinel_.send(*this, question);
}

void RedisLocator::on_reply(const RedisReply& reply) {
  is_asking_ = false;
  if (reply.size() == 2) {
    const std::int64_t port = reply[1].integer();
    if (port > 0 && port <= UINT16_MAX && !reply[0].text().empty()) {
      found_ = RedisAddress{std::string(reply[0].text()), static_cast<std::uint16_t>(port), ""};
    }
  }
  conclude();
}

void RedisLocator::on_redis_failure(RedisFailure failure) {
  is_asking_ = false;
  if (failure == RedisFailure::Refused) conclude();
}

void RedisLocator::on_closed(RedisFailure) {
  conclude();
}

// One that knows it is the first to be asked the next time.
void RedisLocator::conclude() {
  if (!found_) ++index_;
  sentinel_.close();
  transport_->network().defer(*this);
}

}  // namespace usher::cache
