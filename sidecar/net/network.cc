#include "net/network.h"

namespace usher::net {

bool Network::close_a_spare() {
  IntrusiveList<Spare> asked;
  bool closed = false;
  while (!closed) {
    Spare* spare = spares_.pop_front();
    if (spare == nullptr) break;
    asked.push_back(*spare);
    closed = spare->close_one();
  }
  spares_.take_all(asked);  // whoever gave is asked last the next time
  return closed;
}

}  // namespace usher::net
