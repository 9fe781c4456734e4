// Invariant: every waiter has a connection on the way (connecting_size_ >= waiting_), or the pool
// is full and a lease will end. serve_waiters() restores it whenever a connection is recycled.

#include "upstream/connection_pool.h"

#include <algorithm>

#include "base/check.h"

namespace usher::upstream {

UpstreamConnection::UpstreamConnection(ConnectionPool& pool, Instant created)
    : pool_(&pool), created_(created) {}

void UpstreamConnection::on_connected() {
  pool_->connection_ready(*this);
}

// An idle owner has nothing to say: whatever it says belongs to no call.
void UpstreamConnection::on_read(std::string_view) {
  pool_->discard(*this);
}

void UpstreamConnection::on_end() {
  pool_->discard(*this);
}

void UpstreamConnection::on_failure() {
  if (connected_) {
    pool_->discard(*this);
  } else {
    pool_->connection_failed(
        *this, {ErrorCode::UpstreamConnectFailed, Retry::Yes, "the owner cannot be reached"});
  }
}

void UpstreamConnection::on_timer(Timer&) {
  if (connected_) {
    pool_->discard(*this);
  } else {
    pool_->connection_failed(*this,
                             {ErrorCode::UpstreamTimeout, Retry::Yes,
                              "the owner did not accept a connection in time", Timeout::Connect});
  }
}

void UpstreamConnection::run() {
  pool_->recycle(*this);
}

// The one used last: it is the least likely to be closing. Null when there is none that will do.
UpstreamConnection* ConnectionPool::take_idle(const LeaseOptions& options) {
  for (;;) {
    UpstreamConnection* youngest = idle_.front();
    if (youngest == nullptr || network_->now() - youngest->idle_since_ > options.max_idle)
      return nullptr;
    if (!options.probe || youngest->stream_->is_quiet()) {
      lease(*youngest);
      return youngest;
    }
    discard(*youngest);
  }
}

Result<UpstreamConnection*> ConnectionPool::acquire(PoolWaiter& waiter,
                                                    const LeaseOptions& options) {
  connect_timeout_ = options.connect_timeout;
  if (UpstreamConnection* idle = take_idle(options)) return idle;
  // The idle ones are too old for this call: one of them makes room when the pool is full.
  if (connections_.size() == connections_.capacity() && !idle_.empty()) discard(*idle_.front());
  if (connections_.size() < connections_.capacity()) {
    if (Status started = start_connecting(); !started) return tl::unexpected(started.error());
  } else if (share_->waiting >= share_->waiting_max) {
    return fail(ErrorCode::Overloaded, "too many calls wait for a connection to the owner",
                Retry::Yes);
  }
  (options.max_idle < Duration::zero() ? waiters_for_new_ : waiters_).push_back(waiter);
  waiter.pool_ = this;
  ++waiting_;
  ++share_->waiting;
  return nullptr;
}

void ConnectionPool::cancel(PoolWaiter& waiter) {
  if (waiter.pool_ != this) return;
  waiter.unlink();
  waiter.pool_ = nullptr;
  --waiting_;
  --share_->waiting;
}

void ConnectionPool::lease(UpstreamConnection& connection) {
  connection.PoolHook::unlink();
  connection.timer_.cancel();
  ++connection.calls_;
}

Status ConnectionPool::start_connecting() {
  UpstreamConnection* connection = connections_.create(*this, network_->now());
  connection->stream_ = network_->connect(address_, *connection);
  if (connection->stream_ == nullptr) {
    connections_.destroy(connection);
    return fail(ErrorCode::Overloaded, "no socket is left for a connection to the owner",
                Retry::Yes);
  }
  network_->arm(connection->timer_, network_->now() + connect_timeout_);
  connecting_.push_back(*connection);
  ++connecting_size_;
  return {};
}

bool ConnectionPool::close_one() {
  UpstreamConnection* oldest = idle_.back();
  if (oldest != nullptr) discard(*oldest);
  return oldest != nullptr;
}

void ConnectionPool::serve_waiters() {
  while (!closed_ && waiting_ > connecting_size_ && connections_.size() < connections_.capacity()) {
    if (const Status started = start_connecting(); !started) {
      fail_first_waiter(started.error(), policy::Verdict::Ignored);
    }
  }
}

// Null when it is empty.
PoolWaiter* ConnectionPool::take_from(IntrusiveList<PoolWaiter>& waiters) {
  PoolWaiter* waiter = waiters.pop_front();
  if (waiter == nullptr) return nullptr;
  waiter->pool_ = nullptr;
  --waiting_;
  --share_->waiting;
  return waiter;
}

// Those who need a new connection come first: nothing else will do for them, and their call has
// waited before.
PoolWaiter* ConnectionPool::take_waiter() {
  return take_from(waiters_for_new_.empty() ? waiters_ : waiters_for_new_);
}

// `verdict`: what the error says of the host.
void ConnectionPool::fail_first_waiter(const Error& error, policy::Verdict verdict) {
  PoolWaiter* waiter = take_waiter();
  if (waiter == nullptr) return;
  waiter->record(verdict);
  waiter->on_no_connection(error);
}

void ConnectionPool::connection_ready(UpstreamConnection& connection) {
  connection.connected_ = true;
  connection.PoolHook::unlink();
  --connecting_size_;
  if (PoolWaiter* waiter = take_waiter()) {
    lease(connection);
    waiter->on_connection(connection);
  } else {
    connection.calls_ = 0;
    give_back(connection, kDefaultKeepAlive);
  }
}

void ConnectionPool::connection_failed(UpstreamConnection& connection, const Error& error) {
  --connecting_size_;
  discard(connection);
  fail_first_waiter(error, policy::Verdict::Failure);
}

void ConnectionPool::give_back(UpstreamConnection& connection, Duration keep_alive) {
  const Instant now = network_->now();
  const bool used_up = connection.calls_ >= kMaxCalls || now - connection.created_ >= kMaxAge;
  // A waiter that needs a new connection gets the place of this one, if none is on its way.
  const bool makes_room = waiters_for_new_.count() > connecting_size_;
  if (closed_ || keep_alive <= Duration::zero() || used_up || makes_room) {
    discard(connection);
    return;
  }
  connection.stream_->set_events(connection);
  if (PoolWaiter* waiter = take_from(waiters_)) {
    lease(connection);
    waiter->on_connection(connection);
    return;
  }
  connection.idle_since_ = now;
  network_->arm(connection.timer_, now + std::min(keep_alive, kMaxKeepAlive));
  idle_.push_front(connection);
}

void ConnectionPool::discard(UpstreamConnection& connection) {
  connection.PoolHook::unlink();
  connection.stream_->close();
  connection.stream_ = nullptr;
  retire(connection);
}

void ConnectionPool::discard_stale(UpstreamConnection& connection) {
  const Instant created = connection.created_;
  discard(connection);
  IntrusiveList<UpstreamConnection, PoolHook> kept;
  while (UpstreamConnection* idle = idle_.pop_front()) {
    if (idle->created_ <= created) {
      discard(*idle);
    } else {
      kept.push_back(*idle);
    }
  }
  idle_.take_all(kept);
}

void ConnectionPool::retire(UpstreamConnection& connection) {
  connection.timer_.cancel();
  network_->defer(connection);
}

void ConnectionPool::recycle(UpstreamConnection& connection) {
  connections_.destroy(&connection);
  if (closed_ && connections_.size() == 0 && share_->emptied != nullptr) {
    network_->defer(*share_->emptied);
  }
  serve_waiters();
}

void ConnectionPool::give_up_waiters(IntrusiveList<PoolWaiter>& waiters) {
  while (PoolWaiter* waiter = take_waiter()) waiters.push_back(*waiter);
}

void ConnectionPool::close() {
  closed_ = true;
  while (UpstreamConnection* connection = idle_.front()) discard(*connection);
  while (UpstreamConnection* connection = connecting_.front()) {
    --connecting_size_;
    discard(*connection);
  }
}

}  // namespace usher::upstream
