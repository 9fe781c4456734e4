#include "config/loader.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>

#include "config/compile.h"
#include "config/files_read.h"
#include "config/lint.h"
#include "config/overlay.h"
#include "config/spelling.h"
#include "config/validate.h"

namespace usher::config {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kUsherFile = "usher.json";
constexpr std::string_view kServices = "services";

// The *.json of `directory` by name; names that begin with a dot are editors' and Kubernetes' own.
std::vector<fs::path> service_files(const fs::path& directory, Problems& problems) {
  std::vector<fs::path> files;
  std::error_code error;
  fs::directory_iterator entry(directory, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const fs::path name = entry->path().filename();
    if (name.extension() == ".json" && !name.string().starts_with('.')) {
      files.push_back(fs::path(kServices) / name);
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

// The files of all directories as trees, overlays laid over what they are for.
class Trees {
 public:
  Trees(FilesRead& files, Problems& problems) : files_(files), problems_(problems) {}

  void read_base(const fs::path& directory) {
    files_.look_at(directory / kServices);
    usher_ = read(directory, kUsherFile);
    for (const fs::path& file : service_files(directory / kServices, problems_)) {
      if (Document* document = read(directory, file)) add_service(*document);
    }
  }

  // An overlay may lack either, but not both.
  void read_overlay(const fs::path& directory) {
    const bool has_usher = is_there(directory / kUsherFile);
    const bool has_services = is_there(directory / kServices);
    files_.look_at(directory / kServices);
    files_.look_at(directory / kUsherFile);
    if (!has_usher && !has_services) {
      problems_.add(directory.string(),
                    "there is neither an usher.json nor a services directory here; expected one");
    }
    const Document* usher = has_usher ? read(directory, kUsherFile) : nullptr;
    if (usher != nullptr && usher_ != nullptr) merge(usher_->root(), usher->root(), problems_);
    if (has_services) lay_services(directory);
  }

  const Document* usher() const { return usher_; }
  const std::vector<Document*>& services() const { return services_; }

 private:
  Document* read(const fs::path& directory, const fs::path& name) {
    files_.look_at(directory / name);
    auto document =
        Document::read(directory, name, static_cast<std::uint32_t>(documents_.size()), problems_);
    if (document == nullptr) {
      is_incomplete_ = true;
      return nullptr;
    }
    files_.add(directory / name, document->text());
    return documents_.emplace_back(std::move(document)).get();
  }

  // What cannot be looked at is there: reading it will say why not.
  static bool is_there(const fs::path& path) {
    std::error_code error;
    return fs::exists(path, error) || error;
  }

  static std::string_view name_of(const Document& document) {
    const Value* name = document.root().find("service");
    return name == nullptr ? std::string_view() : name->text;
  }

  void add_service(Document& document) {
    by_name_.emplace(name_of(document), &document);
    services_.push_back(&document);
  }

  void lay_services(const fs::path& directory) {
    std::unordered_map<std::string_view, Place> said;
    for (const fs::path& file : service_files(directory / kServices, problems_)) {
      Document* document = read(directory, file);
      if (document == nullptr) continue;
      const std::string_view name = name_of(*document);
      if (name.empty()) {
        problems_.add({document, 0},
                      "\"service\" does not say which service this is about; expected its name");
        continue;
      }
      const Place place = place_of(*document->root().find("service"));
      const auto [first, is_new] = said.emplace(name, place);
      if (is_new) {
        lay_service(*document, name);
      } else {
        problems_.add(place, "the service " + in_quotes(name) + " stands twice, first at " +
                                 to_string(first->second) + "; make them one");
      }
    }
  }

  void lay_service(Document& document, std::string_view name) {
    const auto base = by_name_.find(std::string(name));
    if (base != by_name_.end()) {
      merge(base->second->root(), document.root(), problems_);
    } else if (document.root().find("addresses") != nullptr) {
      add_service(document);
    } else if (!is_incomplete_) {
      report_unknown(document, name);
    }
  }

  void report_unknown(const Document& document, std::string_view name) {
    std::vector<std::string_view> names;
    for (const Document* known : services_) names.push_back(name_of(*known));
    const std::string_view close = nearest(name, names);
    problems_.add(place_of(*document.root().find("service")),
                  "there is no service " + in_quotes(name) + " in the directories before" +
                      (close.empty() ? ";" : "; did you mean " + in_quotes(close) + "?") +
                      " a new one needs \"addresses\"");
  }

  FilesRead& files_;
  Problems& problems_;
  std::vector<std::unique_ptr<Document>> documents_;
  Document* usher_ = nullptr;
  std::vector<Document*> services_;
  std::unordered_map<std::string, Document*> by_name_;
  bool is_incomplete_ = false;  // a file could not be read; its services are not known
};

// Warnings apart from errors.
void sort_out(std::vector<Problem> problems, LoadResult& result) {
  for (Problem& problem : problems) {
    auto& list = problem.severity == Severity::Error ? result.problems : result.warnings;
    list.push_back(std::move(problem));
  }
}

}  // namespace

LoadResult load(const std::vector<fs::path>& directories, std::int64_t now_ms,
                const LoadOptions& options) {
  Problems problems;
  FilesRead files;
  Trees trees(files, problems);
  trees.read_base(directories.front());
  for (std::size_t i = 1; i < directories.size(); ++i) trees.read_overlay(directories[i]);

  References references(files, problems, options.needs_secrets);
  auto snapshot = std::make_shared<Snapshot>();
  snapshot->consumer = options.consumer;
  UsherSettings usher;
  if (trees.usher() != nullptr) {
    usher = read_usher_file(trees.usher()->root(), references, *snapshot, problems);
  } else {
    usher.presets.set_incomplete();
  }
  std::vector<ServiceSettings> services;
  std::vector<LintedEndpoint> written;
  for (const Document* document : trees.services()) {
    services.push_back(read_service_file(document->root(), references, usher.presets, problems));
    for (const EndpointSettings& endpoint : services.back().endpoints) {
      written.push_back({.value = endpoint.written, .service = &document->root()});
    }
  }
  validate(usher, services, problems);
  compile(usher, std::move(services), now_ms, references, problems, *snapshot);
  for (std::size_t i = 0; i < written.size(); ++i) {
    written[i].endpoint = snapshot->endpoints[i].get();
  }
  lint(trees.usher() == nullptr ? nullptr : &trees.usher()->root(), written, *snapshot, problems);

  LoadResult result;
  sort_out(problems.take(), result);
  if (result.problems.empty()) result.snapshot = std::move(snapshot);
  result.files = files.paths();
  result.fingerprint = files.fingerprint();
  return result;
}

}  // namespace usher::config
