#include "openapi/checked_service.h"

#include <algorithm>
#include <map>
#include <optional>
#include <unordered_map>

#include "config/policy_settings.h"
#include "config/service_file.h"
#include "config/validate.h"

namespace usher::openapi {
namespace {

using config::Document;
using config::Problems;
using config::Value;

// From offsets in the text to offsets in the document that it was made of.
class Origins {
 public:
  Origins(const Document& text, const std::vector<Entry>& entries) {
    std::unordered_map<std::string_view, const Value*> made;
    for (const Entry& entry : entries) made.emplace(entry.value.find("name")->text, &entry.value);
    const Value* endpoints = text.root().find("endpoints");
    if (endpoints == nullptr) return;
    for (const Value& endpoint : endpoints->children) {
      const Value* name = endpoint.find("name");
      const auto found = name == nullptr ? made.end() : made.find(name->text);
      if (found == made.end()) continue;
      add(endpoint, *found->second);
      ends_[endpoint.offset] =
          endpoint.offset + static_cast<std::uint32_t>(text.raw(endpoint).size());
    }
  }

  // Nothing for an offset outside of all entries.
  std::optional<std::uint32_t> find(std::uint32_t offset) const {
    const auto end = ends_.upper_bound(offset);
    if (end == ends_.begin() || offset >= std::prev(end)->second) return std::nullopt;
    return std::prev(origins_.upper_bound(offset))->second;
  }

 private:
  // `made` was written as `read`, so both have the same members in the same order.
  void add(const Value& read, const Value& made) {
    if (read.name_offset != 0) origins_[read.name_offset] = made.name_offset;
    origins_[read.offset] = made.offset;
    for (std::size_t i = 0; i < std::min(read.children.size(), made.children.size()); ++i) {
      add(read.children[i], made.children[i]);
    }
  }

  std::map<std::uint32_t, std::uint32_t> origins_;
  std::map<std::uint32_t, std::uint32_t> ends_;  // of each entry, by its begin
};

// What a file can be wrong about alone. The secrets and presets of a configuration are not here.
void read_as_loader(const Document& document, Problems& problems) {
  config::FilesRead files;
  config::References references(files, problems);
  config::RetryPresets presets;
  presets.set_incomplete();
  std::vector<config::ServiceSettings> services;
  services.push_back(config::read_service_file(document.root(), references, presets, problems));
  config::validate({}, services, problems);
  for (const config::EndpointSettings& endpoint : services.front().endpoints) {
    config::effective_policy(endpoint.method, endpoint.policy, services.front().policy, {},
                             problems);
  }
}

std::uint32_t offset_of(std::string_view text, const config::Problem& problem) {
  std::size_t begin = 0;
  for (std::uint32_t line = 1; line < problem.line; ++line) begin = text.find('\n', begin) + 1;
  return static_cast<std::uint32_t>(begin + problem.column - 1);
}

bool lies_within(const Document& document, const Value* value, std::uint32_t offset) {
  return value != nullptr && offset >= value->offset &&
         offset < value->offset + document.raw(*value).size();
}

}  // namespace

bool check_service(const std::string& file, const std::string& text,
                   const std::vector<Entry>& entries, const Document& source, Problems& problems,
                   Problems& notes) {
  Problems found;
  const auto document = Document::parse(file, 1, text, found);
  if (document != nullptr) read_as_loader(*document, found);
  const std::size_t before = problems.size();
  std::optional<Origins> origins;
  if (document != nullptr) origins.emplace(*document, entries);
  for (config::Problem& problem : found.take()) {
    Problems& list = problem.severity == config::Severity::Error ? problems : notes;
    if (document == nullptr || problem.line == 0) {
      list.add(problem.file, std::move(problem.message));
      continue;
    }
    const std::uint32_t offset = offset_of(text, problem);
    // Variables and files of another machine.
    if (lies_within(*document, document->root().find("addresses"), offset)) continue;
    const auto origin = origins->find(offset);
    if (origin) {
      list.add({&source, *origin}, std::move(problem.message));
    } else {
      list.add({document.get(), offset}, std::move(problem.message));
    }
  }
  return problems.size() == before;
}

}  // namespace usher::openapi
