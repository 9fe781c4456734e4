#include "openapi/description.h"

#include <algorithm>

#include "base/bytes.h"
#include "openapi/local_references.h"

namespace usher::openapi {
namespace {

using config::Document;
using config::Problems;
using config::Value;
using Type = config::Value::Type;

struct NamedMethod {
  std::string_view name;
  http::Method method;
};
constexpr NamedMethod kMethods[] = {
    {"get", http::Method::Get},         {"put", http::Method::Put},
    {"post", http::Method::Post},       {"delete", http::Method::Delete},
    {"options", http::Method::Options}, {"head", http::Method::Head},
    {"patch", http::Method::Patch}};
constexpr std::string_view kOtherMembers[] = {"$ref", "summary", "description", "servers",
                                              "parameters"};
constexpr std::string_view kPlaces[] = {"path", "query", "header", "cookie"};

template <typename Range>
bool is_among(const Range& words, std::string_view word) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

class Reader {
 public:
  Reader(const Document& document, Problems& problems, Problems& notes)
      : document_(document),
        references_(document, problems, notes),
        problems_(problems),
        notes_(notes) {}

  Description read() {
    const Value* paths = document_.root().find("paths");
    if (paths == nullptr) return {};
    if (!expect(*paths, Type::Object, "\"paths\" must be an object of paths")) return {};
    for (const Value& path : paths->children) {
      if (path.name.starts_with("x-")) continue;
      if (path.name.starts_with('/')) {
        read_path(path);
      } else {
        problems_.add(document_.name_place(path),
                      "a path begins with '/', as in \"/tickets/{ticketId}\"");
      }
    }
    return std::move(description_);
  }

 private:
  bool expect(const Value& value, Type type, std::string_view message) {
    if (value.type == type) return true;
    problems_.add(document_.place(value),
                  std::string(message) + "; " + std::string(describe(value.type)) + " stands here");
    return false;
  }

  void read_path(const Value& path) {
    const Value* item = references_.follow(path);
    if (item == nullptr || !expect(*item, Type::Object, "a path must be an object of methods")) {
      return;
    }
    std::vector<Parameter> shared;
    if (const Value* parameters = item->find("parameters")) shared = read_parameters(*parameters);
    for (const Value& member : item->children) {
      const auto* method =
          std::find_if(std::begin(kMethods), std::end(kMethods),
                       [&](const NamedMethod& named) { return named.name == member.name; });
      if (method != std::end(kMethods)) {
        read_operation(path, member, method->method, shared);
      } else if (!member.name.starts_with("x-") && !is_among(kOtherMembers, member.name)) {
        note_method(member);
      }
    }
  }

  void note_method(const Value& member) {
    notes_.add(document_.name_place(member),
               config::in_quotes(member.name) +
                   " is not taken over: endpoints have the methods GET, HEAD, POST, PUT, DELETE, "
                   "PATCH and OPTIONS");
  }

  void read_operation(const Value& path, const Value& value, http::Method method,
                      const std::vector<Parameter>& shared) {
    if (!expect(value, Type::Object, "an operation must be an object")) return;
    Operation operation = {
        .method = method, .path = path.name, .path_item = &path, .value = &value, .parameters = {}};
    if (const Value* parameters = value.find("parameters")) {
      operation.parameters = read_parameters(*parameters);
    }
    // The operation's own stand for the path's of the same name and place (OpenAPI 3.1.1 §4.8.10).
    const auto is_own = [&](const Parameter& other) {
      return std::any_of(
          operation.parameters.begin(), operation.parameters.end(),
          [&](const Parameter& own) { return own.name == other.name && own.in == other.in; });
    };
    std::vector<Parameter> inherited;
    std::copy_if(shared.begin(), shared.end(), std::back_inserter(inherited),
                 [&](const Parameter& other) { return !is_own(other); });
    operation.parameters.insert(operation.parameters.end(), inherited.begin(), inherited.end());
    description_.operations.push_back(std::move(operation));
  }

  std::vector<Parameter> read_parameters(const Value& list) {
    std::vector<Parameter> parameters;
    if (!expect(list, Type::Array, "\"parameters\" must be a list")) return parameters;
    for (const Value& element : list.children) {
      const Value* value = references_.follow(element);
      if (value == nullptr || !expect(*value, Type::Object, "a parameter must be an object")) {
        continue;
      }
      auto parameter = read_parameter(*value);
      if (parameter) parameters.push_back(std::move(*parameter));
    }
    return parameters;
  }

  std::optional<Parameter> read_parameter(const Value& value) {
    const Value* name = value.find("name");
    const Value* in = value.find("in");
    if (name == nullptr || name->type != Type::String) {
      problems_.add(document_.place(name == nullptr ? value : *name),
                    "a parameter needs a \"name\", a string");
      return std::nullopt;
    }
    if (in == nullptr || !is_among(kPlaces, in->text)) {
      problems_.add(document_.place(in == nullptr ? value : *in),
                    "a parameter needs an \"in\": \"path\", \"query\", \"header\" or \"cookie\"");
      return std::nullopt;
    }
    const Value* required = value.find("required");
    return Parameter{.name = name->text,
                     .in = in->text,
                     .required = required != nullptr && required->boolean,
                     .value = &value};
  }

  const Document& document_;
  LocalReferences references_;
  Problems& problems_;
  Problems& notes_;
  Description description_;
};

}  // namespace

const Parameter* Operation::header(std::string_view name) const {
  const auto found =
      std::find_if(parameters.begin(), parameters.end(), [&](const Parameter& parameter) {
        return parameter.in == "header" && equals_ignoring_case(parameter.name, name);
      });
  return found == parameters.end() ? nullptr : &*found;
}

bool check_version(const Document& document, Problems& problems) {
  if (const Value* swagger = document.root().find("swagger")) {
    problems.add(document.name_place(*swagger),
                 "this is Swagger; OpenAPI 3.0 or 3.1 is expected, convert it first");
    return false;
  }
  const Value* version = document.root().find("openapi");
  if (version == nullptr) {
    problems.add(document.place(document.root()),
                 "\"openapi\" is missing; an OpenAPI document says \"openapi\": \"3.1.0\"");
    return false;
  }
  if (version->type == Type::String &&
      (version->text.starts_with("3.0.") || version->text.starts_with("3.1."))) {
    return true;
  }
  problems.add(document.place(*version),
               "\"openapi\" must be a version 3.0 or 3.1 in quotes, such as \"3.1.0\"");
  return false;
}

Description read_description(const Document& document, Problems& problems, Problems& notes) {
  return Reader(document, problems, notes).read();
}

}  // namespace usher::openapi
