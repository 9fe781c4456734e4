// What an answer that Usher made itself must look like.
#pragma once

#include <string>

#include "support/platform.h"

namespace e2e {

struct ExpectedError {
  std::string code;
  int status = 0;
  std::string proxy_status;  // RFC 9209's error type
  std::string service = {};  // "" where the call matched no endpoint
  std::string endpoint = {};
  int attempts = 0;
  bool retryable = false;
  std::string retry_safe = "yes";
  std::string timeout = {};  // which one was over; "" where none was
};

// Checks the whole shape: status, fields, body, and that nothing of the call or a secret is in it.
void expect_error(const Response& response, const ExpectedError& expected);

}  // namespace e2e
