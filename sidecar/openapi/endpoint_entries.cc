#include "openapi/endpoint_entries.h"

#include <algorithm>
#include <map>
#include <optional>
#include <unordered_map>

#include "openapi/json_tree.h"
#include "policy/repeatability.h"

namespace usher::openapi {
namespace {

using config::Document;
using config::Problems;
using Type = Value::Type;

constexpr std::string_view kExtension = "x-usher";
constexpr std::string_view kService = "service";  // not an endpoint's key: whose operation it is
constexpr std::string_view kTenantHeader = "X-Tenant-ID";
constexpr std::string_view kKeyHeader = "Idempotency-Key";

Value placed(Value value, std::uint32_t offset) {
  value.offset = value.name_offset = offset;
  return value;
}

bool declares_tenant(const Description& description) {
  return std::any_of(
      description.operations.begin(), description.operations.end(),
      [](const Operation& operation) { return operation.header(kTenantHeader) != nullptr; });
}

class Maker {
 public:
  Maker(const Document& document, bool has_tenants, Problems& problems, Problems& notes)
      : document_(document), has_tenants_(has_tenants), problems_(problems), notes_(notes) {}

  // Nothing where no endpoint can serve it.
  std::optional<Entry> make(const Operation& operation) {
    const MatchPath path = match_path(operation.path);
    const config::Place place = document_.name_place(*operation.path_item);
    if (!path.error.empty()) {
      notes_.add(place, std::string(http::to_string(operation.method)) + " " + operation.path +
                            " is not taken over: " + path.error);
      return std::nullopt;
    }
    for (const std::string& renamed : path.renamed) {
      notes_.add(place, "the parameter " + renamed +
                            ": names have letters, digits and _ here, a digit not in front");
    }
    note_rest(operation);
    Entry entry = {.value = placed(make_object(), operation.value->offset),
                   .shape = {},
                   .operation = &operation};
    put(entry.value, "match",
        placed(make_text(std::string(http::to_string(operation.method)) + " " + path.text),
               operation.path_item->name_offset));
    put_policy(operation, entry.value);
    take_extension(operation, entry.value);
    entry.shape = shape(operation.method, entry.value);
    return entry;
  }

  // "service" of the extension; empty without one.
  static std::string_view service_of(const Operation& operation) {
    const Value* extension = operation.value->find(kExtension);
    const Value* service = extension == nullptr ? nullptr : extension->find(kService);
    return service == nullptr ? std::string_view() : std::string_view(service->text);
  }

 private:
  void put_policy(const Operation& operation, Value& entry) {
    if (has_tenants_) {
      const Parameter* tenant = operation.header(kTenantHeader);
      const std::string_view rule =
          tenant == nullptr ? "none" : (tenant->required ? "required" : "optional");
      const Value& source = tenant == nullptr ? *operation.value : *tenant->value;
      put(entry, "tenant", placed(make_text(rule), source.offset));
    }
    // What only reads may be repeated without a key.
    const Parameter* key = operation.header(kKeyHeader);
    if (key != nullptr && !policy::is_safe(operation.method)) {
      put(entry, "idempotent", placed(make_text("key"), key->value->offset));
    }
  }

  // "x-usher": {"key": …} and "x-usher-key": …
  void take_extension(const Operation& operation, Value& entry) {
    for (const Value& member : operation.value->children) {
      if (member.name == kExtension && member.type != Type::Object) {
        problems_.add(document_.place(member),
                      "\"x-usher\" must be an object of an endpoint's keys, such as "
                      "{\"safe\": true}");
      } else if (member.name == kExtension) {
        for (const Value& key : member.children) {
          if (key.name != kService) take_key(key.name, key, entry);
        }
      } else if (member.name.starts_with(std::string(kExtension) + "-")) {
        std::string name = member.name.substr(kExtension.size() + 1);
        std::replace(name.begin(), name.end(), '-', '_');
        take_key(name, member, entry);
      }
    }
    drop_contradiction(entry);
  }

