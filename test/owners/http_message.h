// Requests as they came in and responses as they go out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace owners {

using Json = nlohmann::ordered_json;

struct Header {
  std::string name;
  std::string value;
};

struct Request {
  std::string method;
  std::string target;           // path and query, raw percent-encoding: what a signature covers
  std::vector<Header> headers;  // order and case as received
  std::string body;             // empty while unread, and for bodies that are not kept
  std::uint64_t body_length = 0;
  bool http_1_0 = false;

  std::string_view path() const;
  std::string_view query() const;  // without the '?'

  // As Node shows it: a field sent twice is one text, joined with ", ".
  std::optional<std::string> header(std::string_view name) const;
  bool wants_close() const;
};

struct Response {
  int status = 200;
  std::vector<Header> headers;
  std::string body;
};

Response json_response(int status, const Json& body);
// {"error": text}, the flat shape of the owners' handlers.
Response error_response(int status, std::string_view text);

// The head as a Node server writes it. `body_length` is announced; nullopt announces chunks.
std::string response_head(const Response& response, std::optional<std::uint64_t> body_length,
                          std::optional<int> keep_alive_seconds);

}  // namespace owners
