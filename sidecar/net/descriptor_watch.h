// DescriptorWatch: waits on a loop until a descriptor of the operating system can be read.
//
// It waits once for each wait(), so that a descriptor that is readable all the time makes no busy
// loop: its owner says when to look again.
//
// Owner: whoever owns the descriptor, which stays open as long as this. Not longer than the
// network. Thread: the loop's.
#pragma once

#include <functional>

namespace usher::net {

class UvNetwork;

class DescriptorWatch {
 public:
  // `readable` is called once after each wait(), from the loop; it may destroy this.
  DescriptorWatch(UvNetwork& network, int fd, std::function<void()> readable);
  ~DescriptorWatch();
  DescriptorWatch(const DescriptorWatch&) = delete;
  DescriptorWatch& operator=(const DescriptorWatch&) = delete;

  void wait();

 private:
  struct Handle;
  Handle* handle_;  // frees itself in libuv's close callback
};

}  // namespace usher::net
