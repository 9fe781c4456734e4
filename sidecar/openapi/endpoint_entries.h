// Endpoint entries: what a service file says of each operation of an OpenAPI document.
//
// Thread: any.
#pragma once

#include <string>
#include <vector>

#include "config/json_reader.h"
#include "config/problem.h"
#include "openapi/description.h"
#include "openapi/naming.h"

namespace usher::openapi {

struct Entry {
  config::Value value;  // the endpoint object; its values have the offsets of what they come from
  std::string shape;    // shape_of() its match; empty where "x-usher" has a match that is none
  const Operation* operation = nullptr;
};

struct EntryOptions {
  std::string service;
  std::vector<std::string> prefixes;  // operations at and below these paths alone; empty: all
};

// Whether `path` is at or below one of them, or there are none.
bool is_below(std::string_view path, const std::vector<std::string>& prefixes);

// The entries of `description`, in its order. Operations that no endpoint can serve are noted, as
// are those that an earlier one hides; those whose "x-usher" names another service are left out.
std::vector<Entry> make_entries(const config::Document& document, const Description& description,
                                const EntryOptions& options, config::Problems& problems,
                                config::Problems& notes);

// Gives the entries that have none a name that `taken` lacks: from operationId, else from method
// and path.
void name_entries(std::vector<Entry>& entries, NameSet& taken);

}  // namespace usher::openapi
