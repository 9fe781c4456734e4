#include "openapi/export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/openapi/support.h"

namespace usher::openapi::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const std::string kRead = R"({"name": "status", "match": "GET /tickets/{ticket}/status"})";
const std::string kContractPath = R"({"/tickets/{id}/status": {"get": {
  "summary": "S", "x-owner": "team-t", "security": [{"key": []}],
  "parameters": [
    {"name": "id", "in": "path", "required": true, "schema": {"$ref": "#/components/schemas/Id"}},
    {"name": "full", "in": "query", "schema": {"type": "boolean"}},
    {"name": "x-internal-signature", "in": "header", "schema": {}},
    {"name": "X-Tenant-Id", "in": "header", "schema": {}},
    {"name": "X-Mode", "in": "header", "schema": {}}],
  "responses": {
    "200": {"description": "Good.", "headers": {"ETag": {"schema": {"type": "string"}}},
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Ticket"}}}},
    "400": {"$ref": "#/components/responses/Bad"},
    "5XX": {"description": "Bad luck.", "content": {"text/plain": {}}}}}}})";
const std::string kComponents = R"({
  "responses": {"Bad": {"description": "No.", "content": {"application/json":
     {"schema": {"$ref": "#/components/schemas/Error"}, "example": {"error": "x"}}}}},
  "schemas": {"Id": {"type": "string"},
              "Ticket": {"type": "object", "properties": {"id": {"$ref": "#/components/schemas/Id"},
                 "example": {"$ref": "#/components/schemas/Deep"}}},
              "Deep": {"type": "string"}, "Unused": {}, "Error": {"type": "object"}}})";

TEST(Export, SaysWhatIsConfigured_M115) {
  const auto snapshot = load_endpoints(kRead);
  const auto document = exported(*snapshot);
  EXPECT_EQ(text_at(*document, "/openapi"), "3.1.1");
  EXPECT_EQ(text_at(*document, "/info/title"), "What payment-service calls through Usher");
  EXPECT_EQ(text_at(*document, "/servers/0/url"), "http://127.0.0.1:7401");
  const std::string get = "/paths/~1tickets~1{ticket}~1status/get";
  EXPECT_EQ(text_at(*document, get + "/operationId"), "status");
  EXPECT_EQ(text_at(*document, get + "/tags/0"), "tickets");
  EXPECT_EQ(json_at(*document, get + "/x-usher"),
            "{\n  \"service\": \"tickets\",\n  \"name\": \"status\",\n  \"tenant\": \"required\",\n"
            "  \"timeout\": \"9s\",\n  \"per_try_timeout\": \"3s\"\n}");
  EXPECT_EQ(text_at(*document, get + "/responses/503/$ref"), "#/components/responses/Usher-503");
  EXPECT_THAT(names_at(*document,
                       "/components/responses/Usher-503/content/application~1json/"
                       "examples"),
              ElementsAre("CIRCUIT_OPEN", "NO_HEALTHY_ADDRESS", "OVERLOADED", "DRAINING"));
  EXPECT_THAT(names_at(*document, "/components/responses/Usher-503/headers"),
              Contains("Retry-After"));
  EXPECT_THAT(names_at(*document, "/components/responses/Usher-502/headers"),
              Not(Contains("Retry-After")));
  EXPECT_EQ(text_at(*document, get + "/responses/default/description"),
            "What tickets answers; no contract says more.");
}

TEST(Export, ShowsErrorsAsUsherWritesThem) {
  const auto document = exported(*load_endpoints(kRead));
  EXPECT_EQ(json_at(*document, "/components/examples/CIRCUIT_OPEN/value"), R"({
  "error": "Service Unavailable",
  "code": "CIRCUIT_OPEN",
  "message": "tickets is not answering; next try in 12 s",
  "service": "tickets",
  "endpoint": "status",
  "attempts": 0,
  "retryable": true,
  "retryAfterMs": 12000,
  "traceId": "4bf92f3577b34da6a3ce929d0e0e4736"
})");
}

