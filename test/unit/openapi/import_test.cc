#include "openapi/import.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/json_reader.h"
#include "unit/openapi/support.h"

namespace usher::openapi::test {
namespace {

using policy::IdempotentRule;
using policy::TenantRule;
using testing::ElementsAre;
using testing::HasSubstr;

const char* const kTickets = R"(openapi: 3.0.3
info: {title: Tickets, version: "1"}
servers: [{url: "http://ticket-service:3004/api/"}]
components:
  parameters:
    Tenant: {name: X-Tenant-ID, in: header, required: true}
paths:
  /tickets/{ticketId}/status:
    parameters:
      - {name: ticketId, in: path, required: true, schema: {type: string}}
      - $ref: '#/components/parameters/Tenant'
    get:
      operationId: getTicketStatus
      responses: {"200": {description: The status.}}
  /tickets/price:
    post:
      operationId: price_of
      parameters:
        - {name: x-tenant-id, in: header}
      x-usher: {safe: true, timeout: 4s, retry: fast}
  /tickets/{ticketId}/transfer:
    post:
      parameters:
        - {name: idempotency-key, in: header, required: true}
)";

TEST(Import, WritesAServiceFile) {
  const ImportResult result = import_yaml(kTickets, "ticket-service");
  EXPECT_EQ(lines_of(result.problems), Lines());
  EXPECT_EQ(lines_of(result.notes), Lines());
  EXPECT_EQ(result.text, R"({
  "$schema": "../schema/service.schema.json",
  "service": "ticket-service",
  "addresses": ["http://ticket-service:3004"],
  "base_path": "/api",
  "prefix": "/api",
  "endpoints": [
    {
      "name": "get-ticket-status",
      "match": "GET /tickets/{ticketId}/status",
      "tenant": "required"
    },
    {
      "name": "price-of",
      "match": "POST /tickets/price",
      "tenant": "optional",
      "safe": true,
      "timeout": "4s",
      "retry": "fast"
    },
    {
      "name": "post-tickets-ticket-id-transfer",
      "match": "POST /tickets/{ticketId}/transfer",
      "tenant": "none",
      "idempotent": "key"
    }
  ]
}
)");
}

TEST(Import, WritesWhatTheLoaderTakes) {
  const auto snapshot = load_service(import_yaml(kTickets).text);
  ASSERT_NE(snapshot, nullptr);
  ASSERT_EQ(snapshot->endpoints.size(), 3U);
  const auto& transfer = *snapshot->endpoints[2];
  EXPECT_EQ(transfer.match.text(), "/api/tickets/{ticketId}/transfer");
  EXPECT_EQ(transfer.rewrite.text(), "/api/tickets/{ticketId}/transfer");
  EXPECT_EQ(transfer.policy.idempotent, IdempotentRule::Key);
  EXPECT_EQ(transfer.policy.tenant, TenantRule::None);
  EXPECT_EQ(snapshot->endpoints[1]->policy.timeout, Duration(std::chrono::seconds(4)));
  EXPECT_EQ(snapshot->clusters[0].addresses[0].authority, "ticket-service:3004");
}

TEST(Import, TakesJsonAndOpenApi31) {
  const ImportResult result = import_service(
      {.file = "api.json", .text = R"({"openapi": "3.1.1", "paths": {"/a": {"get": {}}}})"},
      {.service = "a", .prefixes = {}, .existing = {}});
  EXPECT_EQ(lines_of(result.problems), Lines());
  EXPECT_NE(load_service(result.text), nullptr);
  EXPECT_THAT(lines_of(result.notes),
              ElementsAre("api.json:1:1: no server says where Usher finds the owner; check the "
                          "\"addresses\": http://a:80 is a guess"));
}

TEST(Import, SaysNothingOfTenantsWhereTheDocumentDoesNot) {
  const auto snapshot = load_paths("  /a: {get: {}}\n");
  ASSERT_NE(snapshot, nullptr);
  EXPECT_EQ(snapshot->endpoints[0]->policy.tenant, TenantRule::Required);
}

TEST(Import, MakesNamesThatAreValidAndUnique) {
  const auto snapshot = load_paths(R"(
  /a: {get: {operationId: "HTTPServer.listV2_items"}}
  /b: {get: {operationId: same}, post: {operationId: Same}}
  /c: {get: {operationId: "???"}}
  /c/{id}: {delete: {}}
  /d: {get: {operationId: same-2}, put: {operationId: ")" +
                                   std::string(70, 'x') + R"("}}
  /e: {get: {operationId: ")" + std::string(80, 'x') +
                                   R"("}}
)");
  ASSERT_NE(snapshot, nullptr);
  Lines names;
  for (const auto& endpoint : snapshot->endpoints) names.push_back(endpoint->name);
  EXPECT_THAT(names,
              ElementsAre("http-server-list-v2-items", "same", "same-2", "get-c", "delete-c-id",
                          "same-2-2", std::string(64, 'x'), std::string(62, 'x') + "-2"));
}

