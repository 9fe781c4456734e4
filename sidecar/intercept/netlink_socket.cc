#include "intercept/netlink_socket.h"

#include <arpa/inet.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <optional>
#include <system_error>
#include <utility>

namespace usher::intercept {
namespace {

constexpr std::size_t kBufferBytes = 64 * 1024;
constexpr timeval kTimeout{.tv_sec = 5, .tv_usec = 0};
// Enough for what kMaxRanges allows; taken where the kernel lets us.
constexpr int kSendBytes = 1024 * 1024;

using Answer = tl::expected<std::vector<std::uint8_t>, KernelRefusal>;

tl::unexpected<KernelRefusal> refusal(int error, std::string what) {
  return tl::unexpected(KernelRefusal{error, std::move(what)});
}

// What came for one send(): until it is known how it ended.
struct Arrivals {
  const NetlinkMessages& sent;
  std::vector<std::uint8_t> answer{};
  std::optional<KernelRefusal> refused{};
  bool done = false;
};

// `message`: one whole message.
void take(Arrivals& arrivals, const std::uint8_t* message) {
  nlmsghdr head{};
  std::memcpy(&head, message, sizeof(head));
  if (head.nlmsg_seq >= arrivals.sent.count()) return;
  const std::uint8_t* body = message + NLMSG_HDRLEN;
  const std::size_t size = head.nlmsg_len - NLMSG_HDRLEN;
  if (head.nlmsg_type != NLMSG_ERROR) {
    arrivals.answer.assign(body, body + size);
    return;
  }
  int error = 0;
  if (size >= sizeof(error)) std::memcpy(&error, body, sizeof(error));
  if (error != 0) arrivals.refused = {-error, arrivals.sent.what(head.nlmsg_seq)};
  arrivals.done = error != 0 || head.nlmsg_seq == arrivals.sent.last_answered();
}

void take_all(Arrivals& arrivals, const std::uint8_t* data, std::size_t size) {
  while (size >= NLMSG_HDRLEN && !arrivals.done) {
    std::uint32_t length = 0;
    std::memcpy(&length, data, sizeof(length));
    if (length < NLMSG_HDRLEN || length > size) return;
    take(arrivals, data);
    const std::size_t step = std::min<std::size_t>(NLMSG_ALIGN(length), size);
    data += step;
    size -= step;
  }
}

}  // namespace

std::string KernelRefusal::to_string() const {
  return what + ": " + std::generic_category().message(error);
}

tl::expected<NetlinkSocket, KernelRefusal> NetlinkSocket::open() {
  const int descriptor = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
  if (descriptor < 0) return refusal(errno, "a netlink socket");
  (void)::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &kTimeout, sizeof(kTimeout));
  (void)::setsockopt(descriptor, SOL_SOCKET, SO_SNDBUFFORCE, &kSendBytes, sizeof(kSendBytes));
  return NetlinkSocket(descriptor);
}

NetlinkSocket::~NetlinkSocket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

NetlinkSocket::NetlinkSocket(NetlinkSocket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

Answer NetlinkSocket::send(const NetlinkMessages& messages) {
  sockaddr_nl kernel{};
  kernel.nl_family = AF_NETLINK;
  const auto* address = reinterpret_cast<const sockaddr*>(&kernel);
  const std::vector<std::uint8_t>& bytes = messages.bytes();
  if (::sendto(descriptor_, bytes.data(), bytes.size(), 0, address, sizeof(kernel)) < 0) {
    return refusal(errno, "sending to the kernel");
  }
  std::vector<std::uint8_t> buffer(kBufferBytes);
  Arrivals arrivals{.sent = messages};
  while (!arrivals.done) {
    const ssize_t size = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return refusal(errno, "the kernel's answer");
    take_all(arrivals, buffer.data(), static_cast<std::size_t>(size));
  }
  if (arrivals.refused) return tl::unexpected(*arrivals.refused);
  return arrivals.answer;
}

std::uint32_t generation_of(const std::vector<std::uint8_t>& answer) {
  for (std::size_t at = NLMSG_ALIGN(sizeof(nfgenmsg)); at + NLA_HDRLEN <= answer.size();) {
    nlattr head{};
    std::memcpy(&head, answer.data() + at, sizeof(head));
    if (head.nla_len < NLA_HDRLEN || at + head.nla_len > answer.size()) break;
    if (head.nla_type == NFTA_GEN_ID && head.nla_len == NLA_HDRLEN + sizeof(std::uint32_t)) {
      std::uint32_t id = 0;
      std::memcpy(&id, answer.data() + at + NLA_HDRLEN, sizeof(id));
      return ntohl(id);
    }
    at += NLA_ALIGN(head.nla_len);
  }
  return 0;
}

}  // namespace usher::intercept
