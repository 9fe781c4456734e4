#include "config/loader.h"

#include <algorithm>

#include "config/compile.h"
#include "config/validate.h"

namespace usher::config {
namespace {

namespace fs = std::filesystem;

// The *.json of `directory` by name; names that begin with a dot are editors' and Kubernetes' own.
std::vector<std::string> service_files(const fs::path& directory, Problems& problems) {
  std::vector<std::string> files;
  std::error_code error;
  fs::directory_iterator entry(directory, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const fs::path& path = entry->path();
    if (path.extension() == ".json" && !path.filename().string().starts_with('.')) {
      files.push_back(path.string());
    }
  }
  if (error) {
    problems.add(directory.string(), "cannot be read: " + error.message());
  } else if (files.empty()) {
    problems.add(directory.string(),
                 "there is no service file here; expected at least one NAME.json");
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

LoadResult load(const fs::path& directory, std::int64_t now_ms) {
  Problems problems;
  References references(directory, problems);
  auto snapshot = std::make_shared<Snapshot>();
  std::uint32_t order = 0;

  UsherSettings usher;
  const auto usher_document = Document::read((directory / "usher.json").string(), order, problems);
  if (usher_document != nullptr) {
    usher = read_usher_file(*usher_document, references, *snapshot, problems);
  } else {
    usher.presets.set_incomplete();
  }

  std::vector<std::unique_ptr<Document>> documents;
  std::vector<ServiceSettings> services;
  for (const std::string& file : service_files(directory / "services", problems)) {
    auto document = Document::read(file, ++order, problems);
    if (document == nullptr) continue;
    services.push_back(read_service_file(*document, references, usher.presets, problems));
    documents.push_back(std::move(document));
  }

  validate(usher, services, problems);
  compile(usher, std::move(services), now_ms, references, problems, *snapshot);

  LoadResult result;
  result.problems = problems.take();
  if (result.problems.empty()) result.snapshot = std::move(snapshot);
  return result;
}

}  // namespace usher::config
