#include "http_message.h"

#include <ctime>

#include "text.h"

namespace owners {
namespace {

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 204:
      return "No Content";
    case 301:
      return "Moved Permanently";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 409:
      return "Conflict";
    case 413:
      return "Payload Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 429:
      return "Too Many Requests";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Unknown";
  }
}

std::string http_date() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[40];
  const std::size_t length = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
  return {text, length};
}

}  // namespace

std::string_view Request::path() const {
  return std::string_view(target).substr(0, target.find('?'));
}

std::string_view Request::query() const {
  const auto mark = target.find('?');
  return mark == target.npos ? std::string_view{} : std::string_view(target).substr(mark + 1);
}

std::optional<std::string> Request::header(std::string_view name) const {
  std::optional<std::string> joined;
  for (const Header& field : headers) {
    if (!equals_ignoring_case(field.name, name)) continue;
    joined = joined ? *joined + ", " + field.value : field.value;
  }
  return joined;
}

bool Request::wants_close() const {
  const std::string connection = lower(header("connection").value_or(""));
  bool close = http_1_0;
  for (const std::string_view option : split(connection, ',')) {
    if (trim(option) == "close") return true;
    if (trim(option) == "keep-alive") close = false;
  }
  return close;
}

Response json_response(int status, const Json& body) {
  return {status,
          {{"content-type", "application/json; charset=utf-8"}},
          body.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

Response error_response(int status, std::string_view text) {
  return json_response(status, {{"error", text}});
}

std::string response_head(const Response& response, std::optional<std::uint64_t> body_length,
                          std::optional<int> keep_alive_seconds) {
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
  head.append(reason_phrase(response.status)).append("\r\n");
  for (const Header& field : response.headers) {
    head.append(field.name).append(": ").append(field.value).append("\r\n");
  }
  if (body_length) {
    head.append("content-length: ").append(std::to_string(*body_length)).append("\r\n");
  } else {
    head.append("transfer-encoding: chunked\r\n");
  }
  head.append("Date: ").append(http_date()).append("\r\n");
  if (keep_alive_seconds) {
    head.append("Connection: keep-alive\r\nKeep-Alive: timeout=");
    head.append(std::to_string(*keep_alive_seconds)).append("\r\n\r\n");
  } else {
    head.append("Connection: close\r\n\r\n");
  }
  return head;
}

}  // namespace owners
