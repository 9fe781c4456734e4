// An owner's raw bytes as the answer to a good call, through the whole data path. What the consumer
// gets is one whole answer, the one that a strict reader finds in those bytes, or an error of
// Usher's own, or an answer that is detectably cut; and the next call on its connection gets its
// own, over a connection on which the owner has said one answer and nothing else.
//
// Input: a byte for the pieces ('0' whole, '1' single bytes), one for the ways (below), the bytes.
#include <algorithm>
#include <chrono>
#include <iterator>

#include "fuzz/support/input.h"
#include "fuzz/support/proxy_world.h"
#include "fuzz/support/strict_http.h"
#include "sim/sim_owner.h"

namespace {

using namespace usher::fuzz;
using std::chrono::seconds;

constexpr std::size_t kMaxBytes = 8 * 1024;
constexpr std::string_view kKeepAlive = "timeout=70";  // of the default idle timeout

enum class End { Silence, Fin, Reset };

// The bits of the second byte; '0' has none of them.
struct Ways {
  explicit Ways(std::uint8_t byte)
      : end(static_cast<End>((byte & 3) % 3)), is_head((byte & 4) != 0), is_old((byte & 8) != 0) {}

  End end;       // behind the owner's bytes
  bool is_head;  // the call is a HEAD
  bool is_old;   // … and of HTTP/1.0, kept alive
};

class Story {
 public:
  Story(std::string_view bytes, std::uint8_t cut, const Ways& ways)
      : bytes_(bytes),
        ways_(ways),
        world_(1, false, [this](RawPeer& peer) { on_owner(peer); }),
        consumer_(world_.network(), usher::sim::SimProxy::address()) {
    world_.network().run_until_idle();
    call("/things/1");
    play(cut);
    // At once where there is an answer: its connection is still in the pool.
    if (consumers_answers().messages.empty()) world_.network().advance(seconds(15));
    check_answer();
    check_next_call();
    consumer_.close();
    world_.check_nothing_is_left();
  }

 private:
  // The first call is the script's; those behind it are answered well.
  void on_owner(RawPeer& peer) {
    if (peer.ended()) {
      peer.close();
      return;
    }
    const StrictReading reading = read_requests(peer.received());
    USHER_CHECK(reading.rest == Verdict::Whole && !reading.messages.empty());
    if (scripted_ == nullptr) {
      scripted_ = &peer;
      return;
    }
    const StrictMessage& request = reading.messages.back();
    peer.send(usher::sim::whole_answer(request.method == "HEAD" ? "" : "good " + request.target));
  }

  void call(const std::string& target) {
    consumer_.send((ways_.is_head ? "HEAD " : "GET ") + target +
                   (ways_.is_old ? " HTTP/1.0\r\nConnection: keep-alive\r\n" : " HTTP/1.1\r\n") +
                   "Host: x\r\n\r\n");
    world_.network().run_until_idle();
  }

  void play(std::uint8_t cut) {
    USHER_CHECK(scripted_ != nullptr);
    for (Pieces pieces(bytes_, cut); !pieces.empty();) {
      scripted_->send(pieces.next());
      world_.network().run_until_idle();
    }
    if (ways_.end == End::Fin) scripted_->end();
    if (ways_.end == End::Reset) scripted_->reset();
    world_.network().run_until_idle();
  }

  // Final answers, and the interim ones among them taken out.
  struct Answers : StrictReading {
    std::vector<StrictMessage> interim;
  };

  Answers read(std::string_view bytes, bool ended) const {
    const std::string method = ways_.is_head ? "HEAD" : "GET";
    Answers answers{read_responses(bytes, {method, method}, ended), {}};
    const auto is_interim = [](const StrictMessage& answer) { return answer.status < 200; };
    std::copy_if(answers.messages.begin(), answers.messages.end(),
                 std::back_inserter(answers.interim), is_interim);
    std::erase_if(answers.messages, is_interim);
    return answers;
  }
  Answers consumers_answers() const { return read(consumer_.received(), consumer_.ended()); }
  Answers owners_answers() const { return read(bytes_, ways_.end == End::Fin); }

  // What of it may be passed on: the first whole one, else the one that is not whole.
  static bool is_of_owner(const StrictMessage& answer, bool is_whole, const StrictReading& owners) {
    const bool has_whole = !owners.messages.empty();
    if (is_whole && !has_whole) return false;
    const StrictMessage& owner = has_whole ? owners.messages.front() : owners.part;
    return answer.status == owner.status &&
           (is_whole ? answer.body == owner.body : owner.body.starts_with(answer.body)) &&
           are_passable_trailers(answer.trailers, owner);
  }

