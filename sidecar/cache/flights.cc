// FlightTable knows who leads a key and who follows; a follower is a ticket in the FlightInbox of
// its desk. What is told goes into the inbox, and the desk brings it to the ticket's waiter at the
// end of a turn of its own loop.
//
// Locks, in this order: the table's, an inbox's, the network's for what is posted. Followers are
// told without the table's lock; they may be gone by then, and nothing comes of it. Only a new
// leader is told under it: whoever leads is either told of it, or is gone and has left.
#include "cache/flights.h"

#include <algorithm>
#include <deque>
#include <mutex>
#include <utility>
#include <vector>

#include "base/check.h"

namespace usher::cache {
namespace {

struct Letter {
  std::uint64_t ticket;
  FlightNews news;
};

struct KeyHash {
  std::size_t operator()(const CacheKey& key) const {
    return static_cast<std::size_t>(key.digest.word());
  }
};

// The keys whose answers are not for sharing, each for kAloneFor.
class AloneKeys {
 public:
  bool contains(const CacheKey& key, Instant now) const {
    const auto found = until_.find(key);
    return found != until_.end() && now < found->second;
  }

  void add(const CacheKey& key, Instant now) {
    while (!order_.empty() && (order_.size() == Flights::kAloneMax || is_over(order_.front(), now)))
      forget_oldest();
    if (until_.insert_or_assign(key, now + Flights::kAloneFor).second) order_.push_back(key);
  }

 private:
  bool is_over(const CacheKey& key, Instant now) const { return !contains(key, now); }
  void forget_oldest() {
    until_.erase(order_.front());
    order_.pop_front();
  }

  std::unordered_map<CacheKey, Instant, KeyHash> until_;
  std::deque<CacheKey> order_;  // by when they came first
};

}  // namespace

// A desk's letters. Outlives the desk for those who are about to write to it.
class FlightInbox : public std::enable_shared_from_this<FlightInbox> {
 public:
  FlightInbox(net::Task& desk, net::Network& network) : desk_(&desk), network_(&network) {}

  // Thread: any. `sender`: the inbox of the desk that writes.
  void put(std::uint64_t ticket, FlightNews news, const FlightInbox& sender) {
    const std::lock_guard lock(mutex_);
    if (network_ == nullptr) return;
    letters_.push_back({ticket, std::move(news)});
    if (letters_.size() > 1) return;  // the desk has been called
    if (&sender == this) {
      network_->defer(*desk_);
    } else {
      network_->post([self = shared_from_this()] { self->call_desk(); });
    }
  }

  // Thread: the desk's.
  std::vector<Letter> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(letters_, {});
  }
  void close() {
    const std::lock_guard lock(mutex_);
    desk_ = nullptr;
    network_ = nullptr;
    letters_.clear();
  }

 private:
  void call_desk() {
    if (desk_ != nullptr) desk_->run();
  }

  std::mutex mutex_;
  net::Task* desk_;        // both null once the desk is gone
  net::Network* network_;  // likewise
  std::vector<Letter> letters_;
};

class FlightTable {
 public:
  using Inbox = std::shared_ptr<FlightInbox>;

  FlightDesk::Role join(const CacheKey& key, const Inbox& desk, std::uint64_t ticket, Instant now) {
    const std::lock_guard lock(mutex_);
    if (alone_.contains(key, now)) return FlightDesk::Role::Alone;
    const auto [flight, is_new] = flights_.try_emplace(key);
    if (is_new) {
      flight->second.leader = {desk, kNoTicket};
      return FlightDesk::Role::Lead;
    }
    std::vector<Seat>& followers = flight->second.followers;
    if (followers.size() == Flights::kFollowersMax) return FlightDesk::Role::Alone;
    followers.push_back({desk, ticket});
    return FlightDesk::Role::Follow;
  }

  bool try_lead(const CacheKey& key, const Inbox& desk, Instant now) {
    const std::lock_guard lock(mutex_);
    if (alone_.contains(key, now)) return false;
    const auto [flight, is_new] = flights_.try_emplace(key);
    if (is_new) flight->second.leader = {desk, kNoTicket};
    return is_new;
  }

  void cancel(const CacheKey& key, const Inbox& desk, std::uint64_t ticket) {
    const std::lock_guard lock(mutex_);
    const auto flight = flights_.find(key);
    if (flight == flights_.end()) return;  // its letter is on its way
    const Seat seat{desk, ticket};
    if (flight->second.leader == seat) {
      hand_over(flight, *desk);
    } else {
      std::erase(flight->second.followers, seat);
    }
  }

  void end(const CacheKey& key, const Inbox& desk, const FlightNews& news) {
    std::vector<Seat> followers;
    {
      const std::lock_guard lock(mutex_);
      followers = take(led_by(desk, key));
    }
    tell(followers, news, *desk);
  }

  void give_up(const CacheKey& key, const Inbox& desk, Instant now) {
    {
      const std::lock_guard lock(mutex_);
      alone_.add(key, now);
    }
    end(key, desk, {FlightNews::Kind::Alone});
  }