TEST(Import, TakesTheExtensionAsTheEndpointsKeys) {
  const auto snapshot = load_paths(R"(
  /a/{id}:
    post:
      operationId: a
      parameters: [{name: Idempotency-Key, in: header}]
      x-usher: {name: b, rewrite: "/z/{id}", tenant: none, invalidates: ["a:{id}"]}
      x-usher-per-try-timeout: 1s
  /c:
    post:
      parameters: [{name: Idempotency-Key, in: header}, {name: X-Tenant-ID, in: header}]
      x-usher-safe: true
    get:
      parameters: [{name: Idempotency-Key, in: header}]
      x-usher: {tenant: null}
)");
  ASSERT_NE(snapshot, nullptr);
  const auto& first = *snapshot->endpoints[0];
  EXPECT_EQ(first.name, "b");
  EXPECT_EQ(first.rewrite.text(), "/z/{id}");
  EXPECT_EQ(first.policy.tenant, TenantRule::None);
  EXPECT_EQ(first.policy.idempotent, IdempotentRule::Key);
  EXPECT_EQ(first.policy.per_try_timeout, Duration(std::chrono::seconds(1)));
  EXPECT_EQ(first.policy.invalidates.size(), 1U);
  EXPECT_TRUE(snapshot->endpoints[1]->policy.safe) << "a key that nobody needs is no mistake";
  EXPECT_EQ(snapshot->endpoints[2]->policy.idempotent, IdempotentRule::ByMethod);
  EXPECT_EQ(snapshot->endpoints[2]->policy.tenant, TenantRule::Required) << "taken back";
}

TEST(Import, ReportsMistakesOfTheExtensionWhereTheyStand) {
  const ImportResult result = import_paths(R"(
  /a:
    get:
      x-usher: {timeuot: 5s, tenant: maybe}
      responses: {}
  /b/{id}:
    post: {x-usher: {cache: {ttl: 5s}, per_try_timeout: 20s, hedge: {delay: 1s}}}
  /c: {get: {x-usher: yes}}
  /d: {get: {x-usher: {name: "not a name"}}}
)");
  EXPECT_EQ(result.text, "");
  EXPECT_THAT(lines_of(result.problems),
              ElementsAre(HasSubstr("api.yaml:10:23: \"x-usher\" must")));
  const ImportResult others = import_paths(R"(
  /a:
    get:
      x-usher: {timeuot: 5s, tenant: maybe}
      responses: {}
  /b/{id}:
    post: {x-usher: {cache: {ttl: 5s}, per_try_timeout: 20s, hedge: {delay: 1s}}}
  /d: {get: {x-usher: {name: "not a name"}}}
)");
  EXPECT_EQ(others.text, "");
  EXPECT_THAT(
      lines_of(others.problems),
      ElementsAre(HasSubstr("api.yaml:6:17: unknown key \"timeuot\"; did you mean \"timeout\"?"),
                  HasSubstr("api.yaml:6:38: \"tenant\" is \"maybe\""),
                  HasSubstr("api.yaml:9:29: \"cache\""),
                  HasSubstr("api.yaml:9:69: \"hedge\" stands at an endpoint"),
                  HasSubstr("api.yaml:10:30: \"name\" is \"not a name\"")));
  EXPECT_THAT(lines_of(others.notes),
              testing::Contains(HasSubstr("api.yaml:9:57: \"per_try_timeout\" of 20s is longer")));
}

