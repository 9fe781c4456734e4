// LocalReferences: the "$ref" of an OpenAPI document, followed within the document.
//
// Thread: any. Borrows the document. A reference that leads nowhere, or in a circle, is a mistake;
// one to another file is not followed, and noted. Each is said once.
#pragma once

#include "config/json_reader.h"
#include "config/problem.h"

namespace usher::openapi {

class LocalReferences {
 public:
  LocalReferences(const config::Document& document, config::Problems& problems,
                  config::Problems& notes)
      : document_(document), problems_(problems), notes_(notes) {}

  // What `value` stands for: itself, where it has no "$ref". Null when that cannot be found.
  const config::Value* follow(const config::Value& value);

 private:
  const config::Value* target_of(const config::Value& reference);

  const config::Document& document_;
  config::Problems& problems_;
  config::Problems& notes_;
};

}  // namespace usher::openapi
