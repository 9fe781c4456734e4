// NetlinkSocket: speaks to the kernel's netfilter, one question or transaction at a time.
//
// Owner: whoever asks.  Thread: any, one at a time. Blocks, at most 5 s for each answer.
// Source: netlink(7).
#pragma once

#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "intercept/netlink_message.h"

namespace usher::intercept {

struct KernelRefusal {
  int error = 0;  // errno
  std::string what;

  // "set ports: Invalid argument"
  std::string to_string() const;
};

class NetlinkSocket {
 public:
  // Errors: the kernel has no netfilter netlink, or denies sockets.
  static tl::expected<NetlinkSocket, KernelRefusal> open();
  ~NetlinkSocket();
  NetlinkSocket(NetlinkSocket&& other) noexcept;
  NetlinkSocket& operator=(NetlinkSocket&&) = delete;
  NetlinkSocket(const NetlinkSocket&) = delete;
  NetlinkSocket& operator=(const NetlinkSocket&) = delete;

  // Sends all of them and waits until the kernel has taken the last. Returns the answer to a
  // question, without its netlink head; empty for a transaction.
  tl::expected<std::vector<std::uint8_t>, KernelRefusal> send(const NetlinkMessages& messages);

 private:
  explicit NetlinkSocket(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

// NFTA_GEN_ID of an answer to ask_generation(); 0 when it has none.
std::uint32_t generation_of(const std::vector<std::uint8_t>& answer);

}  // namespace usher::intercept
