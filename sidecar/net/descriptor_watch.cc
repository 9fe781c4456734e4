#include "net/descriptor_watch.h"

#include <uv.h>

#include <utility>

#include "base/check.h"
#include "net/uv_network.h"

namespace usher::net {

struct DescriptorWatch::Handle {
  std::function<void()> readable;
  uv_poll_t poll{};
};

DescriptorWatch::DescriptorWatch(UvNetwork& network, int fd, std::function<void()> readable)
    : handle_(new Handle{.readable = std::move(readable)}) {
  USHER_CHECK(uv_poll_init(network.loop(), &handle_->poll, fd) == 0);
  handle_->poll.data = handle_;
}

DescriptorWatch::~DescriptorWatch() {
  uv_close(reinterpret_cast<uv_handle_t*>(&handle_->poll),
           [](uv_handle_t* handle) { delete static_cast<Handle*>(handle->data); });
}

// An error is told as well: whoever reads will meet it.
void DescriptorWatch::wait() {
  const auto event = [](uv_poll_t* poll, int, int) {
    uv_poll_stop(poll);
    static_cast<Handle*>(poll->data)->readable();
  };
  USHER_CHECK(uv_poll_start(&handle_->poll, UV_READABLE, event) == 0);
}

}  // namespace usher::net
