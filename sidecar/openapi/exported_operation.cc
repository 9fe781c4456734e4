#include "openapi/exported_operation.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "openapi/exported_policy.h"
#include "openapi/json_tree.h"
#include "openapi/local_references.h"

namespace usher::openapi {
namespace {

using Type = Value::Type;

constexpr std::string_view kUuid =
    "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$";

// Whoever calls through Usher sends none of these, or what Usher says of them stands for the
// contract's word.
bool is_ushers_header(std::string_view name) {
  constexpr std::array<std::string_view, 9> kNames = {
      "X-Tenant-ID",          "X-User-ID",       "Idempotency-Key",
      "traceparent",          "X-Trace-ID",      "X-Span-ID",
      "X-Request-Timeout-Ms", "x-service-token", "x-calling-service"};
  constexpr std::string_view kInternal = "x-internal-";
  return equals_ignoring_case(name.substr(0, kInternal.size()), kInternal) ||
         std::any_of(kNames.begin(), kNames.end(),
                     [&](std::string_view known) { return equals_ignoring_case(name, known); });
}

Value header(std::string_view name, bool required, std::string_view description, Value schema) {
  Value parameter = make_object();
  put(parameter, "name", name);
  put(parameter, "in", "header");
  if (required) put(parameter, "required", make_bool(true));
  put(parameter, "description", description);
  put(parameter, "schema", std::move(schema));
  return parameter;
}

Value string_schema(std::string_view key = {}, std::string_view value = {}) {
  Value schema = make_object();
  put(schema, "type", "string");
  if (!key.empty()) put(schema, key, value);
  return schema;
}

// What Usher accepts, and what every tool knows of it.
Value id_schema(policy::IdFormat format) {
  if (format == policy::IdFormat::Uuid) return string_schema("format", "uuid");
  if (format == policy::IdFormat::UuidAny) return string_schema("pattern", kUuid);
  Value schema = string_schema();
  put(schema, "minLength", make_integer(1));
  put(schema, "maxLength", make_integer(255));
  return schema;
}

class Writer {
 public:
  Writer(const ExportedEndpoint& exported, const config::Snapshot& snapshot,
         ExportedComponents& components, ExportedAnswers& answers)
      : exported_(exported),
        endpoint_(*exported.endpoint),
        snapshot_(snapshot),
        components_(components),
        answers_(answers),
        operation_(exported.contract == nullptr ? nullptr
                                                : exported.contract->find(*exported.endpoint)) {}

  Value write() {
    Value result = make_object();
    put(result, "operationId", exported_.operation_id);
    Value tags = make_array();
    append(tags, make_text(endpoint_.service));
    put(result, "tags", std::move(tags));
    put_words(result);
    put(result, "parameters", parameters());
    put_body(result);
    put(result, "responses", answers_.answers_of(endpoint_, exported_.contract, operation_));
    put_extensions(result);
    put(result, "x-usher", extension());
    return result;
  }

 private:
  void put_words(Value& result) {
    for (const std::string_view name : {"summary", "description", "externalDocs", "deprecated"}) {
      const Value* value = operation_ == nullptr ? nullptr : operation_->value->find(name);
      if (value != nullptr) put(result, name, *value);
    }
    if (endpoint_.consumer_allowed) return;
    const Value* old = result.find("description");
    const std::string text = old == nullptr ? std::string() : old->text + "\n\n";
    put(result, "description",
        text + snapshot_.consumer + " may not call this: the allowlist does not name it.");
  }

  void put_extensions(Value& result) {
    if (operation_ == nullptr) return;
    for (const Value& member : operation_->value->children) {
      if (!member.name.starts_with("x-") || member.name.starts_with("x-usher")) continue;
      put(result, member.name, member);
    }
  }

  Value parameters() {
    Value list = make_array();
    put_path_parameters(list);
    put_contracts(list, "query");
    put_ushers(list);
    put_contracts(list, "header");
    put_contracts(list, "cookie");
    return list;
  }

  // As many as the path has, in its order; a contract's may have other names.
  void put_path_parameters(Value& list) {
    std::vector<std::string> contract_names;
    if (operation_ != nullptr) {
      const auto path = route::PathTemplate::parse(operation_->path);
      if (path) contract_names = names_of(*path);
    }
    std::size_t position = 0;
    for (const std::string& name : names_of(exported_.path)) {
      const Parameter* known =
          position < contract_names.size() ? find("path", contract_names[position]) : nullptr;
      ++position;
      Value parameter = known == nullptr ? make_object() : copy(*known);
      put(parameter, "name", name);
      put(parameter, "in", "path");
      put(parameter, "required", make_bool(true));
      if (known == nullptr) put(parameter, "schema", string_schema());
      append(list, std::move(parameter));
    }
  }

