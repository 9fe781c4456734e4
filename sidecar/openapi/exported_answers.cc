#include "openapi/exported_answers.h"

#include <algorithm>
#include <array>
#include <map>

#include "openapi/error_texts.h"
#include "openapi/json_tree.h"
#include "openapi/local_references.h"
#include "proxy/local_reply.h"

namespace usher::openapi {
namespace {

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kErrorSchema = "UsherError";
constexpr std::string_view kExampleTrace = "4bf92f3577b34da6a3ce929d0e0e4736";

struct HeaderText {
  std::string_view name;
  std::string_view description;
  std::string_view type;
};
constexpr std::array<HeaderText, 10> kHeaders = {{
    {"X-Trace-ID", "The trace that the call was part of: the consumer's, or one made for it.",
     "string"},
    {"X-Span-ID", "The span that the call was: the consumer's, or one made for it.", "string"},
    {"Usher-Endpoint", "The endpoint that the call matched.", "string"},
    {"Usher-Attempts", "How often the owner was asked; 0 for a kept answer.", "integer"},
    {"Usher-Retry-Safe",
     "Whether the call may be sent again: yes, no or unknown. On Usher's own errors.", "string"},
    {"Proxy-Status",
     "RFC 9209: why Usher itself answered, or that it tried more than once. Else absent.",
     "string"},
    {"Retry-After", "The seconds after which the call may succeed.", "integer"},
    {"Cache-Status", "RFC 9211: whether the answer was kept, or why the owner was asked.",
     "string"},
    {"Age", "The seconds since the owner made the answer. On kept answers.", "integer"},
    {"Usher-Cache-Invalidation",
     "\"failed\": other sidecars may give older answers for a while. Else absent.", "string"},
}};

Value typed_schema(std::string_view type, std::string_view description) {
  Value schema = make_object();
  put(schema, "type", type);
  put(schema, "description", description);
  return schema;
}

bool sends_body(http::Method method) {
  return method == http::Method::Post || method == http::Method::Put ||
         method == http::Method::Patch || method == http::Method::Delete;
}

// A body that has to be held whole: signed, or read for tags.
bool holds_body(const route::Endpoint& endpoint, const config::Snapshot& snapshot) {
  const auto& tags = endpoint.policy.invalidates;
  return snapshot.signers[endpoint.signer]->needs_body() ||
         std::any_of(tags.begin(), tags.end(), [](const policy::TagTemplate& tag) {
           return tag.source() == policy::TagTemplate::Source::Request;
         });
}

// The body of the error as Usher writes it.
Value example_body(ErrorCode code, const route::Endpoint& endpoint) {
  const proxy::ErrorKind& kind = proxy::kind_of(code);
  const bool asked = kind.status == 502 || kind.status == 504;
  const std::string answer = proxy::render_error(
      Error{.code = code,
            .retry = Retry::No,
            .detail = text_of(code).detail,
            .timeout = Timeout::None},
      {.service = endpoint.service,
       .endpoint = endpoint.name,
       .trace_id = kExampleTrace,
       .span_id = {},
       .allow = {},
       .attempts = asked && code != ErrorCode::NotCached ? 1 : 0,
       .repeatable = true,
       .retry_in =
           code == ErrorCode::CircuitOpen ? Duration(std::chrono::seconds(12)) : Duration()},
      0);
  config::Problems none;
  const auto body =
      config::Document::parse("", 0, answer.substr(answer.find("\r\n\r\n") + 4), none);
  return body == nullptr ? make_object() : body->root();
}

// The media type "application/json" of an answer, made where there is none.
Value& json_content(Value& response) {
  Value* content = find_member(response, "content");
  if (content == nullptr) content = &put(response, "content", make_object());
  Value* json = find_member(*content, kJson);
  return json == nullptr ? put(*content, kJson, make_object()) : *json;
}

// A media type has "example" or "examples"; both Usher and the owner may have some.
Value& examples_of(Value& media) {
  if (const Value* example = media.find("example")) {
    Value wrapped = make_object();
    put(wrapped, "value", *example);
    std::erase_if(media.children, [](const Value& member) { return member.name == "example"; });
    put(put(media, "examples", make_object()), "owner", std::move(wrapped));
  }
  Value* examples = find_member(media, "examples");
  return examples == nullptr ? put(media, "examples", make_object()) : *examples;
}

// The owner's answer or Usher's own.
void add_schema(Value& media, Value schema) {
  Value* old = find_member(media, "schema");
  if (old == nullptr) {
    put(media, "schema", std::move(schema));
    return;
  }
  Value either = make_array();
  append(either, *old);
  append(either, std::move(schema));
  Value combined = make_object();
  put(combined, "anyOf", std::move(either));
  put(media, "schema", std::move(combined));
}

// The answer of that status. Where only a wider one of the contract's ("4XX", "default") speaks of
// it, the new one begins as that, which it stands for from now on (OpenAPI 3.1.1 §4.8.16).
Value& response_of(int status, Value& responses) {
  const std::string name = std::to_string(status);
  if (Value* exact = find_member(responses, name)) return *exact;
  for (const std::string& wider : {name.substr(0, 1) + "XX", std::string("default")}) {
    if (const Value* response = responses.find(wider))
      return put(responses, name, Value(*response));
  }
  return put(responses, name, make_object());
}

void add_description(Value& response, const std::string& text) {
  const Value* old = response.find("description");
  put(response, "description", old == nullptr ? text : old->text + "\n\n" + text);
}

}  // namespace

std::vector<ErrorCode> errors_of(const route::Endpoint& endpoint,
                                 const config::Snapshot& snapshot) {
  std::vector<ErrorCode> codes = {ErrorCode::BadRequest};
  const auto add_if = [&](bool can_be, ErrorCode code) {
    if (can_be) codes.push_back(code);
  };
  const policy::EndpointPolicy& policy = endpoint.policy;
  if (!endpoint.consumer_allowed) {
    return {ErrorCode::BadRequest, ErrorCode::ConsumerNotAllowed, ErrorCode::RequestTimeout,
            ErrorCode::HeadersTooLarge, ErrorCode::Overloaded};
  }
  add_if(policy.tenant == policy::TenantRule::Required, ErrorCode::MissingTenantId);
  codes.insert(codes.end(),
               {ErrorCode::InvalidTenantId, ErrorCode::InvalidUserId, ErrorCode::RequestTimeout});
  add_if(sends_body(endpoint.method) && holds_body(endpoint, snapshot), ErrorCode::BodyTooLarge);
  codes.push_back(ErrorCode::HeadersTooLarge);
  add_if(endpoint.signer != 0, ErrorCode::SigningFailed);
  codes.insert(codes.end(), {ErrorCode::UpstreamConnectFailed, ErrorCode::UpstreamReset,
                             ErrorCode::UpstreamProtocol});
  add_if(policy.breaker_scope != policy::BreakerScope::Off, ErrorCode::CircuitOpen);
  codes.insert(codes.end(),
               {ErrorCode::NoHealthyAddress, ErrorCode::Overloaded, ErrorCode::Draining,
                ErrorCode::UpstreamTimeout, ErrorCode::DeadlineExceeded});
  add_if(policy.cache.has_value(), ErrorCode::NotCached);
  return codes;
}

ExportedAnswers::ExportedAnswers(const config::Snapshot& snapshot, const route::Endpoint& example,
                                 ExportedComponents& components)
    : snapshot_(snapshot), components_(components) {
  add_error_schema();
  add_headers();
  add_examples(example);
}

void ExportedAnswers::add_error_schema() {
  Value properties = make_object();
  put(properties, "error", typed_schema("string", "The status in words."));
  Value codes = typed_schema("string", "What went wrong.");
  Value names = make_array();
  for (int code = 0; code < kErrorCodes; ++code) {
    append(names, make_text(proxy::kind_of(static_cast<ErrorCode>(code)).name));
  }
  put(codes, "enum", std::move(names));
  put(properties, "code", std::move(codes));
  put(properties, "message", typed_schema("string", "The same for people."));
  put(properties, "timeout", typed_schema("string", "Which time was over, where one was."));
  put(properties, "service", typed_schema("string", "The owning service."));
  put(properties, "endpoint", typed_schema("string", "The endpoint."));
  put(properties, "attempts", typed_schema("integer", "How often the owner was asked."));
  put(properties, "retryable", typed_schema("boolean", "Whether the call may be tried again."));
  put(properties, "retryAfterMs",
      typed_schema("integer", "With status 503: the milliseconds after which it may succeed."));
  put(properties, "traceId", typed_schema("string", "The trace that the call was part of."));
  Value schema = typed_schema("object", "What Usher answers itself, in place of the owner.");
  Value required = make_array();
  for (const std::string_view name : {"error", "code", "message", "attempts", "retryable"}) {
    append(required, make_text(name));
  }
  put(schema, "required", std::move(required));
  put(schema, "properties", std::move(properties));
  components_.add_own("schemas", kErrorSchema, std::move(schema));
}

void ExportedAnswers::add_headers() {
  for (const HeaderText& text : kHeaders) {
    Value header = make_object();
    put(header, "description", text.description);
    Value schema = make_object();
    put(schema, "type", text.type);
    put(header, "schema", std::move(schema));
    components_.add_own("headers", text.name, std::move(header));
  }
}

void ExportedAnswers::add_examples(const route::Endpoint& endpoint) {
  for (int i = 0; i < kErrorCodes; ++i) {
    const auto code = static_cast<ErrorCode>(i);
    Value example = make_object();
    put(example, "summary", std::string("When ").append(text_of(code).when));
    put(example, "value", example_body(code, endpoint));
    components_.add_own("examples", proxy::kind_of(code).name, std::move(example));
  }
}

// Of every answer.
Value ExportedAnswers::headers_of(const route::Endpoint& endpoint) const {
  Value headers = make_object();
  const auto add_header = [&](std::string_view name) {
    put(headers, name, ExportedComponents::reference("headers", name));
  };
  add_header("X-Trace-ID");
  add_header("X-Span-ID");
  if (snapshot_.annotate) {
    add_header("Usher-Endpoint");
    add_header("Usher-Attempts");
  }
  add_header("Proxy-Status");
  if (endpoint.policy.cache) {
    add_header("Cache-Status");
    add_header("Age");
  }
  if (endpoint.policy.invalidates_path || !endpoint.policy.invalidates.empty()) {
    add_header("Usher-Cache-Invalidation");
  }
  return headers;
}

Value ExportedAnswers::answers_of(const route::Endpoint& endpoint, const Contract* contract,
                                  const Operation* operation) {
  Value responses = make_object();
  if (operation != nullptr) put_owners(endpoint, *contract, *operation, responses);
  put_fallback(endpoint, responses);
  put_errors(endpoint, responses);
  if (operation == nullptr) {
    Value any = make_object();
    put(any, "description", "What " + endpoint.service + " answers; no contract says more.");
    put(any, "headers", headers_of(endpoint));
    put(responses, "default", std::move(any));
  }
  std::stable_sort(responses.children.begin(), responses.children.end(),
                   [](const Value& a, const Value& b) { return a.name < b.name; });
  return responses;
}

void ExportedAnswers::put_owners(const route::Endpoint& endpoint, const Contract& contract,
                                 const Operation& operation, Value& responses) {
  config::Problems none;
  LocalReferences references(contract.document(), none, none);
  for (const Value& answer : operation.value->find("responses")->children) {
    const Value* whole = references.follow(answer);
    if (whole == nullptr || answer.name.starts_with("x-")) continue;
    Value response = components_.copy(contract, *whole);
    Value headers = headers_of(endpoint);
    if (const Value* own = response.find("headers")) {
      for (const Value& header : own->children) {
        if (headers.find(header.name) == nullptr) put(headers, header.name, header);
      }
    }
    put(response, "headers", std::move(headers));
    put(responses, answer.name, std::move(response));
  }
}

void ExportedAnswers::put_errors(const route::Endpoint& endpoint, Value& responses) {
  std::map<int, std::vector<ErrorCode>> by_status;
  for (const ErrorCode code : errors_of(endpoint, snapshot_)) {
    by_status[proxy::kind_of(code).status].push_back(code);
  }
  for (const auto& [status, codes] : by_status) {
    Value& response = response_of(status, responses);
    const bool is_ushers_alone = response.children.empty();
    put_errors_of(endpoint, status, codes, response);
    if (!is_ushers_alone) continue;
    // Most endpoints have the same.
    const std::string name = "Usher-" + std::to_string(status);
    response = components_.share("responses", name, std::move(response));
    response.name = std::to_string(status);
  }
}

void ExportedAnswers::put_errors_of(const route::Endpoint& endpoint, int status,
                                    const std::vector<ErrorCode>& codes, Value& response) const {
  std::string text = "Usher itself:";
  for (const ErrorCode code : codes) {
    text.append("\n- `").append(proxy::kind_of(code).name).append("` when ");
    text.append(text_of(code).when);
  }
  add_description(response, text);
  if (response.find("headers") == nullptr) put(response, "headers", headers_of(endpoint));
  Value& headers = *find_member(response, "headers");
  if (snapshot_.annotate) {
    put(headers, "Usher-Retry-Safe", ExportedComponents::reference("headers", "Usher-Retry-Safe"));
  }
  if (status == 503) {
    put(headers, "Retry-After", ExportedComponents::reference("headers", "Retry-After"));
  }
  Value& media = json_content(response);
  add_schema(media, ExportedComponents::reference("schemas", kErrorSchema));
  Value& examples = examples_of(media);
  for (const ErrorCode code : codes) {
    const std::string_view name = proxy::kind_of(code).name;
    put(examples, name, ExportedComponents::reference("examples", name));
  }
}

void ExportedAnswers::put_fallback(const route::Endpoint& endpoint, Value& responses) const {
  if (!endpoint.policy.fallback) return;
  const policy::Fallback& fallback = *endpoint.policy.fallback;
  Value& response = response_of(fallback.status, responses);
  add_description(response, "Where the owner is not there, a fixed answer in its place.");
  if (response.find("headers") == nullptr) put(response, "headers", headers_of(endpoint));
  if (fallback.body.empty()) return;
  Value* content = find_member(response, "content");
  if (content == nullptr) content = &put(response, "content", make_object());
  Value* media = find_member(*content, fallback.content_type);
  if (media == nullptr) media = &put(*content, fallback.content_type, make_object());
  Value fixed = make_object();
  put(fixed, "description", "The fixed answer: " + fallback.body);
  add_schema(*media, std::move(fixed));
}

}  // namespace usher::openapi
