// What consumers send, and what must become of it: the tables of the requests' half of the suite.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace e2e {

struct RequestCase {
  std::string row;    // the test's name
  std::string bytes;  // from the consumer, on a new connection

  // What the owner must get, each in owners_form(), in this order.
  std::vector<std::string> forwarded = {};
  // What follows those: a refusal with this status and code, or none.
  int status = 0;
  std::string code = {};
  bool in_body = false;  // it is found only after the head has been passed on
  bool closes = false;   // the sidecar closes without one
};

inline void PrintTo(const RequestCase& example, std::ostream* out) {
  *out << example.bytes;
}

std::vector<RequestCase> line_end_cases();      // CR, LF, NUL and their kin; folding
std::vector<RequestCase> request_line_cases();  // method, target, version; Host
std::vector<RequestCase> name_cases();          // field names and what becomes of them
std::vector<RequestCase> length_cases();        // Content-Length, Transfer-Encoding
std::vector<RequestCase> chunk_cases();         // chunked bodies
std::vector<RequestCase> connection_cases();    // hop by hop, upgrades, Expect, what follows a call

// --- building blocks -----------------------------------------------------------------------------

// A text with NULs in it.
template <std::size_t N>
std::string raw(const char (&text)[N]) {
  return std::string(text, N - 1);
}

inline constexpr const char* kSmuggled = "GET /x/smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
inline constexpr const char* kNext = "GET /x/next HTTP/1.1\r\nHost: a\r\n\r\n";

// A call with a Host, so that what else is wrong with it is the only thing.
std::string get_with(const std::string& fields, const std::string& rest = "");
std::string post_with(const std::string& fields, const std::string& body);
std::string line(const std::string& request_line);  // with a Host
std::string chunked(const std::string& body);

RequestCase refused(std::string row, std::string bytes, int status = 400,
                    std::string code = "BAD_REQUEST");
RequestCase refused_in_body(std::string row, std::string bytes);
RequestCase forwarded(std::string row, std::string bytes, std::vector<std::string> owner);
// Forwarded, and the connection is closed behind it.
RequestCase forwarded_last(std::string row, std::string bytes, std::vector<std::string> owner);
// The first ones are served, and what follows is refused.
RequestCase then_refused(RequestCase forwarded);

// What the owner gets of get_with() and post_with().
std::string got(const std::string& fields = "", const std::string& target = "/x/1");
std::string posted(const std::string& fields, const std::string& body);

}  // namespace e2e
