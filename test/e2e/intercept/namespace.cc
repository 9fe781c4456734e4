#include "intercept/namespace.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/fsuid.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <thread>

#include "support/command.h"

namespace e2e {
namespace {

constexpr auto kOwnNamespace = "/proc/thread-self/ns/net";

int open_own() {
  return ::open(kOwnNamespace, O_RDONLY | O_CLOEXEC);
}

// In a thread of its own, which alone moves there.
int make_namespace() {
  int fd = -1;
  int error = 0;
  std::thread([&] {
    if (::unshare(CLONE_NEWNET) == 0) fd = open_own();
    error = errno;
  }).join();
  errno = error;
  return fd;
}

void ip(const std::string& words) {
  run_well({"sh", "-c", "ip " + words});
}

void raise_cable(const std::string& device, const char* address4, const char* address6) {
  ip("link set lo up");
  ip("address add " + std::string(address4) + "/24 dev " + device);
  ip("address add " + std::string(address6) + "/64 dev " + device + " nodad");
  ip("link set " + device + " up");
}

}  // namespace

Namespace::Namespace() : fd_(make_namespace()) {
  if (fd_ < 0) throw std::runtime_error(std::string("no namespace: ") + std::strerror(errno));
}

Namespace::~Namespace() {
  ::close(fd_);
}

std::string Namespace::path() const {
  return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(fd_);
}

// The kernel judges a socket by the file system's user id, which a thread has of its own.
Within::Within(const Namespace& place, uid_t user) : before_(open_own()) {
  if (::setns(place.fd(), CLONE_NEWNET) != 0) throw std::runtime_error("setns");
  ::setfsuid(user);
}

Within::~Within() {
  ::setfsuid(0);
  ::setns(before_, CLONE_NEWNET);
  ::close(before_);
}

NamespacePair::NamespacePair() {
  {
    const Within scope(peer_);
    ip("link add peer type veth peer name pod netns " + pod_.path());
    raise_cable("peer", kPeer4, kPeer6);
    ip("address add " + std::string(kCluster4) + "/32 dev lo");
  }
  const Within scope(pod_);
  raise_cable("pod", kPod4, kPod6);
  ip("route add " + std::string(kCluster4) + " via " + kPeer4);
}

std::string why_no_namespaces() {
  if (::geteuid() != 0) return "not root";
  const int fd = make_namespace();
  if (fd < 0) return std::string("unshare: ") + std::strerror(errno);
  ::close(fd);
  for (const char* program : {"ip", "nft", "setpriv", "curl"}) {
    if (!has_program(program)) return std::string("no ") + program;
  }
  return "";
}

}  // namespace e2e
