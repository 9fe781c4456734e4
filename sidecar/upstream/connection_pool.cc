// Invariant: every waiter has a connection on the way (connecting_size_ >= waiting_), or the pool
// is full and a lease will end, or the host is being resolved. serve_waiters() restores it whenever
// a connection is recycled.

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
  ConnectionPool* pool = pool_;
  pool->connections_.destroy(this);
  pool->serve_waiters();
}

ConnectionPool::ConnectionPool(net::Network& network, const HostAddress& address,
                               const ClusterOptions& options)
    : network_(&network),
      options_(options),
      host_(network, address, *this),
      connections_(options.connections_per_host) {
  network.add_spare(*this);
  host_.refresh();
}

ConnectionPool::~ConnectionPool() {
  USHER_CHECK(connections_.size() == 0);
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
  host_.refresh();
  if (host_.addresses().empty() && !host_.resolving()) {
    return fail(ErrorCode::NoHealthyAddress, "the owner's name has no address", Retry::Yes);
  }
  // The idle ones are too old for this call: one of them makes room when the pool is full.
  if (connections_.size() == connections_.capacity() && !idle_.empty()) discard(*idle_.front());
  if (connections_.size() < connections_.capacity() && !host_.addresses().empty()) {
    if (Status started = start_connecting(); !started) return tl::unexpected(started.error());
  } else if (waiting_ >= options_.pending) {
    return fail(ErrorCode::Overloaded, "too many calls wait for a connection to the owner",
                Retry::Yes);
  }
  (options.max_idle < Duration::zero() ? waiters_for_new_ : waiters_).push_back(waiter);
  ++waiting_;
  return nullptr;
}

void ConnectionPool::cancel(PoolWaiter& waiter) {
  if (!waiter.linked()) return;
  waiter.unlink();
  --waiting_;
}

void ConnectionPool::lease(UpstreamConnection& connection) {
  connection.PoolHook::unlink();
  connection.timer_.cancel();
  ++connection.calls_;
}

Status ConnectionPool::start_connecting() {
  UpstreamConnection* connection = connections_.create(*this, network_->now());
  if (try_connect(*connection)) {
    connecting_.push_back(*connection);
    ++connecting_size_;
    return {};
  }
  connections_.destroy(connection);
  return fail(ErrorCode::Overloaded, "no socket is left for a connection to the owner", Retry::Yes);
}

bool ConnectionPool::close_one() {
  UpstreamConnection* oldest = idle_.back();
  if (oldest != nullptr) discard(*oldest);
  return oldest != nullptr;
}

bool ConnectionPool::try_connect(UpstreamConnection& connection) {
  ++connection.addresses_tried_;
  connection.stream_ = network_->connect(host_.preferred(), connection);
  if (connection.stream_ == nullptr) return false;
  network_->arm(connection.timer_, network_->now() + connect_timeout_);
  return true;
}

void ConnectionPool::on_host_resolved() {
  if (host_.addresses().empty()) {
    while (waiting_ > 0) {
      fail_first_waiter(
          {ErrorCode::NoHealthyAddress, Retry::Yes, "the owner's name has no address"});
    }
    return;
  }
  serve_waiters();
}

void ConnectionPool::serve_waiters() {
  while (!closed_ && waiting_ > connecting_size_ && connections_.size() < connections_.capacity() &&
         !host_.addresses().empty()) {
    if (const Status started = start_connecting(); !started) {
      fail_first_waiter(started.error());
    }
  }
}

// Those who need a new connection come first: nothing else will do for them, and their call has
// waited before.
PoolWaiter* ConnectionPool::take_waiter() {
  PoolWaiter* waiter = waiters_for_new_.pop_front();
  if (waiter == nullptr) waiter = waiters_.pop_front();
  if (waiter != nullptr) --waiting_;
  return waiter;
}

void ConnectionPool::fail_first_waiter(const Error& error) {
  if (PoolWaiter* waiter = take_waiter()) waiter->on_no_connection(error);
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

// Refused, unreachable or too slow: the host's next address is tried before anybody hears of it.
void ConnectionPool::connection_failed(UpstreamConnection& connection, const Error& error) {
  connection.stream_->close();
  connection.stream_ = nullptr;
  host_.failed();
  if (!closed_ && connection.addresses_tried_ < host_.addresses().size() && try_connect(connection))
    return;
  connection.PoolHook::unlink();
  --connecting_size_;
  retire(connection);
  fail_first_waiter(error);
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
  if (PoolWaiter* waiter = waiters_.pop_front()) {
    --waiting_;
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

void ConnectionPool::close() {
  closed_ = true;
  while (UpstreamConnection* connection = idle_.front()) discard(*connection);
  while (UpstreamConnection* connection = connecting_.front()) {
    --connecting_size_;
    discard(*connection);
  }
}

}  // namespace usher::upstream
