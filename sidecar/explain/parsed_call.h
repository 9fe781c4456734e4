// ParsedCall: a call as somebody writes it on a command line, read as the outbound listener would
// read it.
//
// Thread: any.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "http/message.h"

namespace usher::explain {

struct Asked {
  std::string method;                  // "GET"
  std::string url;                     // absolute, or a path
  std::string consumer{};              // empty: the configuration's
  std::vector<std::string> headers{};  // "name: value"
};

class ParsedCall {
 public:
  // Errors: a sentence that says what is wrong. A call without Host is given one.
  static tl::expected<std::unique_ptr<ParsedCall>, std::string> parse(const Asked& asked);

  ParsedCall(const ParsedCall&) = delete;
  ParsedCall& operator=(const ParsedCall&) = delete;

  const http::RequestHead& head() const { return head_; }
  // Whether calls with this method carry a body, mostly. What is in it is not known.
  bool may_have_body() const;

 private:
  ParsedCall() = default;

  std::string bytes_;
  http::RequestHead head_;
};

}  // namespace usher::explain
