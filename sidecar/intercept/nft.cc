#include "intercept/nft.h"

#include <linux/netfilter.h>

#include <cerrno>
#include <utility>

#include "intercept/netlink_socket.h"
#include "intercept/nft_netlink.h"
#include "intercept/nft_table.h"

namespace usher::intercept {
namespace {

template <typename T>
using Outcome = tl::expected<T, KernelRefusal>;

// Somebody else may change the rule set between what is asked and what is changed.
constexpr int kTries = 10;

bool is_missing(const KernelRefusal& refusal) {
  return refusal.error == ENOENT || refusal.error == EOPNOTSUPP || refusal.error == EAFNOSUPPORT ||
         refusal.error == EPROTONOSUPPORT;
}

NftFailure failure(const KernelRefusal& refusal, bool unsupported) {
  if (refusal.error == EPERM) {
    return {.unsupported = false,
            .text = "CAP_NET_ADMIN is needed in this network namespace (" + refusal.to_string() +
                    "); run it with sudo, or in a container that adds NET_ADMIN"};
  }
  return {.unsupported = unsupported, .text = "nf_tables refused " + refusal.to_string()};
}

Outcome<bool> exists(NetlinkSocket& socket, const NetlinkMessages& question) {
  const auto answer = socket.send(question);
  if (answer) return true;
  if (answer.error().error == ENOENT) return false;
  return tl::unexpected(answer.error());
}

enum class Owner : std::uint8_t { Nobody, Usher, Other };

Outcome<Owner> owner_of_table(NetlinkSocket& socket) {
  const Outcome<bool> table = exists(socket, ask_table(NFPROTO_INET, kNftTable));
  if (!table) return tl::unexpected(table.error());
  if (!*table) return Owner::Nobody;
  const Outcome<bool> chain = exists(socket, ask_chain(NFPROTO_INET, kNftTable, kNftChain));
  if (!chain) return tl::unexpected(chain.error());
  return *chain ? Owner::Usher : Owner::Other;
}

// What the rule set is like, and that it is still so when it is changed.
struct Look {
  std::uint32_t generation = 0;
  Owner owner = Owner::Nobody;
};

Outcome<Look> look(NetlinkSocket& socket) {
  const auto generation = socket.send(ask_generation());
  if (!generation) return tl::unexpected(generation.error());
  const Outcome<Owner> owner = owner_of_table(socket);
  if (!owner) return tl::unexpected(owner.error());
  return Look{generation_of(*generation), *owner};
}

// `change` returns the messages for a Look, or none for no change. Returns the last Look.
template <typename Change>
tl::expected<Owner, NftFailure> change_table(Change change) {
  auto socket = NetlinkSocket::open();
  if (!socket) return tl::unexpected(failure(socket.error(), true));
  for (int tries = 1;; ++tries) {
    const Outcome<Look> before = look(*socket);
    if (!before) return tl::unexpected(failure(before.error(), true));
    const NetlinkMessages messages = change(*before);
    if (messages.count() == 0) return before->owner;
    const auto done = socket->send(messages);
    if (done) return before->owner;
    if (done.error().error == ERESTART && tries < kTries) continue;
    return tl::unexpected(failure(done.error(), is_missing(done.error())));
  }
}

bool has(const NetlinkMessages& question) {
  auto socket = NetlinkSocket::open();
  return socket && exists(*socket, question).value_or(false);
}

}  // namespace

tl::expected<void, NftFailure> nft_put(const RulePlan& plan) {
  const auto owner = change_table([&](const Look& before) {
    return before.owner == Owner::Other ? NetlinkMessages() : nft_up(plan, before.generation);
  });
  if (!owner) return tl::unexpected(owner.error());
  if (*owner != Owner::Other) return {};
  return tl::unexpected(NftFailure{
      .unsupported = false,
      .text =
          "there is a table inet usher that has no chain \"intercept\", so it is not of "
          "usher intercept; expected none (nft delete table inet usher), or --format iptables"});
}

tl::expected<NftRemoval, NftFailure> nft_remove() {
  const auto owner = change_table([](const Look& before) {
    return before.owner == Owner::Usher ? nft_down(before.generation) : NetlinkMessages();
  });
  if (!owner) return tl::unexpected(owner.error());
  if (*owner == Owner::Nobody) return NftRemoval::Absent;
  return *owner == Owner::Usher ? NftRemoval::Removed : NftRemoval::NotOurs;
}

bool nft_has_chain(std::uint8_t family, std::string_view table, std::string_view chain) {
  return has(ask_chain(family, table, chain));
}

bool nft_has_table(std::uint8_t family, std::string_view table) {
  return has(ask_table(family, table));
}

void nft_tidy(std::uint8_t family, std::string_view table, std::string_view chain,
              bool with_table) {
  auto socket = NetlinkSocket::open();
  if (!socket) return;
  const auto generation = socket->send(ask_generation());
  if (!generation) return;
  const std::uint32_t id = generation_of(*generation);
  if (socket->send(remove_if_empty(family, table, chain, with_table, id)) || !with_table) return;
  (void)socket->send(remove_if_empty(family, table, chain, false, id));
}

}  // namespace usher::intercept