TEST(Import, NotesWhatCannotBeTakenOver) {
  const ImportResult result = import_yaml(R"(openapi: 3.1.0
servers: [{url: "https://api.example.com/v1"}, {url: "/v2"}]
webhooks: {changed: {post: {}}}
components: {securitySchemes: {key: {type: http, scheme: bearer}}}
paths:
  /a/{user-id}:
    servers: [{url: /other}]
    trace: {}
    get:
      callbacks: {}
      parameters: [{name: session, in: cookie}, {$ref: "other.yaml#/parameters/Tenant"}]
  /a/{id}: {get: {}}
  /b/{name}.{ext}: {get: {}, put: {}}
  /c//d: {get: {}}
  /e?x=1: {get: {}}
)");
  EXPECT_EQ(lines_of(result.problems), Lines());
  EXPECT_NE(load_service(result.text), nullptr);
  EXPECT_THAT(
      lines_of(result.notes),
      ElementsAre(HasSubstr("api.yaml:2:17: Usher calls owners by http://"),
                  HasSubstr("api.yaml:2:17: no server says where Usher finds the owner"),
                  HasSubstr("api.yaml:2:54: this server is not taken over"),
                  HasSubstr("api.yaml:3:1: webhooks are not taken over"),
                  HasSubstr("api.yaml:4:14: how the owner wants to be called is not taken over"),
                  HasSubstr("api.yaml:6:3: the parameter user-id → user_id"),
                  HasSubstr("api.yaml:7:5: servers of a path"),
                  HasSubstr("api.yaml:8:5: \"trace\" is not taken over"),
                  HasSubstr("api.yaml:10:7: callbacks are not taken over"),
                  HasSubstr("api.yaml:11:20: the cookie \"session\""),
                  HasSubstr("api.yaml:11:56: what stands in another file is not taken over"),
                  HasSubstr("api.yaml:12:18: GET /a/{id} is not taken over: it matches the same "
                            "calls as the operation at api.yaml:10:7"),
                  HasSubstr("api.yaml:13:3: GET /b/{name}.{ext} is not taken over: in Usher"),
                  HasSubstr("api.yaml:13:3: PUT /b/{name}.{ext} is not taken over"),
                  HasSubstr("api.yaml:14:3: GET /c//d is not taken over: an empty segment"),
                  HasSubstr("api.yaml:15:3: GET /e?x=1 is not taken over: a query")));
}

TEST(Import, FindsTheServersAddressAndPath) {
  const auto file_of = [](const std::string& servers) {
    return import_yaml("openapi: 3.1.0\nservers: " + servers + "\npaths: {/a: {get: {}}}\n").text;
  };
  const auto parts = [](const std::string& address, const std::string& path) {
    return "\"addresses\": [\"" + address + "\"],\n" +
           (path.empty()
                ? ""
                : "  \"base_path\": \"" + path + "\",\n  \"prefix\": \"" + path + "\",\n") +
           "  \"endpoints\"";
  };
  EXPECT_THAT(file_of("[]"), HasSubstr(parts("http://tickets:80", "")));
  EXPECT_THAT(file_of("[{url: /}]"), HasSubstr(parts("http://tickets:80", "")));
  EXPECT_THAT(file_of("[{url: /v1}]"), HasSubstr(parts("http://tickets:80", "/v1")));
  EXPECT_THAT(file_of("[{url: v1}]"), HasSubstr(parts("http://tickets:80", "/v1")));
  EXPECT_THAT(file_of("[{url: //h/v1}]"), HasSubstr(parts("http://tickets:80", "/v1")));
  EXPECT_THAT(file_of("[{url: \"http://[::1]:3004\"}]"), HasSubstr(parts("http://[::1]:3004", "")));
  EXPECT_THAT(file_of("[{url: \"http://h:1/a/b/?x#y\"}]"), HasSubstr(parts("http://h:1", "/a/b")));
  EXPECT_THAT(file_of("[{url: \"https://x/a\"}, {url: \"http://h:1/b\"}]"),
              HasSubstr(parts("http://h:1", "/b")))
      << "the one that can be called";
  EXPECT_THAT(file_of("[{url: \"http://{host}:{port}/{base}\", variables: {host: {default: h}, "
                      "port: {default: \"8080\"}, base: {default: v2}}}]"),
              HasSubstr(parts("http://h:8080", "/v2")));
  EXPECT_THAT(file_of("[{url: \"http://h:1/{base}\"}]"), HasSubstr(parts("http://h:1", "")));
}

TEST(Import, TakesOperationsAtAndBelowPrefixesAlone) {
  const auto snapshot = load_paths(
      "  /internal: {get: {}}\n  /internal/a: {get: {}}\n  /internals: {get: {}}\n"
      "  /admin/b/c: {get: {}}\n  /admin/x: {get: {}}\n",
      {.service = "s", .prefixes = {"/internal", "/admin/b/"}, .existing = {}});
  ASSERT_NE(snapshot, nullptr);
  Lines names;
  for (const auto& endpoint : snapshot->endpoints) names.push_back(endpoint->name);
  EXPECT_THAT(names, ElementsAre("get-internal", "get-internal-a", "get-admin-b-c"));
}