  void fail(const CacheKey& key, const Inbox& desk, const FlightNews& news) {
    std::vector<Seat> followers;
    {
      const std::lock_guard lock(mutex_);
      const auto flight = led_by(desk, key);
      if (++flight->second.failures < kFailuresMax) {
        hand_over(flight, *desk);
        return;
      }
      followers = take(flight);
    }
    tell(followers, news, *desk);
  }

  void leave(const CacheKey& key, const Inbox& desk) {
    const std::lock_guard lock(mutex_);
    hand_over(led_by(desk, key), *desk);
  }

  // The desk is about to go.
  void forget(const Inbox& desk) {
    const std::lock_guard lock(mutex_);
    for (auto next = flights_.begin(); next != flights_.end();) {
      const auto flight = next++;
      std::erase_if(flight->second.followers, [&](const Seat& seat) { return seat.desk == desk; });
      if (flight->second.leader.desk == desk) hand_over(flight, *desk);
    }
    desk->close();
  }

  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return flights_.size();
  }

 private:
  static constexpr std::uint64_t kNoTicket = 0;  // of a leader that did not follow before
  static constexpr int kFailuresMax = 2;

  struct Seat {
    Inbox desk;
    std::uint64_t ticket = kNoTicket;
    bool operator==(const Seat&) const = default;
  };
  struct Flight {
    Seat leader;
    int failures = 0;
    std::vector<Seat> followers;  // in the order they came
  };
  using Map = std::unordered_map<CacheKey, Flight, KeyHash>;

  Map::iterator led_by(const Inbox& desk, const CacheKey& key) {
    const auto flight = flights_.find(key);
    USHER_CHECK(flight != flights_.end() && flight->second.leader.desk == desk);
    return flight;
  }

  std::vector<Seat> take(Map::iterator flight) {
    std::vector<Seat> followers = std::move(flight->second.followers);
    flights_.erase(flight);
    return followers;
  }

  // To the first of its followers; without any it ends.
  void hand_over(Map::iterator flight, const FlightInbox& sender) {
    std::vector<Seat>& followers = flight->second.followers;
    if (followers.empty()) {
      flights_.erase(flight);
      return;
    }
    Seat& leader = flight->second.leader;
    leader = std::move(followers.front());
    followers.erase(followers.begin());
    leader.desk->put(leader.ticket, {FlightNews::Kind::Lead}, sender);
  }

  static void tell(const std::vector<Seat>& followers, const FlightNews& news,
                   const FlightInbox& sender) {
    for (const Seat& seat : followers) seat.desk->put(seat.ticket, news, sender);
  }

  mutable std::mutex mutex_;
  Map flights_;
  AloneKeys alone_;
};

// --- FlightDesk
// -----------------------------------------------------------------------------------

FlightDesk::FlightDesk(Flights& flights, net::Network& network)
    : table_(flights.table_.get()),
      inbox_(std::make_shared<FlightInbox>(static_cast<net::Task&>(*this), network)) {}

FlightDesk::~FlightDesk() {
  table_->forget(inbox_);
  for (const auto& [ticket, waiting] : waiters_) waiting.waiter->ticket_ = 0;
}

FlightDesk::Role FlightDesk::join(const CacheKey& key, FlightWaiter& waiter, Instant now) {
  USHER_CHECK(waiter.ticket_ == 0);
  const std::uint64_t ticket = ++last_ticket_;
  const Role role = table_->join(key, inbox_, ticket, now);
  if (role == Role::Follow) {
    waiter.ticket_ = ticket;
    waiters_.emplace(ticket, Waiting{&waiter, key});
  }
  return role;
}

bool FlightDesk::try_lead(const CacheKey& key, Instant now) {
  return table_->try_lead(key, inbox_, now);
}

void FlightDesk::cancel(FlightWaiter& waiter) {
  const std::uint64_t ticket = std::exchange(waiter.ticket_, 0);
  if (ticket == 0) return;
  const auto waiting = waiters_.find(ticket);
  table_->cancel(waiting->second.key, inbox_, ticket);
  waiters_.erase(waiting);
}

void FlightDesk::land(const CacheKey& key, EntryRef entry) {
  table_->end(key, inbox_, {FlightNews::Kind::Landed, std::move(entry)});
}

void FlightDesk::give_up(const CacheKey& key, bool not_shareable, Instant now) {
  if (not_shareable) {
    table_->give_up(key, inbox_, now);
  } else {
    table_->end(key, inbox_, {FlightNews::Kind::Alone});
  }
}

void FlightDesk::fail(const CacheKey& key, const Error& error, EntryRef answer) {
  table_->fail(key, inbox_, {FlightNews::Kind::Failed, std::move(answer), error});
}

void FlightDesk::leave(const CacheKey& key) {
  table_->leave(key, inbox_);
}

void FlightDesk::run() {
  for (const Letter& letter : inbox_->take()) {
    const auto waiting = waiters_.find(letter.ticket);
    if (waiting == waiters_.end()) continue;  // cancelled
    FlightWaiter& waiter = *waiting->second.waiter;
    waiters_.erase(waiting);
    waiter.ticket_ = 0;
    waiter.on_flight(letter.news);
  }
}

// --- Flights
// --------------------------------------------------------------------------------------

Flights::Flights() : table_(std::make_unique<FlightTable>()) {}

Flights::~Flights() = default;

std::size_t Flights::active() const {
  return table_->size();
}

}  // namespace usher::cache