TEST(Export, NamesParametersByThePolicy) {
  const auto parameters = [](const std::string& endpoint) {
    const auto document = exported(*load_endpoints(endpoint));
    Lines names;
    const Value& item = document->root().find("paths")->children.at(0).children.at(0);
    for (const Value& parameter : item.find("parameters")->children) {
      const Value* reference = parameter.find("$ref");
      names.push_back(reference != nullptr ? reference->text.substr(24)
                                           : parameter.find("name")->text);
    }
    return names;
  };
  EXPECT_THAT(parameters(kRead), ElementsAre("ticket", "X-Tenant-ID", "X-User-ID", "X-Trace-ID",
                                             "traceparent", "X-Request-Timeout-Ms"));
  EXPECT_THAT(parameters(R"({"name": "a", "match": "POST /a", "tenant": "none"})"),
              ElementsAre("X-User-ID", "Idempotency-Key", "X-Trace-ID", "traceparent",
                          "X-Request-Timeout-Ms"));
  EXPECT_THAT(parameters(R"({"name": "a", "match": "POST /a", "safe": true})"),
              Not(Contains("Idempotency-Key")));
  const auto tenant = [](const std::string& policy) {
    const auto document =
        exported(*load_endpoints(R"({"name": "a", "match": "GET /a", )" + policy + "}"));
    return json_at(*document, "/paths/~1a/get/parameters/0/required") + " " +
           text_at(*document, "/paths/~1a/get/parameters/0/schema/format");
  };
  EXPECT_EQ(tenant(R"("tenant": "required", "tenant_format": "uuid")"), "true uuid");
  EXPECT_EQ(tenant(R"("tenant": "optional")"), " ");
}

TEST(Export, TakesWhatTheContractSays) {
  const auto snapshot = load_endpoints(kRead);
  const auto document = exported(*snapshot, contract_of(kContractPath, kComponents));
  const std::string get = "/paths/~1tickets~1{ticket}~1status/get";
  EXPECT_EQ(text_at(*document, get + "/summary"), "S");
  EXPECT_EQ(text_at(*document, get + "/x-owner"), "team-t");
  EXPECT_EQ(json_at(*document, get + "/security"), "") << "Usher signs";
  EXPECT_EQ(text_at(*document, get + "/parameters/0/name"), "ticket") << "the endpoint's name";
  EXPECT_EQ(text_at(*document, get + "/parameters/0/schema/$ref"), "#/components/schemas/Id");
  EXPECT_EQ(text_at(*document, get + "/parameters/1/name"), "full");
  const std::string parameters = json_at(*document, get + "/parameters");
  EXPECT_THAT(parameters, HasSubstr("X-Mode"));
  EXPECT_THAT(parameters, Not(HasSubstr("x-internal-signature")));
  EXPECT_THAT(parameters, Not(HasSubstr("X-Tenant-Id")));
  EXPECT_THAT(names_at(*document, get + "/responses/200/headers"),
              testing::IsSupersetOf({"ETag", "X-Trace-ID", "Usher-Endpoint", "Proxy-Status"}));
  EXPECT_THAT(names_at(*document, "/components/schemas"),
              ElementsAre("UsherError", "Id", "Ticket", "Error", "Deep"));
}

TEST(Export, JoinsTheOwnersErrorsAndItsOwn) {
  const auto snapshot = load_endpoints(kRead);
  const auto document = exported(*snapshot, contract_of(kContractPath, kComponents));
  const std::string responses = "/paths/~1tickets~1{ticket}~1status/get/responses";
  const std::string bad = responses + "/400";
  EXPECT_THAT(text_at(*document, bad + "/description"),
              HasSubstr("No.\n\nUsher itself:\n- `BAD_REQUEST` when"));
  EXPECT_EQ(text_at(*document, bad + "/content/application~1json/schema/anyOf/0/$ref"),
            "#/components/schemas/Error");
  EXPECT_EQ(text_at(*document, bad + "/content/application~1json/schema/anyOf/1/$ref"),
            "#/components/schemas/UsherError");
  EXPECT_THAT(names_at(*document, bad + "/content/application~1json"),
              ElementsAre("schema", "examples"));
  EXPECT_THAT(names_at(*document, bad + "/content/application~1json/examples"),
              ElementsAre("owner", "BAD_REQUEST", "MISSING_TENANT_ID", "INVALID_TENANT_ID",
                          "INVALID_USER_ID"));
  // What the contract says of a whole class holds for each status that Usher adds.
  EXPECT_THAT(text_at(*document, responses + "/503/description"), HasSubstr("Bad luck."));
  EXPECT_THAT(names_at(*document, responses + "/503/content"),
              ElementsAre("text/plain", "application/json"));
  EXPECT_EQ(text_at(*document, responses + "/5XX/description"), "Bad luck.");
  EXPECT_EQ(json_at(*document, responses + "/default"), "");
}