TEST(Import, FollowsReferencesAndSurvivesCircles) {
  const ImportResult good = import_yaml(R"(openapi: 3.1.0
paths:
  /a: {$ref: "#/components/pathItems/a~1b%20c"}
components:
  pathItems:
    a/b c: {get: {parameters: [{$ref: "#/components/parameters/one"}]}}
  parameters:
    one: {$ref: "#/components/parameters/two"}
    two: {name: X-Tenant-ID, in: header}
)");
  EXPECT_EQ(lines_of(good.problems), Lines());
  EXPECT_THAT(good.text, HasSubstr("\"tenant\": \"optional\""));
  const ImportResult bad = import_yaml(R"(openapi: 3.1.0
paths:
  /a: {$ref: "#/paths/~1a"}
  /b: {get: {parameters: [{$ref: "#/x"}, {$ref: 5}, {$ref: "#/paths/~1c/get/parameters/0"}]}}
  /c: {get: {parameters: [{$ref: "#/paths/~1b/get/parameters/2"}]}}
)");
  EXPECT_THAT(lines_of(bad.problems),
              ElementsAre(HasSubstr("api.yaml:3:14: this reference leads in a circle"),
                          HasSubstr("api.yaml:4:34: \"#/x\" is not in this document"),
                          HasSubstr("api.yaml:4:49: \"$ref\" must be a string"),
                          HasSubstr("api.yaml:4:60: this reference leads in a circle"),
                          HasSubstr("api.yaml:5:34: this reference leads in a circle")));
}

TEST(Import, RefusesWhatIsNoOpenApiDocument) {
  const auto mistake = [](const std::string& text) {
    const ImportResult result = import_yaml(text);
    EXPECT_EQ(result.text, "");
    return result.problems.empty() ? std::string() : to_string(result.problems.front());
  };
  EXPECT_THAT(mistake("swagger: \"2.0\"\n"), HasSubstr("api.yaml:1:1: this is Swagger"));
  EXPECT_THAT(mistake("paths: {}\n"), HasSubstr("api.yaml:1:1: \"openapi\" is missing"));
  EXPECT_THAT(mistake("openapi: 3.1\n"), HasSubstr("api.yaml:1:10: \"openapi\" must be a version"));
  EXPECT_THAT(mistake("openapi: 4.0.0\n"), HasSubstr("\"openapi\" must be a version"));
  EXPECT_THAT(mistake("openapi: 3.1.0\n"), HasSubstr("there is no operation here"));
  EXPECT_THAT(mistake("openapi: 3.1.0\npaths: []\n"), HasSubstr("api.yaml:2:8: \"paths\" must be"));
  EXPECT_THAT(mistake("openapi: 3.1.0\npaths: {a: {get: {}}}\n"), HasSubstr("a path begins with"));
  EXPECT_THAT(mistake("openapi: 3.1.0\npaths: {/a: 5}\n"), HasSubstr("a path must be an object"));
  EXPECT_THAT(mistake("openapi: 3.1.0\npaths: {/a: {get: 5}}\n"),
              HasSubstr("an operation must be"));
  EXPECT_THAT(mistake("openapi: 3.1.0\npaths: {/a: {get: {parameters: {}}}}\n"),
              HasSubstr("\"parameters\" must be a list"));
  EXPECT_THAT(mistake("openapi: 3.1.0\npaths: {/a: {get: {parameters: [5]}}}\n"),
              HasSubstr("a parameter must be an object"));
  EXPECT_THAT(mistake("openapi: 3.1.0\npaths: {/a: {get: {parameters: [{in: path}]}}}\n"),
              HasSubstr("a parameter needs a \"name\""));
  EXPECT_THAT(mistake("openapi: 3.1.0\npaths: {/a: {get: {parameters: [{name: x, in: body}]}}}\n"),
              HasSubstr("a parameter needs an \"in\""));
  EXPECT_THAT(mistake(std::string(config::kMaxFileBytes + 1, 'a')),
              HasSubstr("larger than 16 MiB"));
}

TEST(Import, RefusesOptionsThatCannotBe) {
  const ImportResult result =
      import_paths("  /a: {get: {}}\n", {.service = "A B", .prefixes = {"x"}, .existing = {}});
  EXPECT_THAT(lines_of(result.problems),
              ElementsAre(HasSubstr("--prefix: \"x\" is no path"),
                          HasSubstr("--service: \"A B\" cannot be a service")));
}

// Whatever is missing of a document, it is refused or read, and what is written can be loaded.
TEST(Import, SurvivesDocumentsThatAreCut) {
  const std::string text = kTickets;
  int imported = 0;
  for (std::size_t size = 0; size < text.size(); ++size) {
    const ImportResult result = import_yaml(text.substr(0, size));
    EXPECT_NE(result.text.empty(), result.problems.empty()) << size;
    if (result.text.empty()) continue;
    EXPECT_NE(load_service(result.text), nullptr) << size;
    ++imported;
  }
  EXPECT_GT(imported, 50);
}

}  // namespace
}  // namespace usher::openapi::test
