// A consumer's raw bytes through the whole data path. What reaches the owner must be whole calls
// that a strict reader finds in those bytes too, in their order and byte for byte, or be cut; the
// consumer gets one whole answer for each of its calls; and nothing is left behind.
//
// Input: a byte for the pieces ('0' whole, '1' single bytes), one for the ways (below), the bytes.
#include <algorithm>
#include <chrono>
#include <map>

#include "fuzz/support/input.h"
#include "fuzz/support/proxy_world.h"
#include "fuzz/support/strict_http.h"
#include "sim/sim_owner.h"

namespace {

using namespace usher::fuzz;
using std::chrono::seconds;

constexpr std::size_t kMaxBytes = 8 * 1024;

// The bits of the second byte; '0' has none of the first four.
struct Ways {
  explicit Ways(std::uint8_t byte)
      : leaves_early((byte & 1) != 0),
        resets((byte & 2) != 0),
        chunked_answers((byte & 4) != 0),
        early_answers((byte & 8) != 0),
        holds_bodies((byte & 64) != 0) {}

  bool leaves_early;     // as soon as all is sent, not when all is answered
  bool resets;           // and not by FIN
  bool chunked_answers;  // of the owner, in two pieces
  bool early_answers;    // to a head, before its body
  bool holds_bodies;     // the signature covers them
};

std::string echo(const StrictMessage& request) {
  return request.method + " " + request.target + " " + std::to_string(request.body.size());
}

// Answers each call on its connection, once.
class Owner {
 public:
  explicit Owner(const Ways& ways) : ways_(ways) {}

  void on_event(RawPeer& peer) {
    if (peer.ended()) {
      peer.close();
      return;
    }
    const StrictReading reading = read_requests(peer.received());
    USHER_CHECK(reading.rest != Verdict::Malformed);
    Progress& progress = progress_[&peer];
    for (; progress.whole < reading.messages.size(); ++progress.whole) {
      calls_.push_back(reading.messages[progress.whole]);
    }
    for (; progress.answered < progress.whole; ++progress.answered) {
      answer(peer, reading.messages[progress.answered]);
    }
    const bool has_part = reading.rest == Verdict::Part && reading.part.has_head;
    if (ways_.early_answers && has_part && progress.answered == progress.whole) {
      answer(peer, reading.part);
      ++progress.answered;
    }
  }

  // The whole calls, in the order of their ends.
  const std::vector<StrictMessage>& calls() const { return calls_; }

  // Each connection, at the end: what is not whole must have been cut.
  static void check(const RawPeer& peer) {
    const StrictReading reading = read_requests(peer.received());
    USHER_CHECK(reading.rest == Verdict::Whole || peer.is_over());
    for (const StrictMessage& request : reading.messages) check_head(request);
    if (reading.rest == Verdict::Part && reading.part.has_head) check_head(reading.part);
  }

 private:
  static void check_head(const StrictMessage& request) {
    USHER_CHECK(request.target.front() == '/' && request.minor == 1);
    USHER_CHECK(request.value("host") == "10.0.0.1");
    USHER_CHECK(request.count("x-calling-service") == 1);
    USHER_CHECK(request.value("x-calling-service") == "gateway");
    USHER_CHECK(request.count("traceparent") == 1 && request.count("x-trace-id") == 1);
    USHER_CHECK(request.count("x-tenant-id") <= 1 && request.count("x-user-id") <= 1);
    for (const auto& [name, value] : request.fields) {
      USHER_CHECK(!begins_like(name, "x-internal-") && name.find('_') == std::string::npos);
      for (const char* ends_here : {"keep-alive", "proxy-connection", "trailer", "upgrade",
                                    "expect", "x-service-token", "x-signature"}) {
        USHER_CHECK(!same_name(name, ends_here));
      }
    }
    // Usher's own word, or none.
    const std::size_t wanted = request.count("te");
    USHER_CHECK(wanted <= 1 && request.count("connection") == wanted);
    USHER_CHECK(wanted == 0 || request.value("te") == "trailers");
    USHER_CHECK(wanted == 0 || request.value("connection") == "TE");
  }

  void answer(RawPeer& peer, const StrictMessage& request) const {
    const std::string text = request.method == "HEAD" ? "" : echo(request);
    if (ways_.chunked_answers && !text.empty()) {
      peer.send(usher::sim::kChunkedHead);
      peer.send(usher::sim::chunk(text.substr(0, 1)));
      peer.send(usher::sim::chunk(text.substr(1)) + std::string(usher::sim::kLastChunk));
    } else {
      peer.send(usher::sim::whole_answer(text));
    }
  }

  struct Progress {
    std::size_t whole = 0;
    std::size_t answered = 0;
  };

