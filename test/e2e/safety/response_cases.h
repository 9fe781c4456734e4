// What owners answer, and what the consumer must see of it: the tables of the answers' half of the
// suite.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace e2e {

enum class Fate {
  Refused,     // 502 UPSTREAM_PROTOCOL
  Cut,         // the same while nothing has been passed on, else the consumer's connection is cut
  Passed,      // as `consumer`, and the owner's connection is used again
  PassedLast,  // as `consumer`, and the owner's connection is closed
};

struct ResponseCase {
  std::string row;    // the test's name
  std::string bytes;  // from the owner
  Fate fate;
  std::string consumer = {};               // consumers_form()
  std::vector<std::string> interims = {};  // before it, likewise
  std::string method = "GET";
  bool owner_closes = false;  // behind these bytes
};

inline void PrintTo(const ResponseCase& example, std::ostream* out) {
  *out << example.bytes;
}

std::vector<ResponseCase> refused_answers();  // heads
std::vector<ResponseCase> cut_answers();      // bodies
std::vector<ResponseCase> passed_answers();

}  // namespace e2e
