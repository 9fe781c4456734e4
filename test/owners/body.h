// A request's body as the owners' framework parses it, before anything else looks at it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "http_message.h"

namespace owners {

struct ParsedBody {
  std::optional<Response> refusal;
  std::optional<std::string> canonical;  // JSON.stringify; nullopt where JavaScript has undefined
  Json value;                            // null when there is none
};

// GET and HEAD have no body, whatever was sent.
ParsedBody parse_body(const Request& request, std::size_t bytes_max);

// The framework's own error shape.
Response framework_error(int status, std::string_view error, std::string_view code,
                         std::string_view message);

}  // namespace owners
