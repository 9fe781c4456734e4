// Every key of the configuration, with its type, default and meaning.
//
// The parser refuses what is not here; tests hold config/REFERENCE.md and config/schema/ against
// it.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace usher::config {

// The object that a key stands in. Policy keys may also stand in Defaults, Service and Endpoint.
enum class Scope : std::uint8_t {
  Usher,     // usher.json
  Outbound,  // "outbound" in it, …
  Admin,
  Limits,
  Drain,
  Log,
  Defaults,
  Concurrency,  // "concurrency" and "owner_concurrency"
  Hedge,
  Fallback,
  RetryBudget,
  Outlier,
  Retry,            // a "retry" that is an object, and each of usher.json's "retry_presets"
  Breaker,          // a "breaker" that is an object
  BreakerFailures,  // "failures" in it
  Service,          // services/*.json
  Endpoint,         // one of its "endpoints"
  Cache,            // usher.json's "cache"
  Redis,            // "redis" in it
  RedisSentinel,    // "sentinel" in that
  RedisTls,         // a "tls" there that is an object
  EndpointCache,    // an endpoint's "cache" that is an object
  Auth,  // "auth" of a service or endpoint; the scheme's own members are the scheme's business
  Policy,
};

struct Key {
  Scope scope;
  std::string_view name;
  std::string_view type;           // in words, for REFERENCE.md
  std::string_view default_value;  // in words; "required" when there is none
  std::string_view meaning;
};

