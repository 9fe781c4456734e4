#include "cache/redis_cluster.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace usher::cache {

// --- an errand ----------------------------------------------------------------------------------

void RedisErrand::on_reply(const RedisReply& reply) {
  if (reply.type() == RedisReply::Type::Error && command_ != nullptr) {
    const auto redirection = parse_redirection(reply.text(), asked_);
    if (redirection) {
      if (cluster_->follow(*this, *redirection)) return;
      if (RedisCommand* command = cluster_->finish(*this)) {
        command->on_redis_failure(RedisFailure::Unreachable);
      }
      return;
    }
  }
  if (RedisCommand* command = cluster_->finish(*this)) command->on_reply(reply);
}

void RedisErrand::on_redis_failure(RedisFailure failure) {
  if (failure == RedisFailure::Refused) cluster_->read_soon();  // CLUSTERDOWN, among others
  if (RedisCommand* command = cluster_->finish(*this)) command->on_redis_failure(failure);
}

// --- commands -----------------------------------------------------------------------------------

RedisCluster::RedisCluster(RedisTransport& transport, RedisCounters& counters, Random& random)
    : transport_(&transport),
      counters_(&counters),
      random_(&random),
      reader_(transport, *this),
      owners_(kRedisSlots, kNobody) {
  const std::vector<RedisAddress>& seeds = transport.options().addresses;
  if (!seeds.empty()) std::fill(owners_.begin(), owners_.end(), member_at(seeds.front()));
  read_soon();
}

RedisCluster::~RedisCluster() {
  members_.clear();
  leaving_.clear();
  while (RedisErrand* errand = running_.pop_front()) {
    if (errand->command_ != nullptr) errand->command_->place.errand = nullptr;
    delete errand;
  }
  while (RedisErrand* errand = idle_.pop_front()) delete errand;
}

bool RedisCluster::is_available() const {
  return std::any_of(members_.begin(), members_.end(),
                     [](const Member& member) { return member.node->is_available(); });
}

bool RedisCluster::send(RedisCommand& command, std::string_view key,
                        std::span<const std::string_view> args) {
  USHER_CHECK(command.place.errand == nullptr);
  const std::uint16_t owner = owners_[slot_of(key)];
  if (owner == kNobody || !members_[owner].node->is_available()) return false;
  RedisErrand& errand = take_errand();
  append_command(errand.bytes_, args);
  if (!send_to(owner, errand, false)) {
    finish(errand);
    return false;
  }
  errand.command_ = &command;
  command.place.errand = &errand;
  return true;
}

void RedisCluster::cancel(RedisCommand& command) {
  std::exchange(command.place.errand, nullptr)->command_ = nullptr;
}

bool RedisCluster::send_to(std::uint16_t index, RedisErrand& errand, bool asking) {
  if (index == kNobody) return false;
  errand.asked_ = members_[index].address;
  return members_[index].node->send_encoded(errand, errand.bytes_, asking);
}

// Returns whether it is on its way again.
bool RedisCluster::follow(RedisErrand& errand, const Redirection& redirection) {
  const std::uint16_t index = member_at(redirection.to);
  if (!redirection.only_once) {
    owners_[redirection.slot] = index;
    read_soon();
  }
  return errand.hops_++ < kHopsMax && send_to(index, errand, redirection.only_once);
}

RedisErrand& RedisCluster::take_errand() {
  RedisErrand* errand = idle_.pop_front();
  if (errand == nullptr) {
    errand = new RedisErrand(*this);
  } else {
    --idle_count_;
  }
  running_.push_back(*errand);
  return *errand;
}

// Returns who waits for it; null: nobody. The errand is used again, or is gone.
RedisCommand* RedisCluster::finish(RedisErrand& errand) {
  RedisCommand* const command = std::exchange(errand.command_, nullptr);
  if (command != nullptr) command->place.errand = nullptr;
  errand.unlink();
  if (idle_count_ == kKeptErrands || errand.bytes_.capacity() > kKeptBytes) {
    delete &errand;
    return command;
  }
  errand.bytes_.clear();
  errand.hops_ = 0;
  idle_.push_back(errand);
  ++idle_count_;
  return command;
}

// --- the map ------------------------------------------------------------------------------------

std::uint16_t RedisCluster::member_at(const RedisAddress& address) {
  const auto found = std::find_if(members_.begin(), members_.end(),
                                  [&](const Member& member) { return member.address == address; });
  if (found != members_.end()) return static_cast<std::uint16_t>(found - members_.begin());
  if (members_.size() == kNodesMax) return kNobody;
  RedisNodeEvents* const events = this;
  members_.push_back(
      {address, std::make_unique<RedisNode>(*transport_, address, *counters_, *random_, events)});
  return static_cast<std::uint16_t>(members_.size() - 1);
}

void RedisCluster::read_soon() {
  if (reader_.is_reading() || read_timer_.armed()) return;
  net::Network& network = transport_->network();
  network.arm(read_timer_, std::max(network.now(), read_at_ + kReadInterval));
}

void RedisCluster::on_timer(Timer&) {
  read_at_ = transport_->network().now();
  reader_.read(whom_to_ask());
}

// Nodes that answer, beginning with another one each time; then the seeds.
std::vector<RedisAddress> RedisCluster::whom_to_ask() {
  std::vector<RedisAddress> addresses;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    const Member& member = members_[(first_asked_ + i) % members_.size()];
    if (member.node->is_available()) addresses.push_back(member.address);
  }
  ++first_asked_;
  const std::vector<RedisAddress>& seeds = transport_->options().addresses;
  addresses.insert(addresses.end(), seeds.begin(), seeds.end());
  return addresses;
}

void RedisCluster::on_map(const std::vector<SlotRange>& ranges) {
  net::Network& network = transport_->network();
  if (ranges.empty()) {
    network.arm(read_timer_, network.now() + kRetryInterval);
    return;
  }
  std::vector<Member> before = std::exchange(members_, {});
  for (Member& member : before) {
    const bool stays = std::any_of(ranges.begin(), ranges.end(), [&](const SlotRange& range) {
      return range.master == member.address;
    });
    if (!stays) member.node->shut();
    (stays ? members_ : leaving_).push_back(std::move(member));
  }
  std::fill(owners_.begin(), owners_.end(), kNobody);
  for (const SlotRange& range : ranges) {
    std::fill(owners_.begin() + range.first, owners_.begin() + range.last + 1,
              member_at(range.master));
  }
  if (!leaving_.empty()) network.defer(*this);
  // Whoever was asked may not have heard of all nodes yet.
  const bool has_holes = std::find(owners_.begin(), owners_.end(), kNobody) != owners_.end();
  if (has_holes) network.arm(read_timer_, network.now() + kRetryInterval);
}

// Their commands were told before: they were deferred before this was.
void RedisCluster::run() {
  std::erase_if(leaving_, [](const Member& member) { return member.node->is_settled(); });
  if (!leaving_.empty()) transport_->network().defer(*this);
}

}  // namespace usher::cache