  static bool is_own(const StrictMessage& answer) {
    return (answer.status == 502 || answer.status == 504) &&
           answer.value("proxy-status").starts_with("usher; error=");
  }

  static void check_fields(const StrictMessage& answer) {
    USHER_CHECK(answer.minor == 1);
    for (const auto& [name, value] : answer.fields) {
      USHER_CHECK(!begins_like(name, "x-internal-"));
      for (const char* ends_here : {"proxy-connection", "te", "trailer", "upgrade",
                                    "proxy-authenticate", "x-service-token"}) {
        USHER_CHECK(!same_name(name, ends_here));
      }
    }
  }

  static void check_head(const StrictMessage& answer) {
    check_fields(answer);
    USHER_CHECK(answer.status >= 200 && answer.count("x-trace-id") == 1);
    const bool may_have_length = answer.status != 204;
    USHER_CHECK(may_have_length || answer.count("content-length") == 0);
    // How long the connection lives is said by Usher, not by the owner.
    const bool is_kept = answer.count("keep-alive") > 0;
    USHER_CHECK(answer.count("connection") == 1 && answer.count("keep-alive") <= 1);
    USHER_CHECK(answer.value("connection") == (is_kept ? "keep-alive" : "close"));
    USHER_CHECK(!is_kept || answer.value("keep-alive") == kKeepAlive);
  }

  // Those that pass are the owner's, in their order, with fields of the owner's and no others.
  void check_interim(const Answers& reading, const Answers& owners) const {
    USHER_CHECK(reading.interim.empty() || !ways_.is_old);
    auto next = owners.interim.begin();
    for (const StrictMessage& answer : reading.interim) {
      check_fields(answer);
      const auto is_of_it = [&](const StrictMessage& owner) {
        return owner.status == answer.status && is_part_of(answer.fields, owner.fields);
      };
      next = std::find_if(next, owners.interim.end(), is_of_it);
      USHER_CHECK(answer.status != 100 && next != owners.interim.end());
      ++next;
      for (const char* not_there :
           {"connection", "keep-alive", "content-length", "transfer-encoding"}) {
        USHER_CHECK(answer.count(not_there) == 0);
      }
    }
  }

  void check_answer() {
    const Answers reading = consumers_answers();
    USHER_CHECK(reading.rest != Verdict::Malformed && reading.messages.size() <= 1);
    const Answers owners = owners_answers();
    check_interim(reading, owners);
    if (!reading.messages.empty()) {
      USHER_CHECK(reading.rest == Verdict::Whole);
      const StrictMessage& answer = reading.messages.front();
      check_head(answer);
      USHER_CHECK(is_own(answer) || is_of_owner(answer, true, owners));
      if (answer.value("connection") == "close") USHER_CHECK(consumer_.is_over());
      return;
    }
    // Cut, and so that it shows.
    USHER_CHECK(reading.rest == Verdict::Part && reading.part.has_head && consumer_.is_over());
    check_head(reading.part);
    USHER_CHECK(is_of_owner(reading.part, false, owners));
    USHER_CHECK(consumer_.failed() || reading.part.count("content-length") > 0 ||
                reading.part.count("transfer-encoding") > 0);
  }

  void check_next_call() {
    if (consumer_.is_over()) return;
    call("/things/2");
    world_.network().advance(seconds(15));
    const Answers reading = consumers_answers();
    USHER_CHECK(reading.rest == Verdict::Whole && reading.messages.size() == 2);
    const StrictMessage& answer = reading.messages.back();
    check_head(answer);
    USHER_CHECK(answer.status == 200);
    USHER_CHECK(answer.body == (ways_.is_head ? "" : "good /things/2"));
    const Answers owners = owners_answers();
    const bool was_clean = owners.rest == Verdict::Whole && owners.messages.size() == 1;
    USHER_CHECK(was_clean || read_requests(scripted_->received()).messages.size() == 1);
  }

  std::string_view bytes_;
  Ways ways_;
  RawPeer* scripted_ = nullptr;
  ProxyWorld world_;
  RawPeer consumer_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  const std::uint8_t cut = input.byte();
  const Ways ways(input.byte());
  const Story story(input.rest().substr(0, kMaxBytes), cut, ways);
  return 0;
}
