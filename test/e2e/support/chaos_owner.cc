#include "support/chaos_owner.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <stdexcept>

namespace e2e::chaos {

void Complaints::add(const std::string& text) {
  const std::lock_guard lock(mutex_);
  if (++count_ <= kKept) kept_ += text + "\n";
}

std::size_t Complaints::count() {
  const std::lock_guard lock(mutex_);
  return count_;
}

std::string Complaints::text() {
  const std::lock_guard lock(mutex_);
  return std::to_string(count_) + " complaints, the first:\n" + kept_;
}

void pause_by_chance(Chance& chance) {
  if (chance.one_in(2)) return;
  std::this_thread::sleep_for(std::chrono::microseconds(chance.below(4000)));
}

Owner::Owner(std::uint64_t seed, std::size_t threads, Complaints& complaints)
    : seed_(seed), complaints_(&complaints), listener_(Socket::listen_loopback()) {
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this] {
      for (;;) {
        const int accepted = ::accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC);
        if (accepted < 0 && errno == EAGAIN)
          continue;  // nobody came for as long as a read may last
        if (accepted < 0) return;
        Socket socket(accepted);
        try {
          serve(socket);
        } catch (const std::exception& error) {
          complaints_->add(std::string("at the owner: ") + error.what());
        }
      }
    });
  }
}

Owner::~Owner() {
  listener_.shut();
  for (std::thread& thread : threads_) thread.join();
}

int Owner::executions(std::uint64_t number) {
  const std::lock_guard lock(mutex_);
  const auto found = executions_.find(number);
  return found == executions_.end() ? 0 : found->second;
}

void Owner::serve(Socket& socket) {
  MessageReader reader(socket);
  while (const auto head = reader.read_head()) {
    Message request = reader.parse_head(*head);
    const std::string& line = request.start_line;
    const std::uint64_t number = std::stoull(line.substr(line.rfind('/', line.rfind(' ')) + 1));
    {
      const std::lock_guard lock(mutex_);
      ++executions_[number];
    }
    if (!answer(make_call(seed_, number), reader, request, socket)) return;
  }
}

// Whether what came is the whole request. It may be cut, but must not look whole then.
bool Owner::check(const Call& call, const Message& request) {
  const std::string name = call.method + " " + std::to_string(call.number);
  if (!std::string_view(call.request_body).starts_with(request.body)) {
    complaints_->add(name + ": the owner got another body");
  } else if (request.complete && request.body != call.request_body) {
    complaints_->add(name + ": the owner got a part that looked whole");
  } else if (request.complete && call.cuts_request()) {
    complaints_->add(name + ": the owner got all of a request that was cut");
  }
  return request.complete;
}

bool Owner::answer(const Call& call, MessageReader& reader, Message& request, Socket& socket) {
  Chance chance = chance_of(seed_, call.number, "owner");
  const std::string text = call.answer_text();
  const bool answers_first =
      call.owner == OwnerAct::Early || (call.owner >= OwnerAct::Close && chance.one_in(3));
  if (!answers_first) {
    reader.read_body(request, false, true);
    if (!check(call, request)) return false;
  }
  switch (call.owner) {
    case OwnerAct::Plain:
      return socket.write(text);
    case OwnerAct::InPieces:
      send_in_pieces(socket, text, chance);
      return true;
    case OwnerAct::Late:
      std::this_thread::sleep_for(std::chrono::milliseconds(chance.below(30)));
      return socket.write(text);
    case OwnerAct::Interim:
      socket.write("HTTP/1.1 100 Continue\r\n\r\n");
      pause_by_chance(chance);
      return socket.write("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + text);
    case OwnerAct::SaidClose:
    case OwnerAct::UnsaidClose:
      socket.write(text);
      return false;
    case OwnerAct::UnsaidReset:
      socket.write(text);
      pause_by_chance(chance);
      socket.reset();
      return false;
    case OwnerAct::Surplus:
      return socket.write(text + "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nstolen");
    case OwnerAct::Early:
      socket.write(text);
      reader.read_body(request, false, true);
      return check(call, request);
    case OwnerAct::Close:
    case OwnerAct::Reset:
    case OwnerAct::CutHead:
    case OwnerAct::ResetHead:
    case OwnerAct::CutBody:
    case OwnerAct::ResetBody:
    case OwnerAct::Garbage:
      cut(call, socket, text);
      return false;
  }
  return false;
}

// Sends a part, or nothing, and ends the connection.
void Owner::cut(const Call& call, Socket& socket, std::string_view answer) {
  Chance chance = chance_of(seed_, call.number, "cut");
  const std::size_t head = call.answer_head_size();
  pause_by_chance(chance);
  const bool within_head = call.owner == OwnerAct::CutHead || call.owner == OwnerAct::ResetHead;
  const bool within_body = call.owner == OwnerAct::CutBody || call.owner == OwnerAct::ResetBody;
  if (within_head) socket.write(answer.substr(0, 1 + chance.below(head - 1)));
  if (within_body) socket.write(answer.substr(0, head + chance.below(answer.size() - head)));
  if (call.owner == OwnerAct::Garbage) socket.write("220 mail.example ESMTP\r\n\r\n");
  pause_by_chance(chance);
  if (call.owner == OwnerAct::Reset || call.owner == OwnerAct::ResetHead ||
      call.owner == OwnerAct::ResetBody) {
    socket.reset();
  }
}

void Owner::send_in_pieces(const Socket& socket, std::string_view text, Chance chance) {
  const std::size_t most = 1 + text.size() / (1 + chance.below(12));
  while (!text.empty()) {
    const std::size_t size = std::min(text.size(), 1 + chance.below(most));
    if (!socket.write(text.substr(0, size))) return;
    text.remove_prefix(size);
    pause_by_chance(chance);
  }
}

}  // namespace e2e::chaos
