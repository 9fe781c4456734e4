// Service files: a new one of entries, and one that is there with entries added.
//
// Thread: any.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/json_reader.h"
#include "config/problem.h"
#include "openapi/endpoint_entries.h"
#include "openapi/servers.h"

namespace usher::openapi {

// A new services/NAME.json.
std::string write_service(const std::string& service, const Servers& servers,
                          const std::vector<Entry>& entries);

// A service file that is there.
struct ExistingService {
  std::unique_ptr<config::Document> document;
  std::string text;
};

// Reads it; nothing after a mistake in it, or when it is another service's.
std::optional<ExistingService> read_existing(const std::string& file, const std::string& text,
                                             const std::string& service,
                                             config::Problems& problems);

// Its text, with those of `entries` added that it has no endpoint for; they get their names here,
// the others leave the list. What stands in the text stays byte by byte. Endpoints at or below
// `prefixes` that have no operation are noted.
std::string add_entries(const ExistingService& existing, const Servers& servers,
                        std::vector<Entry>& entries, const std::vector<std::string>& prefixes,
                        config::Problems& notes);

}  // namespace usher::openapi
