// check_service(): a service file's text, read as the loader reads it; its mistakes are reported
// where they come from.
//
// Thread: any; what references stand for is not looked at.
#pragma once

#include <string>
#include <vector>

#include "config/json_reader.h"
#include "config/problem.h"
#include "openapi/endpoint_entries.h"

namespace usher::openapi {

// False when `text` has a mistake that the loader would find in this file alone. One that lies
// within one of `entries` (found in the text by its name) is reported in `source`, the document
// that they were made of, and others in `file`. What the loader would warn of goes to `notes`.
bool check_service(const std::string& file, const std::string& text,
                   const std::vector<Entry>& entries, const config::Document& source,
                   config::Problems& problems, config::Problems& notes);

}  // namespace usher::openapi
