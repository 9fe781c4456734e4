#include "openapi/service_text.h"

#include <algorithm>
#include <unordered_set>

#include "openapi/json_tree.h"

namespace usher::openapi {
namespace {

using config::Document;
using config::Problems;
using Type = Value::Type;

constexpr std::size_t kEntryDepth = 2;  // of an endpoint in its file

struct Match {
  std::string method;
  std::string path;
};

Match match_of(const Value& endpoint) {
  const Value* match = endpoint.find("match");
  const std::string text = match == nullptr ? std::string() : match->text;
  const std::size_t space = std::min(text.find(' '), text.size());
  return {.method = text.substr(0, space), .path = text.substr(std::min(space + 1, text.size()))};
}

std::string text_member(const Value& object, std::string_view name) {
  const Value* value = object.find(name);
  return value == nullptr ? std::string() : value->text;
}

// Method and path with one's own base path; empty where the path is none.
std::string shape(const std::string& base_path, const Match& match) {
  const auto path = route::PathTemplate::parse(base_path + match.path);
  if (!path) return {};
  return match.method + shape_of(http::Method::Other, *path);
}

}  // namespace

std::string write_service(const std::string& service, const Servers& servers,
                          const std::vector<Entry>& entries) {
  Value file = make_object();
  put(file, "$schema", "../schema/service.schema.json");
  put(file, "service", service);
  Value addresses = make_array();
  append(addresses,
         make_text(servers.address.empty() ? "http://" + service + ":80" : servers.address));
  put(file, "addresses", std::move(addresses));
  if (!servers.path.empty()) {
    put(file, "base_path", servers.path);
    put(file, "prefix", servers.path);
  }
  Value list = make_array();
  for (const Entry& entry : entries) append(list, entry.value);
  put(file, "endpoints", std::move(list));
  return to_json(file) + "\n";
}

std::optional<ExistingService> read_existing(const std::string& file, const std::string& text,
                                             const std::string& service, Problems& problems) {
  ExistingService existing = {.document = Document::parse(file, 1, text, problems), .text = text};
  if (existing.document == nullptr) return std::nullopt;
  const Document& document = *existing.document;
  const Value* name = document.root().find("service");
  if (name != nullptr && name->text != service) {
    problems.add(document.place(*name), "this is the file of " + config::in_quotes(name->text) +
                                            ", not of " + config::in_quotes(service) +
                                            "; choose another name or directory");
    return std::nullopt;
  }
  const Value* endpoints = document.root().find("endpoints");
  if (endpoints == nullptr || endpoints->type != Type::Array || endpoints->children.empty()) {
    problems.add(document.place(endpoints == nullptr ? document.root() : *endpoints),
                 "\"endpoints\" must be a list of at least one endpoint");
    return std::nullopt;
  }
  return existing;
}

std::string add_entries(const ExistingService& existing, const Servers& servers,
                        std::vector<Entry>& entries, const std::vector<std::string>& prefixes,
                        Problems& notes) {
  const Document& document = *existing.document;
  const Value& endpoints = *document.root().find("endpoints");
  const std::string base_path = text_member(document.root(), "base_path");
  // The owner may have written the server's path into base_path, into each match, or nowhere.
  std::unordered_set<std::string> described;
  for (const Entry& entry : entries) {
    const Match match = match_of(entry.value);
    for (const std::string& base : {base_path, servers.path, std::string()}) {
      described.insert(shape(base, match));
    }
  }
  NameSet names;
  std::unordered_set<std::string> served;
  for (const Value& endpoint : endpoints.children) {
    const Match match = match_of(endpoint);
    names.take(text_member(endpoint, "name"));
    served.insert(shape(base_path, match));
    if (described.contains(shape(base_path, match)) || !is_below(match.path, prefixes)) continue;
    notes.add(document.place(endpoint),
              config::in_quotes(text_member(endpoint, "name")) + " (" + match.method + " " +
                  match.path + ") has no operation in the document; remove it if it went");
  }
  std::erase_if(entries, [&](const Entry& entry) {
    const Match match = match_of(entry.value);
    for (const std::string& base : {base_path, servers.path, std::string()}) {
      if (served.contains(shape(base, match))) return true;
    }
    return false;
  });
  name_entries(entries, names);
  const Value& last = endpoints.children.back();
  std::string added;
  for (const Entry& entry : entries) {
    added += ",\n" + std::string(2 * kEntryDepth, ' ') + to_json(entry.value, kEntryDepth);
  }
  std::string text = existing.text;
  return text.insert(last.offset + document.raw(last).size(), added);
}

}  // namespace usher::openapi
