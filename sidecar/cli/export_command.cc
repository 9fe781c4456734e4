#include "cli/export_command.h"

#include <algorithm>
#include <set>

#include "base/wall_clock.h"
#include "config/loader.h"
#include "config/spelling.h"
#include "openapi/contract.h"
#include "openapi/export.h"

namespace usher::cli {
namespace {

void print(const std::vector<config::Problem>& problems, std::FILE* err) {
  for (const config::Problem& problem : problems) {
    std::fprintf(err, "%s\n", to_string(problem).c_str());
  }
}

bool has_service(const config::Snapshot& snapshot, const std::string& service, std::FILE* err) {
  std::set<std::string_view> services;
  for (const auto& endpoint : snapshot.endpoints) services.insert(endpoint->service);
  if (service.empty() || services.contains(service)) return true;
  const std::vector<std::string_view> names(services.begin(), services.end());
  std::fprintf(err, "--service: there is no service %s; expected one of %s\n",
               config::in_quotes(service).c_str(), config::list_of(names).c_str());
  return false;
}

}  // namespace

int export_openapi(const ExportOptions& options, std::FILE* out, std::FILE* err) {
  const config::LoadResult loaded = config::load(options.directories, wall_clock_ms());
  config::Problems problems;
  const openapi::Contracts contracts = openapi::read_contracts(options.directories, problems);
  print(loaded.problems, err);
  const bool broken = !problems.empty();
  print(problems.take(), err);
  if (loaded.snapshot == nullptr || broken) return 1;
  if (!has_service(*loaded.snapshot, options.service, err)) return 1;
  const openapi::ExportResult result =
      openapi::export_document(*loaded.snapshot, contracts, options.service);
  for (const std::string& note : result.notes) std::fprintf(err, "note: %s\n", note.c_str());
  const bool written =
      std::fwrite(result.text.data(), 1, result.text.size(), out) == result.text.size();
  return written && std::fflush(out) == 0 ? 0 : 1;
}

}  // namespace usher::cli
