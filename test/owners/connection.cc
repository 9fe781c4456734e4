#include "connection.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

#include "text.h"

namespace owners {
namespace {

using std::chrono::milliseconds;

// Fastify's requestTimeout in auth and event; nobody on a test machine needs longer.
constexpr milliseconds kReadPatience{30000};

constexpr std::string_view kTokenMarks = "!#$%&'*+-.^_`|~";

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           kTokenMarks.find(c) != kTokenMarks.npos;
  });
}

bool is_visible(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c != '\x7f'; });
}

bool is_field_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f';
  });
}

bool parse_number(std::string_view text, int base, std::uint64_t& number) {
  if (text.empty()) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return error == std::errc{} && end == text.data() + text.size();
}

bool parse_request_line(std::string_view line, Request& request) {
  const auto parts = split(line, ' ');
  if (parts.size() != 3 || !is_token(parts[0]) || !is_visible(parts[1])) return false;
  if (parts[2] != "HTTP/1.1" && parts[2] != "HTTP/1.0") return false;
  request.method = parts[0];
  request.target = parts[1];
  request.http_1_0 = parts[2] == "HTTP/1.0";
  return request.target.front() == '/' || request.target == "*";
}

bool parse_field(std::string_view line, Request& request) {
  const auto colon = line.find(':');
  if (colon == line.npos || !is_token(line.substr(0, colon))) return false;
  const std::string_view value = trim(line.substr(colon + 1));
  if (!is_field_value(value)) return false;
  request.headers.push_back({std::string(line.substr(0, colon)), std::string(value)});
  return true;
}

bool poll_for(int socket, short events, milliseconds patience) {
  pollfd entry{socket, events, 0};
  return ::poll(&entry, 1, static_cast<int>(patience.count())) > 0;
}

}  // namespace

Connection::~Connection() {
  ::close(socket_);
}

bool Connection::wait_readable(milliseconds patience) const {
  return !buffer_.empty() || poll_for(socket_, POLLIN, patience);
}

bool Connection::fill() {
  char bytes[64 * 1024];
  if (!poll_for(socket_, POLLIN, kReadPatience)) return false;
  const ssize_t count = ::recv(socket_, bytes, sizeof bytes, 0);
  if (count <= 0) return false;
  buffer_.append(bytes, static_cast<std::size_t>(count));
  return true;
}

Connection::Read Connection::read_head(Request& request) {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == buffer_.npos) {
    if (buffer_.size() > kHeadBytesMax) return Read::Malformed;
    if (!fill()) return Read::Closed;
  }
  const std::string head = buffer_.substr(0, end);
  buffer_.erase(0, end + 4);
  const Read parsed = parse_head(head, request);
  return parsed == Read::Complete ? decide_framing(request) : parsed;
}

Connection::Read Connection::parse_head(std::string_view head, Request& request) {
  auto line_end = head.find("\r\n");
  if (!parse_request_line(head.substr(0, line_end), request)) return Read::Malformed;
  while (line_end != head.npos) {
    head.remove_prefix(line_end + 2);
    line_end = head.find("\r\n");
    if (!parse_field(head.substr(0, line_end), request)) return Read::Malformed;
  }
  const bool one_host =
      std::count_if(request.headers.begin(), request.headers.end(), [](const Header& field) {
        return equals_ignoring_case(field.name, "host");
      }) == 1;
  return one_host || request.http_1_0 ? Read::Complete : Read::Malformed;
}

Connection::Read Connection::decide_framing(const Request& request) {
  const auto coding = request.header("transfer-encoding");
  const auto length = request.header("content-length");
  expects_continue_ = lower(request.header("expect").value_or("")) == "100-continue";
  framing_ = Framing::None;
  if (coding && length) return Read::Malformed;
  if (coding) {
    if (lower(*coding) != "chunked" || request.http_1_0) return Read::Malformed;
    framing_ = Framing::Chunked;
  } else if (length) {
    if (!parse_number(*length, 10, length_)) return Read::Malformed;
    framing_ = Framing::Length;
  }
  return Read::Complete;
}

Connection::Read Connection::read_body(const BodySink& sink) {
  if (framing_ == Framing::None) return Read::Complete;
  if (expects_continue_ && buffer_.empty() && !write("HTTP/1.1 100 Continue\r\n\r\n")) {
    return Read::Closed;
  }
  return framing_ == Framing::Length ? read_length(length_, sink) : read_chunks(sink);
}

Connection::Read Connection::read_length(std::uint64_t length, const BodySink& sink) {
  while (length > 0) {
    if (buffer_.empty() && !fill()) return Read::Closed;
    const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(length, buffer_.size()));
    sink(std::string_view(buffer_).substr(0, piece));
    buffer_.erase(0, piece);
    length -= piece;
  }
  return Read::Complete;
}

Connection::Read Connection::read_chunks(const BodySink& sink) {
  std::string line;
  for (;;) {
    if (const Read read = read_line(line); read != Read::Complete) return read;
    std::uint64_t size = 0;
    if (!parse_number(std::string_view(line).substr(0, line.find(';')), 16, size)) {
      return Read::Malformed;
    }
    if (size == 0) break;
    if (const Read read = read_length(size, sink); read != Read::Complete) return read;
    if (const Read read = read_line(line); read != Read::Complete) return read;
    if (!line.empty()) return Read::Malformed;
  }
  do {  // trailer fields, of which no owner uses any
    if (const Read read = read_line(line); read != Read::Complete) return read;
  } while (!line.empty());
  return Read::Complete;
}

Connection::Read Connection::read_line(std::string& line) {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n")) == buffer_.npos) {
    if (buffer_.size() > kHeadBytesMax) return Read::Malformed;
    if (!fill()) return Read::Closed;
  }
  line = buffer_.substr(0, end);
  buffer_.erase(0, end + 2);
  return Read::Complete;
}

bool Connection::write(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

void Connection::wait_for_hangup(milliseconds patience) const {
  poll_for(socket_, POLLRDHUP, patience);
}

void Connection::reset() {
  const linger at_once{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

void Connection::close_gently() {
  constexpr milliseconds kLinger{500};
  char unread[16 * 1024];
  ::shutdown(socket_, SHUT_WR);
  while (poll_for(socket_, POLLIN, kLinger) && ::recv(socket_, unread, sizeof unread, 0) > 0) {
  }
}

}  // namespace owners
