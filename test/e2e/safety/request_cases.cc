#include "safety/request_cases.h"

namespace e2e {

std::string get_with(const std::string& fields, const std::string& rest) {
  return "GET /x/1 HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + rest;
}

std::string post_with(const std::string& fields, const std::string& body) {
  return "POST /x/1 HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n" + body;
}

std::string line(const std::string& request_line) {
  return request_line + "\r\nHost: a\r\n\r\n";
}

std::string chunked(const std::string& body) {
  return post_with("Transfer-Encoding: chunked\r\n", body);
}

RequestCase refused(std::string row, std::string bytes, int status, std::string code) {
  return {
      .row = std::move(row), .bytes = std::move(bytes), .status = status, .code = std::move(code)};
}

RequestCase refused_in_body(std::string row, std::string bytes) {
  RequestCase example = refused(std::move(row), std::move(bytes));
  example.in_body = true;
  return example;
}

RequestCase forwarded(std::string row, std::string bytes, std::vector<std::string> owner) {
  return {.row = std::move(row), .bytes = std::move(bytes), .forwarded = std::move(owner)};
}

RequestCase forwarded_last(std::string row, std::string bytes, std::vector<std::string> owner) {
  RequestCase example = forwarded(std::move(row), std::move(bytes), std::move(owner));
  example.closes = true;
  return example;
}

RequestCase then_refused(RequestCase example) {
  example.status = 400;
  example.code = "BAD_REQUEST";
  return example;
}

std::string got(const std::string& fields, const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\n" + fields + "\r\n";
}

std::string posted(const std::string& fields, const std::string& body) {
  return "POST /x/1 HTTP/1.1\r\n" + fields + "\r\n" + body;
}

}  // namespace e2e
