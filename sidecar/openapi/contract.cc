#include "openapi/contract.h"

#include <algorithm>
#include <map>

#include "openapi/json_tree.h"
#include "openapi/literal_data.h"
#include "openapi/naming.h"

namespace usher::openapi {
namespace {

namespace fs = std::filesystem;
using config::Document;
using config::Problems;
using Type = Value::Type;

// Looks at what a contract must have so that it can be exported and answers be held against it.
class Checker {
 public:
  Checker(const Document& document, Problems& problems)
      : document_(document), problems_(problems), before_(problems.size()) {}

  bool check(const Description& description) {
    check_head();
    check_references(document_.root(), Names::No);
    for (const Operation& operation : description.operations) {
      const Value* responses = operation.value->find("responses");
      if (responses == nullptr || responses->type != Type::Object || responses->children.empty()) {
        report(responses == nullptr ? *operation.value : *responses,
               "an operation needs \"responses\", an object with at least one");
      }
    }
    return problems_.size() == before_;
  }

 private:
  void report(const Value& value, std::string message) {
    problems_.add(document_.place(value), std::move(message));
  }

  void check_head() {
    const Value* version = document_.root().find("openapi");
    if (version != nullptr && !version->text.starts_with("3.1.")) {
      report(*version,
             "a contract is OpenAPI 3.1, whose schemas are JSON Schema 2020-12; 3.0 can "
             "be imported, or converted first");
    }
    const Value* info = document_.root().find("info");
    for (const std::string_view name : {"title", "version"}) {
      const Value* member = info == nullptr ? nullptr : info->find(name);
      if (member != nullptr && member->type == Type::String) continue;
      report(info == nullptr ? document_.root() : *info,
             "\"info\" needs a " + config::in_quotes(name) + ", a string");
    }
    if (document_.root().find("paths") == nullptr) report(document_.root(), "\"paths\" is missing");
  }

  void check_references(const Value& value, Names names) {
    for (const Value& child : value.children) {
      if (value.type == Type::Object && names == Names::No) {
        if (is_literal_data(child.name)) continue;
        if (child.name == "$ref") check_reference(child);
      }
      check_references(child, value.type == Type::Object && names == Names::No
                                  ? names_below(child.name)
                                  : Names::No);
    }
  }

  void check_reference(const Value& reference) {
    const std::string_view text = reference.text;
    if (!text.starts_with("#/components/")) {
      report(reference,
             "a reference of a contract leads to its own components, as "
             "\"#/components/schemas/Error\" does");
    } else if (at_pointer(document_.root(), text.substr(1)) == nullptr) {
      report(reference, config::in_quotes(text) + " is not in this document");
    }
  }

  const Document& document_;
  Problems& problems_;
  std::size_t before_;
};

// The *.json of DIR/openapi by service, those of later directories over those of earlier ones.
std::map<std::string, fs::path> contract_files(const std::vector<fs::path>& directories,
                                               Problems& problems) {
  std::map<std::string, fs::path> files;
  for (const fs::path& base : directories) {
    const fs::path directory = base / "openapi";
    std::error_code error;
    if (!fs::exists(directory, error)) continue;
    fs::directory_iterator entry(directory, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
      const fs::path& path = entry->path();
      if (path.extension() != ".json" || path.filename().string().starts_with('.')) continue;
      files[path.stem().string()] = path;
    }
    if (error) problems.add(directory.string(), "cannot be read: " + error.message());
  }
  return files;
}

}  // namespace

std::unique_ptr<Contract> Contract::make(std::string service, std::unique_ptr<Document> document,
                                         Problems& problems) {
  std::unique_ptr<Contract> contract(new Contract);
  contract->service_ = std::move(service);
  contract->document_ = std::move(document);
  if (!check_version(contract->document(), problems)) return nullptr;
  const std::size_t before = problems.size();
  // What cannot be taken over into endpoints is nothing to note here: it stays a contract.
  Problems notes;
  contract->description_ = read_description(contract->document(), problems, notes);
  if (problems.size() > before) return nullptr;
  if (!Checker(contract->document(), problems).check(contract->description_)) return nullptr;
  return contract->index(problems) ? std::move(contract) : nullptr;
}

bool Contract::index(Problems& problems) {
  const std::size_t before = problems.size();
  for (const Operation& operation : description_.operations) {
    const auto path = route::PathTemplate::parse(match_path(operation.path).text);
    if (!path) continue;
    const auto [first, is_new] = by_shape_.emplace(shape_of(operation.method, *path), &operation);
    if (is_new) continue;
    problems.add(document_->place(*operation.value),
                 "this is the same operation as that at " +
                     to_string(document_->place(*first->second->value)) + "; leave out one");
  }
  return problems.size() == before;
}

const Operation* Contract::find(const route::Endpoint& endpoint) const {
  const auto found = by_shape_.find(shape_of(endpoint.method, endpoint.match));
  return found == by_shape_.end() ? nullptr : found->second;
}

Contracts read_contracts(const std::vector<fs::path>& directories, Problems& problems) {
  Contracts contracts;
  std::uint32_t order = 0;
  for (const auto& [service, path] : contract_files(directories, problems)) {
    auto document = Document::read({}, path, ++order, problems);
    if (document == nullptr) continue;
    auto contract = Contract::make(service, std::move(document), problems);
    if (contract != nullptr) contracts.push_back(std::move(contract));
  }
  return contracts;
}

const Contract* find_contract(const Contracts& contracts, std::string_view service) {
  for (const auto& contract : contracts) {
    if (contract->service() == service) return contract.get();
  }
  return nullptr;
}

void check_contracts(const config::Snapshot& snapshot, const Contracts& contracts,
                     Problems& warnings) {
  std::unordered_map<std::string_view, std::vector<const route::Endpoint*>> endpoints;
  for (const auto& endpoint : snapshot.endpoints) {
    endpoints[endpoint->service].push_back(endpoint.get());
  }
  for (const auto& contract : contracts) {
    const Document& document = contract->document();
    std::vector<const Operation*> served;
    for (const route::Endpoint* endpoint : endpoints[contract->service()]) {
      const Operation* operation = contract->find(*endpoint);
      served.push_back(operation);
      if (operation != nullptr) continue;
      warnings.warn(document.name_place(*document.root().find("paths")),
                    "the contract lacks the endpoint " + config::in_quotes(endpoint->name) + " (" +
                        std::string(http::to_string(endpoint->method)) + " " +
                        endpoint->match.text() + ")");
    }
    if (served.empty()) {
      warnings.warn(document.place(document.root()),
                    "there is no service " + config::in_quotes(contract->service()) +
                        ", whose contract this is by its file's name");
      continue;
    }
    for (const Operation& operation : contract->operations()) {
      if (std::find(served.begin(), served.end(), &operation) != served.end()) continue;
      warnings.warn(document.name_place(*operation.value),
                    "no endpoint of " + config::in_quotes(contract->service()) + " serves " +
                        std::string(http::to_string(operation.method)) + " " + operation.path);
    }
  }
}

}  // namespace usher::openapi
