#include "faults.h"

#include <algorithm>
#include <stdexcept>

#include "text.h"

namespace owners {
namespace {

struct KindName {
  std::string_view name;
  FaultKind kind;
};

constexpr KindName kKinds[] = {
    {"delay", FaultKind::Delay},      {"status", FaultKind::Status},
    {"reset", FaultKind::Reset},      {"truncate", FaultKind::Truncate},
    {"hang", FaultKind::Hang},        {"close", FaultKind::Close},
    {"garbage", FaultKind::Garbage},  {"slow-body", FaultKind::SlowBody},
    {"big-body", FaultKind::BigBody}, {"echo", FaultKind::Echo},
};

FaultKind parse_kind(const std::string& name) {
  for (const KindName& entry : kKinds) {
    if (entry.name == name) return entry.kind;
  }
  throw std::invalid_argument("unknown fault kind '" + name + "'");
}

void check_keys(const Json& json) {
  static constexpr std::string_view kKeys[] = {"owner",  "match", "kind",    "delayMs",
                                               "status", "body",  "headers", "times",
                                               "after",  "bytes", "chunked", "afterAuth"};
  for (const auto& member : json.items()) {
    if (std::find(std::begin(kKeys), std::end(kKeys), member.key()) == std::end(kKeys)) {
      throw std::invalid_argument("unknown key '" + member.key() + "'");
    }
  }
}

std::string pattern(std::uint64_t from, std::uint64_t count) {
  std::string out(count, '\0');
  for (char& c : out) c = pattern_byte(from++);
  return out;
}

bool write_piece(Connection& connection, const std::string& piece, bool chunked) {
  if (!chunked) return connection.write(piece);
  char size[20];
  const int length = std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
  return connection.write({size, static_cast<std::size_t>(length)}) &&
         connection.write(piece + "\r\n");
}

// A body of the pattern in pieces of at most `piece` bytes, `pause` between them.
bool stream_pattern(const Fault& fault, Connection& connection, std::uint64_t total,
                    std::uint64_t piece, std::chrono::milliseconds pause, int keep_alive_seconds) {
  const Response head{200, {{"content-type", "text/plain; charset=utf-8"}}, ""};
  const auto announced = fault.chunked ? std::nullopt : std::optional(total);
  if (!connection.write(response_head(head, announced, keep_alive_seconds))) return false;
  for (std::uint64_t sent = 0; sent < total; sent += piece) {
    if (sent > 0 && pause.count() > 0) connection.wait_for_hangup(pause);
    const std::uint64_t size = std::min(piece, total - sent);
    if (!write_piece(connection, pattern(sent, size), fault.chunked)) return false;
  }
  return !fault.chunked || connection.write("0\r\n\r\n");
}

bool truncate(const Fault& fault, Connection& connection) {
  Response response{200, fault.headers, fault.body};
  if (response.headers.empty()) {
    response.headers.push_back({"content-type", "application/json; charset=utf-8"});
  }
  if (response.body.empty()) response.body = R"({"truncated":"this text is cut short"})";
  const std::uint64_t sent = std::min<std::uint64_t>(fault.bytes.value_or(response.body.size() / 2),
                                                     response.body.size() - 1);
  connection.write(response_head(response, response.body.size(), std::nullopt) +
                   response.body.substr(0, sent));
  connection.close_gently();
  return false;
}

bool answer_status(const Fault& fault, Connection& connection, const Request& request,
                   int keep_alive_seconds) {
  const Response response{fault.status, fault.headers, fault.body};
  const std::string body = request.method == "HEAD" ? "" : response.body;
  return connection.write(response_head(response, response.body.size(), keep_alive_seconds) + body);
}

}  // namespace

char pattern_byte(std::uint64_t index) {
  return static_cast<char>(' ' + index % 95);
}

void Faults::add(Fault fault) {
  const std::lock_guard lock(mutex_);
  faults_.push_back(std::move(fault));
}

void Faults::clear() {
  const std::lock_guard lock(mutex_);
  faults_.clear();
}

std::optional<Fault> Faults::strike(std::string_view owner, const Request& request) {
  const std::string subject = request.method + " " + std::string(request.path());
  const std::lock_guard lock(mutex_);
  for (auto fault = faults_.begin(); fault != faults_.end(); ++fault) {
    if (!fault->owner.empty() && fault->owner != owner) continue;
    if (!fault->match.empty() && !glob_matches(fault->match, subject)) continue;
    if (fault->after > 0) {
      --fault->after;
      continue;
    }
    const Fault struck = *fault;
    if (fault->times > 0 && --fault->times == 0) faults_.erase(fault);
    return struck;
  }
  return std::nullopt;
}

Fault parse_fault(const Json& json) {
  if (!json.is_object()) throw std::invalid_argument("a fault is an object");
  check_keys(json);
  Fault fault;
  fault.owner = json.value("owner", "");
  fault.match = json.value("match", "");
  fault.kind = parse_kind(json.value("kind", ""));
  fault.delay = std::chrono::milliseconds(json.value("delayMs", 0));
  fault.status = json.value("status", 503);
  fault.times = json.value("times", std::uint64_t{0});
  fault.after = json.value("after", std::uint64_t{0});
  fault.chunked = json.value("chunked", false);
  fault.after_auth = json.value("afterAuth", false);
  if (json.contains("bytes")) fault.bytes = json.at("bytes").get<std::uint64_t>();
  if (json.contains("headers")) {
    for (const auto& member : json.at("headers").items()) {
      fault.headers.push_back({member.key(), member.value().get<std::string>()});
    }
  }
  if (json.contains("body")) {
    const Json& body = json.at("body");
    fault.body = body.is_string() ? body.get<std::string>() : body.dump();
  }
  if (fault.kind == FaultKind::Status && fault.body.empty()) {
    fault.body = Json{{"error", "fault " + std::to_string(fault.status)}}.dump();
  }
  const bool typed = std::any_of(fault.headers.begin(), fault.headers.end(), [](const Header& h) {
    return equals_ignoring_case(h.name, "content-type");
  });
  if (fault.kind == FaultKind::Status && !typed) {
    fault.headers.push_back({"content-type", "application/json; charset=utf-8"});
  }
  return fault;
}

bool perform_fault(const Fault& fault, Connection& connection, const Request& request,
                   int keep_alive_seconds) {
  constexpr std::chrono::hours kForever{24};
  constexpr std::uint64_t kPieceBytes = 64 * 1024;
  constexpr std::chrono::milliseconds kSlowPause{100};
  if (fault.kind == FaultKind::Hang) {
    connection.wait_for_hangup(fault.delay.count() > 0 ? fault.delay : kForever);
    return false;
  }
  if (fault.delay.count() > 0 && fault.kind != FaultKind::SlowBody) {
    connection.wait_for_hangup(fault.delay);
  }
  switch (fault.kind) {
    case FaultKind::Status:
      return answer_status(fault, connection, request, keep_alive_seconds);
    case FaultKind::Reset:
      connection.reset();
      return false;
    case FaultKind::Truncate:
      return truncate(fault, connection);
    case FaultKind::Garbage:
      connection.write(pattern(0, fault.bytes.value_or(64)));
      connection.close_gently();
      return false;
    case FaultKind::SlowBody: {
      const std::uint64_t total = fault.bytes.value_or(1000);
      return stream_pattern(fault, connection, total, std::max<std::uint64_t>(total / 10, 1),
                            fault.delay.count() > 0 ? fault.delay : kSlowPause, keep_alive_seconds);
    }
    case FaultKind::BigBody:
      return stream_pattern(fault, connection, fault.bytes.value_or(1024 * 1024), kPieceBytes,
                            std::chrono::milliseconds(0), keep_alive_seconds);
    case FaultKind::Close:
    case FaultKind::Hang:
    case FaultKind::Delay:
    case FaultKind::Echo:
      break;
  }
  return false;
}

}  // namespace owners
