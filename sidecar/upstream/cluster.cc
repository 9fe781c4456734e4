#include "upstream/cluster.h"

#include <algorithm>

#include "base/log.h"

namespace usher::upstream {

Cluster::Cluster(net::Network& network, const ClusterOptions& options, Random& random)
    : network_(&network),
      random_(&random),
      service_(options.service),
      share_{.connections_max = options.connections_per_host,
             .waiting_max = options.pending,
             .emptied = this},
      outliers_(options.outlier) {
  for (const HostAddress& address : options.addresses) {
    ResolverEvents& events = *this;
    resolvers_.push_back(std::make_unique<HostResolver>(network, address, events));
  }
  update_hosts();
  for (const auto& resolver : resolvers_) resolver->refresh();
}

// --- callers ------------------------------------------------------------------------------------

Result<UpstreamConnection*> Cluster::acquire(PoolWaiter& waiter, const LeaseOptions& options) {
  for (const auto& resolver : resolvers_) resolver->refresh();
  waiter.options_ = options;
  waiter.lease_.forget();
  if (!present_.empty()) return acquire_from_host(waiter);
  if (!hosts_may_come()) {
    return fail(ErrorCode::NoHealthyAddress, "the owner's name has no address", Retry::Yes);
  }
  if (share_.waiting >= share_.waiting_max) {
    return fail(ErrorCode::Overloaded, "too many calls wait for the owner's name to be resolved",
                Retry::Yes);
  }
  unplaced_.push_back(waiter);
  ++share_.waiting;
  return nullptr;
}

// REQUIRES: !present_.empty(), and so there is a healthy one.
Result<UpstreamConnection*> Cluster::acquire_from_host(PoolWaiter& waiter) {
  const auto candidates = policy::candidates(healthy(), waiter.options_.tried);
  Host& host = *hosts_[balancer_.choose(candidates, *random_)];
  waiter.lease_.begin(*this, host);
  const auto connection = host.pool().acquire(waiter, waiter.options_);
  // This process has no room or no socket: that says nothing of the host.
  if (!connection) waiter.record(policy::Verdict::Ignored);
  return connection;
}

void Cluster::cancel(PoolWaiter& waiter) {
  if (!waiter.linked()) return;
  if (waiter.pool_ != nullptr) {
    waiter.pool_->cancel(waiter);
  } else {
    waiter.unlink();
    --share_.waiting;
  }
}

// A caller may do anything to the others when it hears: so each is looked for anew.
void Cluster::place_waiters() {
  IntrusiveList<PoolWaiter> waiters;
  waiters.take_all(unplaced_);
  while (PoolWaiter* waiter = waiters.pop_front()) {
    --share_.waiting;
    const auto connection = present_.empty() ? fail(ErrorCode::NoHealthyAddress,
                                                    "the owner's name has no address", Retry::Yes)
                                             : acquire_from_host(*waiter);
    if (!connection) {
      waiter->on_no_connection(connection.error());
    } else if (*connection != nullptr) {
      waiter->on_connection(**connection);
    }
  }
}

void Cluster::attempt_ended(const Host& host, policy::Verdict verdict) {
  balancer_.finished(host.slot());
  outliers_.record(host.slot(), verdict, network_->now(), *random_);
  if (leaving_.contains(host.slot())) network_->defer(*this);
}

// --- hosts --------------------------------------------------------------------------------------

void Cluster::on_resolved() {
  if (closed_) return;
  update_hosts();
  if (!present_.empty() || !hosts_may_come()) place_waiters();
}

// Whether there may be a host without another lookup.
bool Cluster::hosts_may_come() const {
  if (has_surplus_ && !leaving_.empty()) return true;
  return std::any_of(resolvers_.begin(), resolvers_.end(),
                     [](const auto& resolver) { return resolver->resolving(); });
}

void Cluster::set_addresses(const std::vector<HostAddress>& addresses) {
  std::vector<std::unique_ptr<HostResolver>> before = std::move(resolvers_);
  resolvers_.clear();
  for (const HostAddress& address : addresses) {
    const auto same = std::find_if(before.begin(), before.end(), [&](const auto& resolver) {
      return resolver != nullptr && resolver->address() == address;
    });
    ResolverEvents& events = *this;
    resolvers_.push_back(same != before.end()
                             ? std::move(*same)
                             : std::make_unique<HostResolver>(*network_, address, events));
  }
  for (auto& resolver : before) {
    if (resolver != nullptr) former_resolvers_.push_back(std::move(resolver));
  }
  for (const auto& resolver : resolvers_) resolver->refresh();
  on_resolved();
  network_->defer(*this);
}

// Those that no host came from; not in an event of one of them.
void Cluster::drop_former_resolvers() {
  std::erase_if(former_resolvers_, [this](const auto& resolver) {
    return std::none_of(hosts_.begin(), hosts_.end(), [&](const auto& host) {
      return host != nullptr && &host->source() == resolver.get();
    });
  });
}

// Makes the hosts those that the resolvers name.
void Cluster::update_hosts() {
  policy::HostSet named;
  bool has_surplus = false;
  for (const auto& resolver : resolvers_) {
    for (const net::SocketAddress& address : resolver->addresses()) {
      if (const Host* host = host_at(*resolver, address)) {
        named.add(host->slot());
      } else {
        has_surplus = true;
      }
    }
  }
  // In this order no more hosts than need be come back from ejection.
  named.without(present_).for_each([this](std::size_t slot) { join(slot); });
  present_.without(named).for_each([this](std::size_t slot) { leave(slot); });
  tell_surplus(has_surplus);
}

// The host of that address, new when there was none; null when there is no slot for it.
Host* Cluster::host_at(const HostResolver& source, const net::SocketAddress& address) {
  std::size_t free_slot = hosts_.size();
  for (std::size_t slot = 0; slot < hosts_.size(); ++slot) {
    Host* host = hosts_[slot].get();
    if (host == nullptr) {
      free_slot = std::min(free_slot, slot);
    } else if (&host->source() == &source && host->address() == address) {
      return host;
    }
  }
  if (free_slot == hosts_.size()) return nullptr;
  hosts_[free_slot] = std::make_unique<Host>(*network_, free_slot, source, address, share_);
  return hosts_[free_slot].get();
}

void Cluster::join(std::size_t slot) {
  leaving_.remove(slot);
  present_.add(slot);
  outliers_.add(slot);
  hosts_[slot]->pool().reopen();
}

void Cluster::leave(std::size_t slot) {
  present_.remove(slot);
  leaving_.add(slot);
  outliers_.remove(slot, network_->now());
  IntrusiveList<PoolWaiter> waiters;
  hosts_[slot]->pool().close();
  hosts_[slot]->pool().give_up_waiters(waiters);
  while (PoolWaiter* waiter = waiters.pop_front()) {
    waiter->lease_.forget();
    unplaced_.push_back(*waiter);
    ++share_.waiting;
  }
  network_->defer(*this);
}

void Cluster::run() {
  leaving_.for_each([this](std::size_t slot) {
    if (hosts_[slot]->pool().connections() > 0 || balancer_.active(slot) > 0) return;
    leaving_.remove(slot);
    hosts_[slot].reset();
  });
  drop_former_resolvers();
  if (has_surplus_ || !unplaced_.empty()) on_resolved();
}

// Once, until they fit again.
void Cluster::tell_surplus(bool has_surplus) {
  if (has_surplus && !has_surplus_) {
    LogLine(LogLevel::Warn, "more addresses than can be used; the rest is ignored")
        .field("service", service_)
        .field("used", static_cast<std::int64_t>(policy::HostSet::kMax));
  }
  has_surplus_ = has_surplus;
}

std::size_t Cluster::connections() const {
  std::size_t count = 0;
  for_each_host([&](const Host& host) { count += host.pool().connections(); });
  return count;
}

void Cluster::close() {
  closed_ = true;
  for_each_host([](Host& host) { host.pool().close(); });
}

}  // namespace usher::upstream
