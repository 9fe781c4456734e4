// Description: the operations of an OpenAPI document, their parameters resolved.
//
// Thread: any. Borrows the document.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/json_reader.h"
#include "config/problem.h"
#include "http/message.h"

namespace usher::openapi {

struct Parameter {
  std::string name;
  std::string in;  // "path", "query", "header" or "cookie"
  bool required = false;
  const config::Value* value = nullptr;  // the Parameter Object
};

struct Operation {
  http::Method method = http::Method::Get;
  std::string path;                          // as written
  const config::Value* path_item = nullptr;  // its name is the path
  const config::Value* value = nullptr;      // the Operation Object
  std::vector<Parameter> parameters;         // the path's, where the operation does not say others

  // A header parameter, by its name in any case; null without one.
  const Parameter* header(std::string_view name) const;
};

struct Description {
  std::vector<Operation> operations;  // in the document's order
};

// Checks that `document` is OpenAPI 3.0 or 3.1. False after a mistake, which is reported.
bool check_version(const config::Document& document, config::Problems& problems);

// Reads all operations; those whose method no endpoint can have are noted.
Description read_description(const config::Document& document, config::Problems& problems,
                             config::Problems& notes);

}  // namespace usher::openapi