  Ways ways_;
  std::map<const RawPeer*, Progress> progress_;
  std::vector<StrictMessage> calls_;
};

// The part of an absolute-form target that an owner reads.
std::string origin_form(const std::string& target) {
  constexpr std::string_view kScheme = "http://";
  if (!same_name(target.substr(0, kScheme.size()), kScheme)) return target;
  const std::size_t path = target.find('/', kScheme.size());
  return path == std::string::npos ? "/" : target.substr(path);
}

bool wants_trailers(const StrictMessage& request) {
  return std::any_of(request.fields.begin(), request.fields.end(), [](const auto& field) {
    std::string value = field.second;
    std::transform(value.begin(), value.end(), value.begin(),
                   [](char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
    return same_name(field.first, "te") && value.find("trailers") != std::string::npos;
  });
}

bool is_same_call(const StrictMessage& seen, const StrictMessage& sent) {
  return seen.method == sent.method && seen.target == origin_form(sent.target) &&
         seen.body == sent.body && are_passable_trailers(seen.trailers, sent) &&
         (seen.count("te") == 0 || wants_trailers(sent));
}

// Every call at the owner is one of those that were sent, in their order, none twice.
void check_calls(const std::vector<StrictMessage>& seen, const std::vector<StrictMessage>& sent) {
  auto next = sent.begin();
  for (const StrictMessage& call : seen) {
    next = std::find_if(next, sent.end(), [&](const auto& c) { return is_same_call(call, c); });
    USHER_CHECK(next != sent.end());
    ++next;
  }
}

// Asks the sidecar itself.
bool is_asterisk(const StrictMessage& request) {
  return request.method == "OPTIONS" &&
         (request.target == "*" || origin_form(request.target) == "/");
}

void check_answer(const StrictMessage& answer, const StrictMessage& request) {
  USHER_CHECK(answer.count("x-trace-id") == 1);
  if (answer.status == 204) {
    USHER_CHECK(is_asterisk(request) && answer.count("allow") == 1);
    return;
  }
  if (answer.status != 200) {
    USHER_CHECK(answer.value("proxy-status").starts_with("usher; error="));
    return;
  }
  StrictMessage seen = request;
  seen.target = origin_form(request.target);
  // An early answer knows no more than a part of the body.
  const std::string text = seen.method + " " + seen.target + " ";
  USHER_CHECK(request.method == "HEAD" ? answer.body.empty() : answer.body.starts_with(text));
}

// A HEAD whose head could not be read is refused as any other call, with a body.
bool is_refused_head(const StrictReading& reading, const std::vector<std::string>& methods) {
  const std::size_t answers = reading.messages.size();
  return answers > 0 && answers <= methods.size() && methods[answers - 1] == "HEAD" &&
         reading.messages.back().status >= 400 &&
         reading.messages.back().value("connection") == "close";
}

struct Story {
  StrictReading sent;
  bool stays;  // the consumer waited for its answers
};

void check_answers(const RawPeer& consumer, const Story& story) {
  std::vector<std::string> methods;
  for (const StrictMessage& request : story.sent.messages) methods.push_back(request.method);
  if (story.sent.part.has_head) methods.push_back(story.sent.part.method);
  StrictReading reading = read_responses(consumer.received(), methods, consumer.ended());
  std::erase_if(reading.messages, [](const auto& answer) { return answer.status < 200; });
  if (is_refused_head(reading, methods)) reading.rest = Verdict::Whole;
  USHER_CHECK(reading.rest != Verdict::Malformed);
  USHER_CHECK(reading.rest == Verdict::Whole || consumer.is_over() || !story.stays);

  const std::size_t calls = story.sent.messages.size();
  const std::size_t answers = reading.messages.size();
  USHER_CHECK(answers <= calls + (story.sent.rest == Verdict::Whole ? 0 : 1));
  for (std::size_t i = 0; i < std::min(answers, calls); ++i) {
    check_answer(reading.messages[i], story.sent.messages[i]);
  }
  for (std::size_t i = 0; i + 1 < answers; ++i) {
    USHER_CHECK(reading.messages[i].value("connection") != "close");
  }
  const bool said_close = answers > 0 && reading.messages.back().value("connection") == "close";
  if (story.stays && !said_close) USHER_CHECK(answers >= calls);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  const std::uint8_t cut = input.byte();
  const Ways ways(input.byte());
  const std::string_view bytes = input.rest().substr(0, kMaxBytes);

  Owner owner(ways);
  ProxyWorld world(1, ways.holds_bodies, [&owner](RawPeer& peer) { owner.on_event(peer); });
  RawPeer consumer(world.network(), usher::sim::SimProxy::address());
  world.network().run_until_idle();
  for (Pieces pieces(bytes, cut); !pieces.empty();) {
    consumer.send(pieces.next());
    world.network().run_until_idle();
  }
  if (!ways.leaves_early) world.network().advance(seconds(40));
  const Story story{read_requests(bytes), !ways.leaves_early};
  if (!ways.leaves_early) check_answers(consumer, story);
  ways.resets ? consumer.reset() : consumer.end();
  world.network().advance(seconds(40));
  check_answers(consumer, story);
  check_calls(owner.calls(), story.sent.messages);
  for (const auto& peer : world.owners()) Owner::check(*peer);
  consumer.close();
  world.check_nothing_is_left();
  return 0;
}