  static std::vector<std::string> names_of(const route::PathTemplate& path) {
    std::vector<std::string> names;
    for (const auto& segment : path.segments()) {
      if (segment.is_parameter()) names.push_back(segment.parameter);
    }
    return names;
  }

  // The contract's; null without one.
  const Parameter* find(std::string_view in, const std::string& name) const {
    if (operation_ == nullptr) return nullptr;
    for (const Parameter& parameter : operation_->parameters) {
      if (parameter.in == in && parameter.name == name) return &parameter;
    }
    return nullptr;
  }

  Value copy(const Parameter& parameter) {
    return components_.copy(*exported_.contract, *parameter.value);
  }

  void put_contracts(Value& list, std::string_view in) {
    if (operation_ == nullptr) return;
    for (const Parameter& parameter : operation_->parameters) {
      if (parameter.in != in || (in == "header" && is_ushers_header(parameter.name))) continue;
      append(list, copy(parameter));
    }
  }

  void put_ushers(Value& list) const {
    const policy::EndpointPolicy& policy = endpoint_.policy;
    if (policy.tenant != policy::TenantRule::None) {
      append(list,
             header("X-Tenant-ID", policy.tenant == policy::TenantRule::Required,
                    "The tenant that the call is made for.", id_schema(policy.tenant_format)));
    }
    append(list, header("X-User-ID", false, "The user that the call is made for.",
                        id_schema(policy.user_format)));
    const bool only_reads = policy.safe || policy::is_safe(endpoint_.method);
    if (!only_reads) {
      append(list, ExportedComponents::reference("parameters", "Idempotency-Key"));
    }
    for (const std::string_view name : {"X-Trace-ID", "traceparent", "X-Request-Timeout-Ms"}) {
      append(list, ExportedComponents::reference("parameters", name));
    }
  }

  void put_body(Value& result) {
    const Value* body = operation_ == nullptr ? nullptr : operation_->value->find("requestBody");
    if (body != nullptr) {
      put(result, "requestBody", components_.copy(*exported_.contract, *body));
    } else if (operation_ == nullptr &&
               (endpoint_.method == http::Method::Post || endpoint_.method == http::Method::Put ||
                endpoint_.method == http::Method::Patch)) {
      Value content = make_object();
      put(content, "application/json", make_object());
      Value any = make_object();
      put(any, "description", "What " + endpoint_.service + " takes; no contract says more.");
      put(any, "content", std::move(content));
      put(result, "requestBody", std::move(any));
    }
  }

  // What import_service() makes the endpoint of.
  Value extension() const {
    Value extension = make_object();
    put(extension, "service", endpoint_.service);
    put(extension, "name", endpoint_.name);
    if (exported_.path.text() != endpoint_.match.text()) {
      put(extension, "match",
          std::string(http::to_string(endpoint_.method)) + " " + endpoint_.match.text());
    }
    if (endpoint_.rewrite.text() != endpoint_.match.text()) {
      put(extension, "rewrite", endpoint_.rewrite.text());
    }
    Value keys = exported_policy(endpoint_);
    for (Value& key : keys.children) extension.children.push_back(std::move(key));
    return extension;
  }

  const ExportedEndpoint& exported_;
  const route::Endpoint& endpoint_;
  const config::Snapshot& snapshot_;
  ExportedComponents& components_;
  ExportedAnswers& answers_;
  const Operation* operation_;  // of the contract, or null
};

}  // namespace

void add_shared_parameters(ExportedComponents& components) {
  const auto add_header = [&](std::string_view name, std::string_view description, Value schema) {
    components.add_own("parameters", name, header(name, false, description, std::move(schema)));
  };
  Value key = string_schema();
  put(key, "minLength", make_integer(1));
  put(key, "maxLength", make_integer(255));
  add_header("Idempotency-Key",
             "By which the owner knows a repeated call again. Usher makes one where there is none, "
             "unless the endpoint says otherwise.",
             std::move(key));
  add_header("X-Trace-ID", "The trace that the call is part of. Made where there is none.",
             string_schema());
  add_header("traceparent", "The same by W3C Trace Context.", string_schema());
  Value milliseconds = make_object();
  put(milliseconds, "type", "integer");
  put(milliseconds, "minimum", make_integer(0));
  add_header("X-Request-Timeout-Ms",
             "The milliseconds that the consumer still has; they shorten the endpoint's timeout.",
             std::move(milliseconds));
}

Value exported_operation(const ExportedEndpoint& exported, const config::Snapshot& snapshot,
                         ExportedComponents& components, ExportedAnswers& answers) {
  return Writer(exported, snapshot, components, answers).write();
}

}  // namespace usher::openapi