  static void take_key(const std::string& name, const Value& value, Value& entry) {
    if (value.type == Type::Null) {  // takes back what the document's own words say
      std::erase_if(entry.children, [&](const Value& member) { return member.name == name; });
    } else {
      put(entry, name, value);
    }
  }

  // A key that the header parameter asked for, where the extension says that the call only reads.
  static void drop_contradiction(Value& entry) {
    const Value* safe = entry.find("safe");
    const Value* idempotent = entry.find("idempotent");
    if (safe == nullptr || !safe->boolean || idempotent == nullptr) return;
    if (idempotent->text == "key") take_key("idempotent", Value(), entry);
  }

  // Of the match that counts, which the extension may have changed.
  static std::string shape(http::Method method, const Value& entry) {
    const std::string& match = entry.find("match")->text;
    const std::size_t space = match.find(' ');
    if (space == std::string::npos) return {};
    const auto path = route::PathTemplate::parse(match.substr(space + 1));
    return path ? shape_of(method, *path) : std::string();
  }

  void note_rest(const Operation& operation) {
    for (const Parameter& parameter : operation.parameters) {
      if (parameter.in != "cookie") continue;
      notes_.add(document_.place(*parameter.value),
                 "the cookie " + config::in_quotes(parameter.name) +
                     " is nothing that an endpoint can speak of; cookies pass as they are");
    }
    if (const Value* callbacks = operation.value->find("callbacks")) {
      notes_.add(document_.name_place(*callbacks),
                 "callbacks are not taken over: they are calls of the owner's own");
    }
    for (const Value* holder : {operation.value, operation.path_item}) {
      const Value* servers = holder->find("servers");
      if (servers == nullptr) continue;
      notes_.add(document_.name_place(*servers),
                 "servers of a path or an operation are not taken over; an endpoint with another "
                 "owner belongs in a file of its own");
    }
  }

  const Document& document_;
  bool has_tenants_;
  Problems& problems_;
  Problems& notes_;
};

}  // namespace

bool is_below(std::string_view path, const std::vector<std::string>& prefixes) {
  const auto below = [&](std::string_view prefix) {
    while (prefix.ends_with('/')) prefix.remove_suffix(1);
    return path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
  };
  return prefixes.empty() || std::any_of(prefixes.begin(), prefixes.end(), below);
}

std::vector<Entry> make_entries(const Document& document, const Description& description,
                                const EntryOptions& options, Problems& problems, Problems& notes) {
  Maker maker(document, declares_tenant(description), problems, notes);
  std::vector<Entry> entries;
  std::unordered_map<std::string, config::Place> shapes;
  for (const Operation& operation : description.operations) {
    const std::string_view service = Maker::service_of(operation);
    if (!service.empty() && service != options.service) continue;
    if (!is_below(operation.path, options.prefixes)) continue;
    auto entry = maker.make(operation);
    if (!entry) continue;
    const config::Place place = document.place(*operation.value);
    const auto [first, is_new] = shapes.emplace(entry->shape, place);
    if (is_new || entry->shape.empty()) {
      entries.push_back(std::move(*entry));
    } else {
      notes.add(place, entry->value.find("match")->text +
                           " is not taken over: it matches the same calls as the operation at " +
                           to_string(first->second));
    }
  }
  return entries;
}

void name_entries(std::vector<Entry>& entries, NameSet& taken) {
  for (const Entry& entry : entries) {
    if (const Value* name = entry.value.find("name")) taken.take(name->text);
  }
  for (Entry& entry : entries) {
    if (find_member(entry.value, "name") == nullptr) {
      const Value* id = entry.operation->value->find("operationId");
      std::string name = id == nullptr ? std::string() : kebab_case(id->text);
      if (name.empty()) name = kebab_case(entry.value.find("match")->text);
      const std::uint32_t offset = id == nullptr ? entry.value.offset : id->offset;
      add(entry.value, "name", placed(make_text(taken.take_similar(name)), offset));
    }
    // In front of all others, as people write it.
    auto& members = entry.value.children;
    const auto name = std::find_if(members.begin(), members.end(),
                                   [](const Value& member) { return member.name == "name"; });
    std::rotate(members.begin(), name, name + 1);
  }
}

}  // namespace usher::openapi