inline constexpr std::array kKeys = {
    // --- usher.json -----------------------------------------------------------------------------
    Key{Scope::Usher, "$schema", "string", "–", "Path of the JSON Schema, for editors; not read."},
    Key{Scope::Usher, "consumer", "string or reference", "required",
        "Name of the calling service: a-z, 0-9 and -, at most 64. Owners are told this name, and "
        "allowlists ask for it."},
    Key{Scope::Usher, "workers", "1–64", "1", "Event loops, one thread each."},
    Key{Scope::Usher, "outbound", "object", "{}", "The listener that the consumer calls."},
    Key{Scope::Usher, "admin", "object", "{}", "The listener for probes, metrics and inspection."},
    Key{Scope::Usher, "limits", "object", "{}", "Bounds of the process."},
    Key{Scope::Usher, "drain", "object", "{}", "How the process goes down."},
    Key{Scope::Usher, "log", "object", "{}", "What is logged."},
    Key{Scope::Usher, "cache", "object", "{}",
        "Where answers are kept. Which ones, endpoints say."},
    Key{Scope::Usher, "retry_presets", "object of objects", "{}",
        "Retries by name, for \"retry\" and its \"preset\"; a name of the platform's may be given "
        "a new meaning. Names: a-z, 0-9 and -, at most 64."},
    Key{Scope::Usher, "defaults", "object", "{}",
        "Policy keys for every endpoint of every service."},
    Key{Scope::Outbound, "listen", "address or list of addresses", "127.0.0.1:7401",
        "Where consumers connect: \"127.0.0.1:7401\", \"[::1]:7401\", \"localhost:7401\" (both "
        "families) or \"unix:/path\"."},
    Key{Scope::Outbound, "unmatched", "\"refuse\", \"forward\"", "refuse",
        "What happens to a call under /internal/ that matches no endpoint: 404 NO_ENDPOINT, or, "
        "where it was redirected or came to a forward proxy, it goes where it was going."},
    Key{Scope::Outbound, "connect", "list of \"host:port\"", "[]",
        "Where CONNECT may go besides the services: \"db.example.com:5432\", "
        "\"*.example.com:443\", \"10.0.0.0/8:443\"."},
    Key{Scope::Outbound, "detect_timeout", "duration, 1ms–1h", "100ms",
        "How long a redirected connection to a service's port may be silent before its destination "
        "is connected to, in case it is the server that speaks first."},
    Key{Scope::Outbound, "annotate", "true or false", "true",
        "Whether answers carry Usher-Endpoint, Usher-Attempts and Usher-Retry-Safe."},
    Key{Scope::Outbound, "head_timeout", "duration, 1ms–1h", "10s",
        "From the first byte of a call's head to its last."},
    Key{Scope::Outbound, "idle_timeout", "duration, 1ms–1h", "75s",
        "How long a kept-alive connection may stay without a call. Longer than the consumer's "
        "own."},
    Key{Scope::Outbound, "body_timeout", "duration, 1ms–1h", "30s",
        "Without progress while a body is read or an answer is written."},
    Key{Scope::Admin, "listen", "address", "127.0.0.1:7400",
        "Where the admin interface listens: loopback or a Unix socket only."},
    Key{Scope::Limits, "request_head", "size, 1KiB–256KiB", "32KiB",
        "Request line and headers; the owner's answer heads have the same bound."},
    Key{Scope::Limits, "request_target", "size, 64B–256KiB", "8KiB",
        "Path and query; at most limits.request_head."},
    Key{Scope::Limits, "header_count", "1–128", "128", "Headers of a call or an answer."},
    Key{Scope::Limits, "signed_body", "size, 1KiB–64MiB", "1MiB",
        "A body that is held in memory because its signature covers it."},
    Key{Scope::Limits, "buffer", "size, 4KiB–16MiB", "64KiB",
        "Bytes that wait in one direction of one call before its sender is paused."},
    Key{Scope::Limits, "replay", "size, 0B–64MiB", "256KiB",
        "A body that is kept while it is sent, so that it can be sent once more when the "
        "connection turns out to have been closed by the owner."},
    Key{Scope::Limits, "memory", "size, 1MiB–1024GiB", "64MiB",
        "What all calls together may hold; near it, new ones are answered 503 OVERLOADED."},
    Key{Scope::Limits, "connections", "1–1000000", "4096",
        "Consumers' connections; further ones are answered 503 OVERLOADED. Fewer where the "
        "process may not open as many file descriptors."},
    Key{Scope::Drain, "delay", "duration, 0s–1h", "0s",
        "From \"not ready\" to closed listeners, so that nobody is sent here any more."},
    Key{Scope::Drain, "timeout", "duration, 0s–1h", "25s",
        "For calls in flight after that; then they are cut."},
    Key{Scope::Log, "level", "\"debug\", \"info\", \"warn\", \"error\"", "info",
        "The least level that is written."},
    Key{Scope::Log, "access", "\"off\", \"errors\", \"all\"", "errors",
        "One line per call: none, those that failed, or all."},
    // --- services/*.json ------------------------------------------------------------------------
    Key{Scope::Service, "$schema", "string", "–",
        "Path of the JSON Schema, for editors; not read."},
    Key{Scope::Service, "service", "string", "required",
        "Name of the owning service: a-z, 0-9 and -, at most 64. Also the label in metrics."},
    Key{Scope::Service, "addresses", "list of strings or references", "required",
        "Where the owner listens: \"http://ticket-service:3004\". No path."},
    Key{Scope::Service, "hosts", "list of \"host\" or \"host:port\"", "[]",
        "What consumers call it besides its addresses and its name, where Host or a proxy's target "
        "says whom they mean: \"ticket-service.shop.svc.cluster.local\". Without a port: at those "
        "of its addresses."},
    Key{Scope::Service, "listen", "address or list of addresses", "–",
        "A listener of this service's own, instead of outbound.listen: where two owners have the "
        "same method and path."},
    Key{Scope::Service, "base_path", "path", "–",
        "Put in front of every match: consumers call it, the owner does not see it."},
    Key{Scope::Service, "prefix", "path", "–",
        "Put in front of every path that the owner sees, but where an endpoint has its own "
        "rewrite."},
    Key{Scope::Service, "auth", "object", "{\"scheme\": \"none\"}",
        "How attempts are signed. An endpoint's own replaces it as a whole."},
    Key{Scope::Service, "consumers", "list of strings", "every consumer",
        "The allowlist. An endpoint's own replaces it."},
    Key{Scope::Service, "connections", "1–65535", "256",
        "Connections of one worker to one address of the owner."},
    Key{Scope::Service, "pending", "0–1000000", "1024",
        "Calls of one worker that may wait for a connection to the owner."},
    Key{Scope::Service, "owner_concurrency", "object", "{}",
        "Calls of all endpoints together that may be on their way at once."},
    Key{Scope::Service, "retry_budget", "object", "{}",
        "What retries and hedges of all endpoints together may add to the owner's load."},
    Key{Scope::Service, "outlier", "false or object", "{}",
        "When an address that fails is left out for a time, where there are several. false: "
        "never."},
    Key{Scope::Service, "endpoints", "list of objects", "required", "What the owner serves."},
    Key{Scope::Endpoint, "name", "string", "required",
        "Unique in its service: a-z, 0-9 and -, at most 64. Also the label in metrics."},
    Key{Scope::Endpoint, "match", "\"METHOD /path\"", "required",
        "What consumers call. {name} stands for one segment; literal segments win."},
    Key{Scope::Endpoint, "rewrite", "path", "prefix and match",
        "The path that the owner sees, with the match's parameters. The query is kept."},
    Key{Scope::Endpoint, "consumers", "list of strings", "the service's",
        "Who may call this endpoint; others are answered 403 CONSUMER_NOT_ALLOWED."},
    Key{Scope::Endpoint, "auth", "object", "the service's",
        "How attempts of this endpoint are signed."},
    Key{Scope::Endpoint, "safe", "true or false", "by method",
        "Whether the call only reads, whatever its method: it may then be sent twice."},
    Key{Scope::Endpoint, "fallback", "object", "–",
        "A fixed answer in place of an owner that is not there. Never where a mutation may have "
        "happened."},
    Key{Scope::Endpoint, "cache", "false or object", "false",
        "Which answers are kept, for whom and how long. At GET only."},
    Key{Scope::Endpoint, "invalidates", "list of at most 16 tags", "[]",
        "The tags that a successful call makes stale, with path parameters and "
        "{request:/pointer} of its JSON body. Not at endpoints that only read."},
    Key{Scope::Auth, "scheme", "\"hmac\", \"service-jwt\", \"api-key\", \"none\"", "required",
        "The scheme; its own members are described in plugins/."},
    Key{Scope::Auth, "insecure", "true or false", "false",
        "Accepts a secret that is short or publicly known. For development only."},
    // --- policy: endpoint → service → defaults → built-in ---------------------------------------
    Key{Scope::Policy, "tenant", "\"required\", \"optional\", \"none\"", "required",
        "Whether a call must carry X-Tenant-ID; \"none\" passes it on unchecked."},
    Key{Scope::Policy, "tenant_format", "\"uuid\", \"uuid-any\", \"opaque\"", "uuid-any",
        "What X-Tenant-ID must look like: RFC 9562 versions 1–5, any 8-4-4-4-12 hexadecimal "
        "digits, "
        "or any visible text."},
    Key{Scope::Policy, "user_format", "\"uuid\", \"uuid-any\", \"opaque\"", "uuid-any",
        "What X-User-ID must look like where a call carries it."},
    Key{Scope::Policy, "timeout", "duration, 1ms–1h", "9s",
        "The whole call, from its head to the last byte of the answer."},
    Key{Scope::Policy, "per_try_timeout", "duration, 1ms–1h", "3s",
        "One attempt, until the head of the answer is there. Never longer than timeout."},
    Key{Scope::Policy, "connect_timeout", "duration, 1ms–1h", "1s",
        "Until a new connection stands. Never longer than per_try_timeout."},
    Key{Scope::Policy, "body_timeout", "duration, 1ms–1h", "30s",
        "Without progress of the owner's answer, once its head is there."},
    Key{Scope::Policy, "idempotent", "true, false or \"key\"", "by method",
        "Whether the call may be sent twice. GET, HEAD, PUT, DELETE and OPTIONS may; POST and "
        "PATCH may not. \"key\": it may when it carries an Idempotency-Key, by which the owner "
        "knows it again."},
    Key{Scope::Policy, "idempotency_key", "\"generate\", \"pass\"", "generate",
        "Whether a mutation without an Idempotency-Key is given one, the same for all its "
        "attempts."},
    Key{Scope::Policy, "retry", "a preset's name or object", "{}",
        "When and how often a call is tried again: \"none\", \"fast\", \"standard\", "
        "\"aggressive\", \"patient\", one of retry_presets, or what differs from a preset."},
    Key{Scope::Policy, "breaker", "false, \"platform\", \"rates\" or object", "rates",
        "The circuit breaker. \"rates\": half of at least 20 calls in 10 s fail, or 5 in a row. "
        "\"platform\": 5 failures in 60 s. false: none."},
    Key{Scope::Policy, "concurrency", "object", "{}",
        "Calls of each endpoint that may be on their way at once."},
    Key{Scope::Policy, "hedge", "false or object", "false",
        "A second attempt at a read that takes unusually long; the first answer wins. Inherited, "
        "it applies to endpoints that only read."},
    // --- "retry" and each of "retry_presets" ----------------------------------------------------
    Key{Scope::Retry, "preset", "a preset's name", "–",
        "What the other keys differ from; without it, from the defaults here."},
    Key{Scope::Retry, "attempts", "1–10", "3", "Of one call in all, the first included."},
    Key{Scope::Retry, "initial_delay", "duration, 0s–1h", "25ms",
        "The wait before the n-th retry is a random time below initial_delay × (2^n − 1)."},
    Key{Scope::Retry, "max_delay", "duration, 0s–1h", "250ms",
        "The bound of that time. At least initial_delay."},
    Key{Scope::Retry, "on",
        "list of \"connect-failure\", \"reset-before-response\", \"timeout\", \"bad-answer\"",
        "all of them", "Failures without an answer that are tried again."},
    Key{Scope::Retry, "statuses", "list of 400–599", "[408, 425, 429, 502, 503, 504]",
        "Answers that are tried again."},
    Key{Scope::Retry, "retry_after_max", "duration, 0s–1h", "2s",
        "An owner whose Retry-After asks for more is not tried again."},
    // --- "breaker" ------------------------------------------------------------------------------
    Key{Scope::Breaker, "scope", "\"endpoint\", \"service\"", "endpoint",
        "Whose it is: each endpoint has its own, or those of a service that inherit this share "
        "one. \"service\" not at an endpoint."},
    Key{Scope::Breaker, "failure_threshold", "1–1000", "–",
        "Failures within the window that open it, whatever succeeds between them. With it the "
        "other defaults are those of \"platform\"."},
    Key{Scope::Breaker, "consecutive_failures", "0–1000", "5",
        "Failures in a row that open it; 0 is off. Off with failure_threshold."},
    Key{Scope::Breaker, "failure_rate", "number, 0–1", "0.5",
        "Failures per call within the window that open it; 0 is off. Off with failure_threshold."},
    Key{Scope::Breaker, "slow_rate", "number, 0–1", "0",
        "Slow calls per call within the window that open it; 0 is off."},
    Key{Scope::Breaker, "slow_call", "duration, 1ms–1h", "–",
        "From which time on a call is slow. With slow_rate only; below per_try_timeout."},
    Key{Scope::Breaker, "minimum_calls", "1–1000000", "20",
        "Calls within the window before a rate counts."},
    Key{Scope::Breaker, "window", "duration, 100ms–1h", "10s",
        "What is counted is not older. 60s with failure_threshold."},
    Key{Scope::Breaker, "reset_timeout", "duration, 1ms–1h", "5s",
        "How long it stays open before it lets probes through. 30s with failure_threshold."},
    Key{Scope::Breaker, "reset_timeout_max", "duration, 1ms–1h", "60s",
        "What that time doubles up to while probes fail. At least reset_timeout."},
    Key{Scope::Breaker, "jitter", "number, 0–1", "0.5",
        "The share of the doubled time that is added by chance."},
    Key{Scope::Breaker, "half_open_calls", "1–16", "1", "Probes at the same time."},
    Key{Scope::Breaker, "success_threshold", "1–1000", "3", "Good probes in a row that close it."},
    Key{Scope::Breaker, "shadow", "true or false", "false",
        "Counts and tells, but refuses nothing."},
    Key{Scope::Breaker, "failures", "object", "{}", "What counts as a failure."},
    Key{Scope::BreakerFailures, "on",
        "list of \"connect-failure\", \"reset-before-response\", \"timeout\", \"bad-answer\"",
        "all of them", "Ends without an answer that count; others change nothing."},
    Key{Scope::BreakerFailures, "statuses", "list of 500–599", "500–599 but 501, 505",
        "Answers that count; 408, 425 and 429 change nothing, others are successes."},
    // --- "concurrency" and "owner_concurrency" --------------------------------------------------
    Key{Scope::Concurrency, "max", "0–1000000", "0",
        "Calls on their way, of the whole process; 0 is no limit."},
    Key{Scope::Concurrency, "queue", "0–1000000", "16",
        "Calls that may wait for a place; the next is answered OVERLOADED."},
    Key{Scope::Concurrency, "queue_timeout", "duration, 1ms–1h", "100ms",
        "How long one may wait. Never longer than timeout."},
    // --- "hedge" --------------------------------------------------------------------------------
    Key{Scope::Hedge, "delay", "\"p95\" or duration, 1ms–1h", "p95",
        "When it is sent: after the time that 95 of 100 calls of the last minute took less than, "
        "or a fixed one. Never longer than per_try_timeout."},
    Key{Scope::Hedge, "max", "1–3", "1", "Hedges of one call, one after another."},
    Key{Scope::Hedge, "share", "number, 0.001–1", "0.05",
        "Hedges per call of the endpoint, over 10 s. Each also counts in retry_budget."},
    // --- "fallback" -----------------------------------------------------------------------------
    Key{Scope::Fallback, "status", "200–599", "200", "Its status."},
    Key{Scope::Fallback, "body", "any, at most 64KiB", "required",
        "Sent as JSON; a string is sent as it is, and needs a content_type. None with status 204, "
        "205 and 304."},
    Key{Scope::Fallback, "content_type", "string", "application/json", "Its Content-Type."},
    Key{Scope::Fallback, "on", "list of 500–599", "[502, 503, 504]",
        "The final statuses that it replaces, the owner's and Usher's own."},
    // --- "retry_budget" -------------------------------------------------------------------------
    Key{Scope::RetryBudget, "share", "number, 0–1", "0.2",
        "Further attempts per call within the window."},
    Key{Scope::RetryBudget, "floor_per_second", "number, 0–1000000", "1",
        "Granted per second, however few the calls; not in addition to the share."},
    Key{Scope::RetryBudget, "window", "duration, 100ms–1h", "10s", "What is counted is not older."},
    // --- "outlier" ------------------------------------------------------------------------------
    Key{Scope::Outlier, "failures", "1–1000", "5", "Failures in a row after which it is left out."},
    Key{Scope::Outlier, "ejection_time", "duration, 1ms–1h", "10s", "For how long."},
    Key{Scope::Outlier, "ejection_time_max", "duration, 1ms–1h", "5m",
        "What that time doubles up to. At least ejection_time."},
    Key{Scope::Outlier, "jitter", "number, 0–1", "0.1",
        "The share of the time that is added by chance."},
    // --- "cache" of usher.json ------------------------------------------------------------------
    Key{Scope::Cache, "memory", "size, 0B–64GiB", "32MiB",
        "What may be kept in the process's memory. 0B: nothing is."},
    Key{Scope::Cache, "redis", "object", "–",
        "The Redis that sidecars share. Without it each keeps its own answers."},
    Key{Scope::Redis, "url", "string or reference", "–",
        "One server: \"redis://user:password@host:6379/0\", \"rediss://…\" (TLS) or "
        "\"unix:///path?db=1\", percent-escapes decoded. A password only in a reference."},
    Key{Scope::Redis, "cluster", "list of strings or references", "–",
        "Instead of url: some nodes of a Redis Cluster, \"host:6379\"."},
    Key{Scope::Redis, "sentinel", "object", "–", "Instead of url: who knows the master."},
    Key{Scope::Redis, "username", "string or reference", "the default user", "Of the ACL."},
    Key{Scope::Redis, "password", "reference", "–", "A secret."},
    Key{Scope::Redis, "database", "0–65535", "0", "By number. Not with cluster."},
    Key{Scope::Redis, "tls", "true, false or object", "by url", "Whether, and how."},
    Key{Scope::Redis, "secret", "reference or list of at most 4", "made from the password",
        "Authenticates what is kept in Redis; the same in all sidecars that share it. Of a list "
        "the first seals, and all are accepted. At least 32 characters."},
    Key{Scope::Redis, "prefix", "string",
        "usher:", "Of every key and channel: 1 to 64 visible characters other than { and }."},
    Key{Scope::Redis, "connections", "1–16", "2", "Of one worker to one server."},
    Key{Scope::Redis, "connect_timeout", "duration, 1ms–10s", "50ms",
        "Until a connection stands and is logged in."},
    Key{Scope::Redis, "timeout", "duration, 1ms–10s", "20ms",
        "Of one command. Then the call goes on without Redis, and the connection is closed."},
    Key{Scope::Redis, "failures", "1–100", "3", "In a row, after which Redis is left alone."},
    Key{Scope::Redis, "pause", "duration, 10ms–1m", "1s", "For how long."},
    Key{Scope::Redis, "memory_ttl", "duration, 0s–1h", "2s",
        "How long what is in memory is used before Redis is asked again."},
    Key{Scope::Redis, "tenant_channel", "string", "–",
        "A channel whose messages are names of tenants: all that is kept of that tenant becomes "
        "stale."},
    Key{Scope::RedisSentinel, "master", "string", "required",
        "The name that sentinels know it by."},
    Key{Scope::RedisSentinel, "addresses", "list of strings or references", "required",
        "The sentinels, \"host:26379\"."},
    Key{Scope::RedisSentinel, "password", "reference", "–", "The sentinels' own; a secret."},
    Key{Scope::RedisTls, "ca", "path", "the system's",
        "PEM file of the authorities that the server's certificate must come from."},
    Key{Scope::RedisTls, "certificate", "path", "–", "PEM file of Usher's own certificate."},
    Key{Scope::RedisTls, "key", "path", "–", "PEM file of its key."},
    Key{Scope::RedisTls, "server_name", "string", "the address's host",
        "The name that the server's certificate must be for."},
    Key{Scope::RedisTls, "verify", "true or false", "true",
        "Whether the server's certificate is checked. false: for development only."},
    // --- "cache" of an endpoint -----------------------------------------------------------------
    Key{Scope::EndpointCache, "ttl", "duration, 1ms–720h", "–",
        "How long an answer is fresh of which the owner does not say it. Without it only what the "
        "owner gives a time is kept."},
    Key{Scope::EndpointCache, "freshness", "\"owner\", \"policy\"", "owner",
        "Who is heard first. \"policy\": ttl counts whatever time the owner gives; it can still "
        "forbid to keep an answer."},
    Key{Scope::EndpointCache, "stale_while_revalidate", "duration, 0s–720h", "0s",
        "After its time an answer is given for so long while it is fetched anew."},
    Key{Scope::EndpointCache, "stale_if_error", "duration, 0s–720h", "0s",
        "… and for so long when the owner cannot answer."},
    Key{Scope::EndpointCache, "negative_ttl", "duration, 0s–30s", "0s",
        "How long a 404 or 410 is fresh; 0s: as the owner says."},
    Key{Scope::EndpointCache, "scope", "\"tenant\", \"user\", \"public\"", "tenant",
        "Who may be given the same answer."},
    Key{Scope::EndpointCache, "vary", "list of at most 16 headers", "[]",
        "Headers of the call that are part of the key. \"user\" stands for \"scope\": \"user\"."},
    Key{Scope::EndpointCache, "query", "list of at most 64 names", "all of them",
        "The query parameters that are part of the key; a call with another one is not answered "
        "from the cache."},
    Key{Scope::EndpointCache, "max_object", "size, 1KiB–16MiB", "256KiB",
        "A larger body is not kept."},
    Key{Scope::EndpointCache, "tags", "list of at most 16 tags", "[]",
        "What the answer is made of: \"ticket:{ticketId}\" with path parameters, and "
        "{response:/pointer} of its JSON body."},
    Key{Scope::EndpointCache, "lock", "true or false", "false",
        "Of several sidecars that miss at once one asks the owner, and the others wait a little "
        "for what it puts into Redis."},
};

}  // namespace usher::config
