#include "cache/redis_map_reader.h"

#include <utility>

#include "base/check.h"

namespace usher::cache {

RedisMapReader::RedisMapReader(RedisTransport& transport, RedisMapEvents& events)
    : transport_(&transport),
      events_(&events),
      connection_(transport, RedisLogin::to_data(transport.options()), RedisUse::Commands, *this) {}

RedisMapReader::~RedisMapReader() = default;

void RedisMapReader::read(std::vector<RedisAddress> nodes) {
  USHER_CHECK(!is_reading_);
  is_reading_ = true;
  nodes_ = std::move(nodes);
  next_ = 0;
  ranges_.clear();
  transport_->network().defer(*this);
}

void RedisMapReader::run() {
  if (ranges_.empty() && next_ < nodes_.size()) {
    connection_.open(nodes_[next_++]);
    return;
  }
  is_reading_ = false;
  events_->on_map(ranges_);
}

void RedisMapReader::on_ready() {
  static constexpr std::string_view kQuestion[] = {"CLUSTER", "SLOTS"};
  if (!connection_.send(*this, kQuestion)) conclude();
}

void RedisMapReader::on_reply(const RedisReply& reply) {
  ranges_ = parse_slots(reply, nodes_[next_ - 1]);
  conclude();
}

void RedisMapReader::on_redis_failure(RedisFailure failure) {
  if (failure == RedisFailure::Refused) conclude();  // else on_closed came
}

void RedisMapReader::on_closed(RedisFailure) {
  conclude();
}

void RedisMapReader::conclude() {
  connection_.close();
  transport_->network().defer(*this);
}

}  // namespace usher::cache
