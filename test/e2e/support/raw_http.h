// HTTP/1.1 as bytes: requests are sent as written, answers are read strictly and completely.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/socket.h"

namespace e2e {

using Json = nlohmann::json;

// Header fields in their order and case.
class Fields : public std::vector<std::pair<std::string, std::string>> {
 public:
  using vector::vector;
  std::vector<std::string> all(std::string_view name) const;
  std::size_t count(std::string_view name) const { return all(name).size(); }
  bool has(std::string_view name) const { return count(name) > 0; }
  // The value of a field that stands exactly once; otherwise a text that no value equals.
  std::string one(std::string_view name) const;
};

bool same_name(std::string_view a, std::string_view b);

// What is common to requests and answers as they come off a wire.
struct Message {
  std::string start_line;
  Fields fields;
  std::string body;
  bool chunked = false;
  bool complete = false;  // false: the connection ended within the body
  std::string head;       // its very bytes
};

struct Response : Message {
  int status = 0;
  // The body, which has to be JSON.
  Json json() const { return Json::parse(body); }
  // "code" of an error of Usher's own; "" where the owner answered.
  std::string code() const;
};

// A request, composed step by step: get("/x").with("A", "b").
struct Request {
  std::string method;
  std::string target;
  Fields fields;
  std::optional<std::string> body;
  std::string version = "HTTP/1.1";

  Request with(std::string name, std::string value) const;
  Request without(std::string_view name) const;
  // With Host and, where there is a body, Content-Length, unless they are among the fields.
  std::string text() const;
};

// Of the seed's tenant.
Request get(std::string target);
Request post(std::string target, std::string json);

// Reads messages off a socket, one after another.
class MessageReader {
 public:
  explicit MessageReader(const Socket& socket) : socket_(&socket) {}

  // Nothing at the end of the connection. Throws on what is not HTTP.
  std::optional<std::string> read_head();
  Message parse_head(std::string_view head) const;
  void read_body(Message& message, bool until_close, bool has_body);

  // More bytes, into the buffer; false at the end.
  bool fill();
  std::string take(std::size_t size);
  std::string& buffer() { return buffer_; }

 private:
  std::optional<std::string> read_line();
  bool read_chunks(Message& message);

  const Socket* socket_;
  std::string buffer_;
};

// A consumer's connection.
class Client {
 public:
  explicit Client(int port, const std::string& host = "127.0.0.1")
      : Client(Socket::connect(port, host)) {}
  explicit Client(Socket socket) : socket_(std::move(socket)), reader_(socket_) {}
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // False when the sidecar has closed.
  bool send(std::string_view bytes) { return socket_.write(bytes); }
  bool send(const Request& request) { return send(request.text()); }
  // The next answer, an interim one too. Throws when the connection ends before its head is there.
  Response read(std::string_view request_method = "GET");
  // Its head only; the body's bytes follow by read_some().
  Response read_head();
  std::string read_some();
  Response call(const Request& request);
  // Waits for the end of the connection; true when nothing came before it.
  bool closed_by_peer();

  Socket& socket() { return socket_; }

 private:
  Socket socket_;
  MessageReader reader_;
};

// One call on a connection of its own.
Response call(int port, const Request& request);

}  // namespace e2e