TEST(Export, NamesComponentsApartThatClash) {
  const auto snapshot = load_services({R"({"service": "a", "addresses": ["http://a:1"],
           "endpoints": [{"name": "same", "match": "GET /a"}]})",
                                       R"({"service": "b", "addresses": ["http://b:1"],
           "endpoints": [{"name": "same", "match": "GET /b"}]})"});
  const auto contract = [](const std::string& service, const std::string& type) {
    return contract_of("{\"/" + service + R"(": {"get": {"responses": {"200": {"description": "",
        "content": {"x/y": {"schema": {"$ref": "#/components/schemas/List"}}}}}}}})",
                       R"({"schemas": {"List": {"items": {"$ref": "#/components/schemas/One"},
        "discriminator": {"propertyName": "t", "mapping": {"x": "#/components/schemas/Same"}},
        "anyOf": [{"$ref": "#/components/schemas/UsherError"}]},
        "One": {"type": ")" +
                           type + R"("}, "Same": {"type": "null"}, "UsherError": {}}})",
                       service);
  };
  Contracts contracts = contract("a", "string");
  contracts.push_back(std::move(contract("b", "integer").front()));
  const auto document = exported(*snapshot, contracts);
  EXPECT_THAT(names_at(*document, "/components/schemas"),
              ElementsAre("UsherError", "a.List", "b.List", "a.One", "Same", "a.UsherError",
                          "b.One", "b.UsherError"));
  EXPECT_EQ(text_at(*document, "/components/schemas/b.List/items/$ref"),
            "#/components/schemas/b.One");
  EXPECT_EQ(text_at(*document, "/components/schemas/b.List/discriminator/mapping/x"),
            "#/components/schemas/Same");
  EXPECT_EQ(text_at(*document, "/components/schemas/b.One/type"), "integer");
  EXPECT_EQ(text_at(*document, "/paths/~1a/get/operationId"), "a.same");
  const auto alone = exported(*snapshot, contracts, "b");
  EXPECT_THAT(names_at(*alone, "/components/schemas"),
              ElementsAre("UsherError", "List", "One", "Same", "b.UsherError"));
  EXPECT_EQ(text_at(*alone, "/info/title"), "b through Usher");
  EXPECT_EQ(text_at(*alone, "/info/version"), "7");
  EXPECT_THAT(names_at(*alone, "/paths"), ElementsAre("/b"));
  EXPECT_EQ(text_at(*alone, "/paths/~1b/get/operationId"), "same");
}

TEST(Export, HasOnePathForAllNamesOfItsParameters) {
  const auto snapshot = load_endpoints(
      R"({"name": "a", "match": "GET /t/{x}"},
         {"name": "b", "match": "PUT /t/{y}", "invalidates": ["t:{y}"]})");
  const auto document = exported(*snapshot);
  EXPECT_THAT(names_at(*document, "/paths"), ElementsAre("/t/{x}"));
  EXPECT_EQ(text_at(*document, "/paths/~1t~1{x}/put/parameters/0/name"), "x");
  EXPECT_EQ(text_at(*document, "/paths/~1t~1{x}/put/x-usher/match"), "PUT /t/{y}");
}

TEST(Export, KeepsListenersApart) {
  const auto service = [](const std::string& name, const std::string& more) {
    return "{\"service\": \"" + name + "\", \"addresses\": [\"http://a:1\"], " + more +
           "\"endpoints\": [{\"name\": \"e\", \"match\": \"GET /e/{x}\"}]}";
  };
  const auto snapshot =
      load_services({service("a", ""), service("b", "\"listen\": \"[::1]:7500\", ")});
  const ExportResult all = export_document(*snapshot, {}, "");
  EXPECT_THAT(all.notes, ElementsAre("GET /e/{x} of b is left out: a has the same on another "
                                     "listener; export each with --service"));
  const auto document = exported(*snapshot, {}, "b");
  EXPECT_EQ(text_at(*document, "/paths/~1e~1{x}/get/servers/0/url"), "http://[::1]:7500");
}

TEST(Export, SaysThatTheConsumerMayNotCall) {
  const auto snapshot =
      load_endpoints(R"({"name": "a", "match": "GET /a", "consumers": ["order-service"]})");
  const auto document = exported(*snapshot);
  EXPECT_EQ(text_at(*document, "/paths/~1a/get/description"),
            "payment-service may not call this: the allowlist does not name it.");
  EXPECT_EQ(text_at(*document, "/paths/~1a/get/responses/403/$ref"),
            "#/components/responses/Usher-403");
  EXPECT_EQ(json_at(*document, "/paths/~1a/get/responses/502"), "") << "the owner is not asked";
}

TEST(Export, IsTheSameEveryTime) {
  const auto snapshot = load_endpoints(kRead);
  const Contracts contracts = contract_of(kContractPath, kComponents);
  EXPECT_EQ(export_document(*snapshot, contracts, "").text,
            export_document(*snapshot, contracts, "").text);
}

}  // namespace
}  // namespace usher::openapi::test
