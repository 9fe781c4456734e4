// Two network namespaces of this test alone, joined by a cable: a pod and its peer. They are gone
// when the last descriptor and the last process are, so nothing is left over however a test ends.
#pragma once

#include <sys/types.h>

#include <string>

namespace e2e {

class Namespace {
 public:
  // Throws where this process may not make one.
  Namespace();
  ~Namespace();
  Namespace(const Namespace&) = delete;
  Namespace& operator=(const Namespace&) = delete;

  int fd() const { return fd_; }
  // Under which other processes find it, as long as this object lives.
  std::string path() const;

 private:
  int fd_ = -1;
};

// While it lives, what this thread makes is of that namespace and that user: sockets and processes
// (these run as root again, see as_user()). Nothing else of the thread changes.
class Within {
 public:
  explicit Within(const Namespace& place, uid_t user = 0);
  ~Within();
  Within(const Within&) = delete;
  Within& operator=(const Within&) = delete;

 private:
  int before_ = -1;
};

inline constexpr uid_t kConsumerUid = 1000;
inline constexpr uid_t kSidecarUid = 7401;

inline constexpr auto kPod4 = "10.77.0.2";
inline constexpr auto kPod6 = "fd77::2";
inline constexpr auto kPeer4 = "10.77.0.1";
inline constexpr auto kPeer6 = "fd77::1";
inline constexpr auto kCluster4 = "10.96.5.5";  // the peer's too, behind a route: like a ClusterIP

class NamespacePair {
 public:
  NamespacePair();

  const Namespace& pod() const { return pod_; }
  const Namespace& peer() const { return peer_; }

 private:
  Namespace pod_;
  Namespace peer_;
};

// Why no namespaces can be made here; empty where they can.
std::string why_no_namespaces();

}  // namespace e2e
