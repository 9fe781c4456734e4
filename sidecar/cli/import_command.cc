#include "cli/import_command.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>

#include "config/json_reader.h"
#include "openapi/import.h"

namespace usher::cli {
namespace {

namespace fs = std::filesystem;

bool read(const std::string& path, std::string name, openapi::Source& source, std::FILE* err) {
  std::string error;
  source.file = std::move(name);
  if (config::read_file(path, config::kMaxFileBytes, source.text, error)) return true;
  std::fprintf(err, "%s: %s\n", source.file.c_str(), error.c_str());
  return false;
}

// Whole or not at all: a sidecar may be reading the directory.
bool write(const fs::path& path, const std::string& text, std::FILE* err) {
  std::error_code error;
  const fs::path target = fs::weakly_canonical(path, error);  // a link stays one
  const fs::path unfinished = target.parent_path() / ("." + target.filename().string() + ".new");
  std::FILE* file = std::fopen(unfinished.c_str(), "we");
  bool good = file != nullptr && std::fwrite(text.data(), 1, text.size(), file) == text.size();
  if (file != nullptr) good = std::fclose(file) == 0 && good;
  const int reason = errno;
  if (good) fs::rename(unfinished, target, error);
  if (good && !error) return true;
  std::fprintf(err, "%s: cannot be written: %s\n", path.c_str(),
               error ? error.message().c_str() : std::strerror(reason));
  fs::remove(unfinished, error);
  return false;
}

void print(const openapi::ImportResult& result, std::FILE* err) {
  for (const config::Problem& problem : result.problems) {
    std::fprintf(err, "%s\n", to_string(problem).c_str());
  }
  for (config::Problem note : result.notes) {
    note.message.insert(0, "note: ");
    std::fprintf(err, "%s\n", to_string(note).c_str());
  }
}

}  // namespace

int import_openapi(const ImportOptions& options, std::FILE* out, std::FILE* err) {
  openapi::Source document;
  const bool standard_input = options.file == "-";
  if (!read(standard_input ? "/dev/stdin" : options.file,
            standard_input ? "standard input" : options.file, document, err)) {
    return 1;
  }
  openapi::ImportOptions how = {
      .service = options.service, .prefixes = options.prefixes, .existing = std::nullopt};
  const fs::path target = fs::path(options.directory) / "services" / (options.service + ".json");
  std::error_code error;
  if (!options.directory.empty() && fs::exists(target, error)) {
    if (!read(target, target, how.existing.emplace(), err)) return 1;
  }
  const openapi::ImportResult result = openapi::import_service(std::move(document), how);
  print(result, err);
  if (!result.problems.empty()) return 1;
  if (!options.directory.empty()) return write(target, result.text, err) ? 0 : 1;
  const bool written =
      std::fwrite(result.text.data(), 1, result.text.size(), out) == result.text.size();
  return written && std::fflush(out) == 0 ? 0 : 1;
}

}  // namespace usher::cli
