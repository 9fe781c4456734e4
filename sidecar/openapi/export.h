// export_document(): all configured endpoints, or one service's → an OpenAPI 3.1 document (JSON).
//
// What consumers can call through Usher, with what its owner says of it (the contract), the headers
// that Usher reads and adds, the errors that Usher itself can answer there, and the effective
// policy in short ("x-usher"), of which import_service() makes the same endpoint again. The same
// configuration gives the same bytes.
//
// Thread: any; no I/O.
// Source: OpenAPI 3.1.1.
#pragma once

#include <string>
#include <vector>

#include "config/snapshot.h"
#include "openapi/contract.h"

namespace usher::openapi {

struct ExportResult {
  std::string text;                // the document, ending with a newline
  std::vector<std::string> notes;  // endpoints that stand in no document beside others
};

// `service`: that one alone; empty: all. REQUIRES: the snapshot has that service.
ExportResult export_document(const config::Snapshot& snapshot, const Contracts& contracts,
                             const std::string& service);

}  // namespace usher::openapi
