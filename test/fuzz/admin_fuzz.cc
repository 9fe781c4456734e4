// The admin port: raw bytes get whole answers, no more of them than there are calls in the bytes,
// and the handler sees paths that were asked for.
//
// Input: a byte for the pieces ('0' whole, '1' single bytes), then the bytes.
#include <chrono>
#include <string>

#include "fuzz/support/input.h"
#include "fuzz/support/raw_peer.h"
#include "fuzz/support/strict_http.h"
#include "server/admin_server.h"

namespace {

using namespace usher::fuzz;
using std::chrono::seconds;

constexpr std::size_t kMaxBytes = 8 * 1024;

void check_answers(const RawPeer& client, std::string_view bytes, std::size_t handled) {
  const StrictReading sent = read_requests(bytes);
  std::vector<std::string> methods;
  for (const StrictMessage& request : sent.messages) methods.push_back(request.method);
  const std::size_t calls = methods.size();
  if (sent.part.has_head) methods.push_back(sent.part.method);
  const StrictReading reading = read_responses(client.received(), methods, client.ended());
  const std::size_t answers = reading.messages.size();
  // A HEAD whose head could not be read is refused as any other call, with a body.
  const bool is_refused_head = answers > 0 && answers <= methods.size() &&
                               methods[answers - 1] == "HEAD" &&
                               reading.messages.back().status == 400;
  USHER_CHECK(reading.rest == Verdict::Whole || is_refused_head);
  USHER_CHECK(answers <= calls + (sent.rest == Verdict::Whole ? 0 : 1));
  USHER_CHECK(handled <= calls);
  for (const StrictMessage& answer : reading.messages) {
    USHER_CHECK(answer.count("content-length") == 1 && answer.count("transfer-encoding") == 0);
    USHER_CHECK(answer.value("cache-control") == "no-store");
    const bool closes = answer.value("connection") == "close";
    USHER_CHECK(!closes || &answer == &reading.messages.back());
  }
  const bool said_close = answers > 0 && reading.messages.back().value("connection") == "close";
  USHER_CHECK(said_close ? client.is_over() : answers == calls);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  const std::uint8_t cut = input.byte();
  const std::string_view bytes = input.rest().substr(0, kMaxBytes);
  const auto address = *usher::net::SocketAddress::from_ip("127.0.0.1", 7400);

  usher::sim::SimNetwork network(1);
  std::size_t handled = 0;
  usher::server::AdminServer server(network, [&](const usher::server::AdminRequest& request) {
    const std::string_view path = request.path;
    USHER_CHECK(path == "*" || path.empty() || bytes.find(path) != std::string_view::npos ||
                path == "/");
    ++handled;
    return usher::server::AdminAnswer{.status = 200, .content_type = "text/plain", .body = "ok"};
  });
  network.listen(address, server);
  RawPeer client(network, address);
  network.run_until_idle();
  for (Pieces pieces(bytes, cut); !pieces.empty();) {
    client.send(pieces.next());
    network.run_until_idle();
  }
  network.advance(seconds(10));
  check_answers(client, bytes, handled);
  client.end();
  network.advance(seconds(100));
  client.close();
  server.shut();
  network.refuse(address);
  network.advance(seconds(10));
  USHER_CHECK(network.open_streams() == 0);
  return 0;
}
