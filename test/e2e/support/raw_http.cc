#include "support/raw_http.h"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "owners/seed_ids.h"

namespace e2e {
namespace {

[[noreturn]] void malformed(std::string_view what) {
  throw std::runtime_error("not acceptable HTTP: " + std::string(what));
}

std::uint64_t number(std::string_view text, int base) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) malformed(text);
  return value;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::vector<std::string> Fields::all(std::string_view name) const {
  std::vector<std::string> values;
  for (const auto& [other, value] : *this) {
    if (same_name(other, name)) values.push_back(value);
  }
  return values;
}

std::string Fields::one(std::string_view name) const {
  const std::vector<std::string> values = all(name);
  if (values.size() == 1) return values.front();
  return "(" + std::string(name) + " stands " + std::to_string(values.size()) + " times)";
}

std::string Response::code() const {
  const Json parsed = Json::parse(body, nullptr, false);
  if (!parsed.is_object() || !fields.has("Proxy-Status")) return "";
  return parsed.value("code", "");
}

Request Request::with(std::string name, std::string value) const {
  Request copy = *this;
  copy.fields.emplace_back(std::move(name), std::move(value));
  return copy;
}

Request Request::without(std::string_view name) const {
  Request copy = *this;
  std::erase_if(copy.fields, [name](const auto& field) { return same_name(field.first, name); });
  return copy;
}

std::string Request::text() const {
  std::string text = method + " " + target + " " + version + "\r\n";
  if (!fields.has("Host")) text += "Host: usher.test\r\n";
  for (const auto& [name, value] : fields) text.append(name + ": " + value + "\r\n");
  if (body && !fields.has("Content-Length") && !fields.has("Transfer-Encoding")) {
    text += "Content-Length: " + std::to_string(body->size()) + "\r\n";
  }
  return text + "\r\n" + body.value_or("");
}

Request get(std::string target) {
  return Request{.method = "GET",
                 .target = std::move(target),
                 .fields = {{"X-Tenant-ID", std::string(owners::seed::kTenant)}},
                 .body = {}};
}

Request post(std::string target, std::string json) {
  Request request = get(std::move(target)).with("Content-Type", "application/json");
  request.method = "POST";
  request.body = std::move(json);
  return request;
}

bool MessageReader::fill() {
  const std::string bytes = socket_->read();
  buffer_ += bytes;
  return !bytes.empty();
}

std::string MessageReader::take(std::size_t size) {
  std::string bytes = buffer_.substr(0, size);
  buffer_.erase(0, bytes.size());
  return bytes;
}

std::optional<std::string> MessageReader::read_head() {
  for (;;) {
    if (const auto end = buffer_.find("\r\n\r\n"); end != std::string::npos) return take(end + 4);
    if (!fill()) break;
  }
  if (!buffer_.empty()) malformed("the connection ended within a head: " + buffer_);
  return std::nullopt;
}

Message MessageReader::parse_head(std::string_view head) const {
  Message message;
  message.head = head;
  std::string_view rest = head.substr(0, head.size() - 2);
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find("\r\n"));
    rest.remove_prefix(line.size() + 2);
    if (line.find_first_of("\r\n") != line.npos) malformed("a bare CR or LF");
    if (message.start_line.empty()) {
      message.start_line = line;
      continue;
    }
    const auto colon = line.find(':');
    if (colon == line.npos || colon == 0) malformed(line);
    std::string_view value = line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    message.fields.emplace_back(line.substr(0, colon), value);
  }
  message.chunked = message.fields.has("Transfer-Encoding");
  if (message.chunked && message.fields.one("Transfer-Encoding") != "chunked") {
    malformed("Transfer-Encoding");
  }
  if (message.chunked && message.fields.has("Content-Length")) malformed("two body lengths");
  return message;
}

std::optional<std::string> MessageReader::read_line() {
  for (;;) {
    if (const auto end = buffer_.find("\r\n"); end != std::string::npos) {
      std::string line = take(end);
      take(2);
      return line;
    }
    if (!fill()) return std::nullopt;
  }
}

// False when the connection ends before the last chunk.
bool MessageReader::read_chunks(Message& message) {
  for (;;) {
    const auto line = read_line();
    if (!line) return false;
    const std::uint64_t size = number(*line, 16);
    if (size == 0) return read_line() == "";
    while (buffer_.size() < size + 2) {
      if (!fill()) return false;
    }
    message.body += take(size);
    if (take(2) != "\r\n") malformed("a chunk's end");
  }
}

void MessageReader::read_body(Message& message, bool until_close, bool has_body) {
  message.complete = true;
  if (!has_body) return;
  if (message.chunked) {
    message.complete = read_chunks(message);
  } else if (message.fields.has("Content-Length")) {
    const std::uint64_t size = number(message.fields.one("Content-Length"), 10);
    while (buffer_.size() < size && fill()) {
    }
    message.body = take(size);
    message.complete = message.body.size() == size;
  } else if (until_close) {
    while (fill()) {
    }
    message.body = take(buffer_.size());
  }
}

Response Client::read_head() {
  const auto head = reader_.read_head();
  if (!head) throw std::runtime_error("the connection ended without an answer");
  Response response;
  static_cast<Message&>(response) = reader_.parse_head(*head);
  const std::string& line = response.start_line;
  if (!line.starts_with("HTTP/1.1 ") || line.size() < 13) malformed(line);
  response.status = static_cast<int>(number(std::string_view(line).substr(9, 3), 10));
  return response;
}

Response Client::read(std::string_view request_method) {
  Response response = read_head();
  const bool has_body = request_method != "HEAD" && response.status >= 200 &&
                        response.status != 204 && response.status != 304;
  reader_.read_body(response, true, has_body);
  return response;
}

std::string Client::read_some() {
  if (reader_.buffer().empty()) reader_.fill();
  return reader_.take(reader_.buffer().size());
}

Response Client::call(const Request& request) {
  send(request);
  return read(request.method);
}

bool Client::closed_by_peer() {
  return reader_.buffer().empty() && !reader_.fill();
}

Response call(int port, const Request& request) {
  return Client(port).call(request);
}

}  // namespace e2e
