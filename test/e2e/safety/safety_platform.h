// The sidecar and the scripted owner that all safety tests of the program share.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "safety/strict_http.h"
#include "support/platform.h"

namespace e2e {

// How a message is cut on its way: the verdict must not hang on it.
enum class Delivery { Whole, ByteByByte };
inline constexpr Delivery kDeliveries[] = {Delivery::Whole, Delivery::ByteByByte};

// Sends as told; false when the peer hung up before the end.
bool deliver(const Socket& socket, std::string_view bytes, Delivery delivery);

// What the owner answers to calls of /x/scripted; all others get 200 {}.
struct Answer {
  std::string bytes;
  Delivery delivery = Delivery::Whole;
  bool closes = false;  // the owner's connection ends behind it
};

// An owner that reads strictly and remembers.
class StrictOwner {
 public:
  struct Request {
    int connection;
    StrictMessage message;
  };

  StrictOwner();

  int port() const { return owner_.port(); }
  void set_answer(Answer answer);
  // The whole requests since the last take(), in order.
  std::vector<Request> take();
  // Waits until the sidecar has closed this connection.
  bool ended(int connection);
  // What no owner may ever get, since the last call: malformed requests, bytes behind one, a call
  // nobody made.
  std::vector<std::string> take_violations();

 private:
  void serve(Peer& peer);
  std::optional<StrictMessage> read(Peer& peer, std::string& buffer);
  bool answer(Peer& peer, const StrictMessage& request);

  std::mutex mutex_;
  Answer answer_;
  std::vector<Request> requests_;
  std::size_t taken_ = 0;
  std::vector<int> ended_;
  std::vector<std::string> violations_;
  RawOwner owner_;  // last: its threads use the rest
};

// One sidecar with the endpoints GET, POST and OPTIONS /x/{id}, whose bodies pass as they come, and
// POST /held/{id}, whose body its signature covers; all on one owner.
class SafetyPlatform : public PlatformTest {
 public:
  static StrictOwner& owner();
  static Sidecar& sidecar();

  // A call that must succeed, on a connection of its own; what the owner got until then. `marker`
  // names it.
  static std::vector<StrictOwner::Request> good_call(const std::string& marker);

 protected:
  void SetUp() override;
  // Nothing of the test has left a trace that a later one would be blamed for.
  void TearDown() override;
};

// A request's form at the owner without what Usher itself says, and checks that Usher says it once.
std::string owners_form(const StrictMessage& request);
// An answer's form at the consumer, likewise. How a body is framed is not in it, since it hangs on
// what has come of it when its head is written, nor is what concerns the connection.
std::string consumers_form(const StrictMessage& response, const std::string& method);

// "bare LF after a value" as a test's name.
std::string name_of_row(std::string_view row);

}  // namespace e2e
