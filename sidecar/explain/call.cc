#include "explain/call.h"

#include <algorithm>
#include <array>

#include "explain/nearest.h"
#include "http/target.h"
#include "policy/deadline.h"
#include "policy/idempotency_key.h"
#include "policy/request_context.h"
#include "proxy/local_reply.h"

namespace usher::explain {
namespace {

using http::RequestHead;

Refusal refusal_of(const Error& error) {
  const proxy::ErrorKind& kind = proxy::kind_of(error.code);
  return {.code = std::string(kind.name), .status = kind.status, .why = std::string(error.detail)};
}

Refusal refusal_of(ErrorCode code, std::string why) {
  const proxy::ErrorKind& kind = proxy::kind_of(code);
  return {.code = std::string(kind.name), .status = kind.status, .why = std::move(why)};
}

struct Found {
  const config::OutboundListener* listener = nullptr;
  route::RouteMatch match;
};

// A port in the call's authority names the listener; else the first that has an endpoint for it.
Found find(const config::Snapshot& snapshot, const RequestHead& head) {
  const std::string_view path = http::split_target(head.target).path;
  Found found = {.listener = &snapshot.listeners.front(),
                 .match = snapshot.listeners.front().router.match(head.method, path)};
  const std::size_t colon = head.authority.rfind(':');
  for (const config::OutboundListener& listener : snapshot.listeners) {
    const bool is_named =
        colon != std::string_view::npos &&
        std::any_of(listener.addresses.begin(), listener.addresses.end(), [&](const auto& address) {
          return std::to_string(address.port) == head.authority.substr(colon + 1);
        });
    route::RouteMatch match = listener.router.match(head.method, path);
    if (is_named) return {.listener = &listener, .match = match};
    const bool is_better = found.match.endpoint == nullptr &&
                           (match.endpoint != nullptr || found.match.allowed_methods == 0);
    if (is_better) found = {.listener = &listener, .match = match};
  }
  return found;
}

std::string methods_of(std::uint16_t bits) {
  std::string text;
  for (unsigned i = 0; i <= static_cast<unsigned>(http::Method::Other); ++i) {
    if ((bits & (1U << i)) == 0) continue;
    text.append(text.empty() ? "" : ", ").append(http::to_string(static_cast<http::Method>(i)));
  }
  return text;
}

std::string owner_target(const RequestHead& head, const route::RouteMatch& match) {
  const route::PathTemplate& rewrite = match.endpoint->rewrite;
  std::string target(head.target.size() + rewrite.text().size() + 1, '\0');
  target.resize(rewrite.write(match.parameters, target));
  const std::size_t query = head.target.find('?');
  if (query != std::string_view::npos) target += head.target.substr(query);
  return target;
}

std::string describe_key(const route::Endpoint& endpoint, const RequestHead& head,
                         policy::IdempotencyKey& key) {
  Random random(0);
  key.choose(head.fields, endpoint.policy.make_key && policy::is_mutation(head.method), random);
  if (key.is_made()) return "made once for all attempts of the call";
  if (key.value().empty()) return {};
  return key.usable() ? "the call's own" : "the call's own, which is none that counts";
}

bool is_allowed(const route::Endpoint& endpoint, const config::Snapshot& snapshot,
                const std::string& consumer) {
  if (consumer == snapshot.consumer) return endpoint.consumer_allowed;
  return endpoint.consumers.empty() ||
         std::find(endpoint.consumers.begin(), endpoint.consumers.end(), consumer) !=
             endpoint.consumers.end();
}

class Explainer {
 public:
  Explainer(const config::Snapshot& snapshot, const Asked& asked) : snapshot_(snapshot) {
    result_.method = asked.method;
    result_.url = asked.url;
    result_.consumer = asked.consumer.empty() ? snapshot.consumer : asked.consumer;
  }

  CallExplanation explain(const ParsedCall& call) {
    const Found found = find(snapshot_, call.head());
    if (found.match.endpoint == nullptr) {
      refuse_unmatched(call.head(), found.match);
    } else {
      explain_matched(call, found);
    }
    return std::move(result_);
  }

  CallExplanation refuse(Refusal refusal) {
    result_.refusal = std::move(refusal);
    return std::move(result_);
  }

 private:
  void refuse_unmatched(const RequestHead& head, const route::RouteMatch& match) {
    if (match.allowed_methods != 0) {
      result_.refusal =
          refusal_of(ErrorCode::MethodNotAllowed, "there are endpoints for this path, but for " +
                                                      methods_of(match.allowed_methods));
    } else {
      result_.refusal = refusal_of(ErrorCode::NoEndpoint, "no endpoint has this path");
    }
    result_.nearest =
        nearest_endpoints(snapshot_, head.method, http::split_target(head.target).path);
  }

  void explain_matched(const ParsedCall& call, const Found& found) {
    const RequestHead& head = call.head();
    const route::Endpoint& endpoint = *found.match.endpoint;
    policy::RequestContext context;
    Random random(0);
    context.read_trace(head.fields, random);
    const Status identity = context.read_identity(head.fields, endpoint.policy);
    if (!is_allowed(endpoint, snapshot_, result_.consumer)) {
      result_.refusal = refusal_of(ErrorCode::ConsumerNotAllowed,
                                   result_.consumer + " is not among the endpoint's consumers");
    } else if (!identity) {
      result_.refusal = refusal_of(identity.error());
    }
    policy::IdempotencyKey key;
    MatchedCall& matched = result_.matched.emplace();
    matched.endpoint = &endpoint;
    for (const config::ListenAddress& address : found.listener->addresses) {
      matched.listener.append(matched.listener.empty() ? "" : ", ").append(address.text);
    }
    matched.owner_target = owner_target(head, found.match);
    matched.tenant = context.tenant();
    matched.user = context.user();
    matched.idempotency_key = describe_key(endpoint, head, key);
    matched.owner = effective_owner(snapshot_, endpoint);
    matched.policy = effective_policy(snapshot_, endpoint);
    matched.cache = plan_cache(snapshot_, {.head = head,
                                           .match = found.match,
                                           .consumer = result_.consumer,
                                           .tenant = context.tenant(),
                                           .user = context.user()});
    matched.signing = explain_signing(snapshot_, endpoint,
                                      {.consumer = result_.consumer,
                                       .method = head.method_name,
                                       .target = matched.owner_target,
                                       .tenant = context.tenant(),
                                       .has_body = call.may_have_body()});
    matched.retries = plan_retries(endpoint.policy, endpoint.repeatability(key.usable()),
                                   policy::read_request_timeout(head.fields).value);
  }

  const config::Snapshot& snapshot_;
  CallExplanation result_;
};

}  // namespace

CallExplanation explain_call(const config::Snapshot& snapshot, const Asked& asked) {
  Explainer explainer(snapshot, asked);
  const auto call = ParsedCall::parse(asked);
  if (!call) return explainer.refuse(refusal_of(ErrorCode::BadRequest, call.error()));
  return explainer.explain(**call);
}

}  // namespace usher::explain
