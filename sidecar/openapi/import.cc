#include "openapi/import.h"

#include "config/object_reader.h"
#include "openapi/checked_service.h"
#include "openapi/description.h"
#include "openapi/endpoint_entries.h"
#include "openapi/servers.h"
#include "openapi/service_text.h"
#include "openapi/yaml_reader.h"

namespace usher::openapi {
namespace {

using config::Document;
using config::Problems;
using config::Value;

bool check_options(const ImportOptions& options, Problems& problems) {
  if (!config::is_service_name(options.service)) {
    problems.add("--service", config::in_quotes(options.service) +
                                  " cannot be a service; expected " +
                                  std::string(config::kNameWanted));
  }
  for (const std::string& prefix : options.prefixes) {
    if (prefix.starts_with('/')) continue;
    problems.add("--prefix", config::in_quotes(prefix) + " is no path; it begins with '/'");
  }
  return problems.empty();
}

// What a whole document may have beside its operations.
void note_rest(const Document& document, Problems& notes) {
  if (const Value* webhooks = document.root().find("webhooks")) {
    notes.add(document.name_place(*webhooks),
              "webhooks are not taken over: they are calls of the owner's own");
  }
  const Value* components = document.root().find("components");
  const Value* schemes = components == nullptr ? nullptr : components->find("securitySchemes");
  if (schemes != nullptr) {
    notes.add(document.name_place(*schemes),
              "how the owner wants to be called is not taken over; write the service's \"auth\"");
  }
}

void note_address(const Document& document, const Servers& servers, const std::string& service,
                  Problems& notes) {
  if (!servers.address.empty()) return;
  notes.add(document.place(servers.value == nullptr ? document.root() : *servers.value),
            "no server says where Usher finds the owner; check the \"addresses\": http://" +
                service + ":80 is a guess");
}

std::string import_into(const Document& document, const ImportOptions& options, Problems& problems,
                        Problems& notes) {
  if (!check_version(document, problems)) return {};
  const Description description = read_description(document, problems, notes);
  const Servers servers = read_servers(document, notes);
  std::vector<Entry> entries =
      make_entries(document, description,
                   {.service = options.service, .prefixes = options.prefixes}, problems, notes);
  if (!problems.empty()) return {};
  if (entries.empty()) {
    problems.add(document.place(document.root()),
                 "there is no operation here that an endpoint could serve" +
                     std::string(options.prefixes.empty() ? "" : ", at or below --prefix"));
    return {};
  }
  note_rest(document, notes);
  std::string text;
  std::string file = "services/" + options.service + ".json";
  if (options.existing) {
    file = options.existing->file;
    const auto existing = read_existing(file, options.existing->text, options.service, problems);
    if (!existing) return {};
    text = add_entries(*existing, servers, entries, options.prefixes, notes);
  } else {
    note_address(document, servers, options.service, notes);
    NameSet names;
    name_entries(entries, names);
    text = write_service(options.service, servers, entries);
  }
  return check_service(file, text, entries, document, problems, notes) ? text : std::string();
}

}  // namespace

ImportResult import_service(Source source, const ImportOptions& options) {
  Problems problems;
  Problems notes;
  ImportResult result;
  if (check_options(options, problems)) {
    const auto document =
        read_json_or_yaml(std::move(source.file), std::move(source.text), problems);
    if (document != nullptr) result.text = import_into(*document, options, problems, notes);
  }
  result.problems = problems.take();
  result.notes = notes.take();
  return result;
}

}  // namespace usher::openapi
