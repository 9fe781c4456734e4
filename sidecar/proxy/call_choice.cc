#include "proxy/call_choice.h"

#include <utility>

#include "base/bytes.h"
#include "http/target.h"

namespace usher::proxy {
namespace {

using Kind = route::ServiceChoice::Kind;

constexpr std::uint16_t kHttpPort = 80;
constexpr Error kContradiction = {
    ErrorCode::BadRequest, Retry::No,
    "Host names a service, and the connection was going somewhere else"};
constexpr Error kUnknownService = {
    ErrorCode::NoEndpoint, Retry::No,
    "no configured service has this host and port; name it in the service's \"hosts\""};
constexpr Error kToItself = {ErrorCode::LoopDetected, Retry::No,
                             "the call would come back to this sidecar"};
constexpr Error kNotAllowed = {ErrorCode::DestinationNotAllowed, Retry::No,
                               "outbound.connect does not name this destination"};
constexpr Error kLinkLocal = {ErrorCode::DestinationNotAllowed, Retry::No,
                              "link-local addresses are not reached through the sidecar"};

// The path's first segment is "internal", as owners read it: with its percent-escapes decoded.
bool is_internal(std::string_view path) {
  constexpr std::string_view kSegment = "internal";
  std::size_t at = 1;
  for (const char expected : kSegment) {
    if (at >= path.size()) return false;
    char c = path[at++];
    if (c == '%' && at + 1 < path.size()) {
      c = static_cast<char>(hex_value(path[at]) * 16 + hex_value(path[at + 1]));
      at += 2;
    }
    if (c != expected) return false;
  }
  return at == path.size() || path[at] == '/';
}

CallChoice refused(const Error& error) {
  return {.kind = CallChoice::Kind::Refused, .error = error};
}

class Chooser {
 public:
  Chooser(const InterceptOptions& options, const route::Router& listener,
          const http::RequestHead& head, const Destination* redirected_to)
      : options_(options),
        directory_(*options.directory),
        listener_(listener),
        head_(head),
        to_(redirected_to) {}

  CallChoice choose() const {
    if (head_.method == http::Method::Connect) return choose_tunnel();
    const std::string_view named = head_.authority.empty() ? head_.host : head_.authority;
    const auto authority = http::parse_authority(named).value_or(http::Authority{});
    const route::ServiceChoice service = to_ != nullptr
                                             ? directory_.choose(authority, to_->authority)
                                             : directory_.choose(authority);
    switch (service.kind) {
      case Kind::Contradiction:
        return refused(kContradiction);
      case Kind::Listener:
        return to_ != nullptr && directory_.is_listener(to_->authority) ? refused(kToItself)
                                                                        : CallChoice{};
      case Kind::Shared:
        return of_router(listener_, with_port(authority));
      case Kind::Service:
        return of_router(directory_.router(service.service),
                         at_service(with_port(authority).authority, service.service));
      case Kind::Unknown:
        return of_nobody(authority);
    }
    return refused(kContradiction);
  }

 private:
  static Destination with_port(http::Authority authority) {
    if (authority.port == 0) authority.port = kHttpPort;
    return Destination::of(authority);
  }
  std::string_view path() const { return http::split_target(head_.target).path; }

  // `proxied_to`: where a forward proxy would take it.
  CallChoice of_router(const route::Router& router, const Destination& proxied_to) const {
    const route::RouteMatch match = router.match(head_.method, path());
    const bool has_policy = match.endpoint != nullptr || match.allowed_methods != 0;
    if (has_policy || (is_internal(path()) && !options_.forward_unmatched)) {
      return {.kind = CallChoice::Kind::Call, .router = &router};
    }
    return pass(to_ != nullptr ? *to_ : proxied_to);
  }

  // A name that a consumer calls a service by need not be one that can be looked up.
  Destination at_service(const http::Authority& authority, std::uint32_t service) const {
    return {.authority = authority, .dialled = directory_.address(service)};
  }

  CallChoice of_nobody(const http::Authority& authority) const {
    if (is_internal(path()) && !options_.forward_unmatched) return refused(kUnknownService);
    if (to_ != nullptr) return pass(*to_);
    // What a consumer asks a proxy for there is seldom its own wish. A redirected connection goes
    // there, as it would without Usher.
    if (http::is_link_local(authority.host)) return refused(kLinkLocal);
    return pass(with_port(authority));
  }

  CallChoice pass(Destination destination) const {
    if (directory_.is_listener(destination.authority)) return refused(kToItself);
    const auto kind = head_.upgrade ? CallChoice::Kind::Tunnel : CallChoice::Kind::PassThrough;
    return {.kind = kind, .destination = std::move(destination)};
  }

  CallChoice choose_tunnel() const {
    // To another proxy, on whose way Usher is: whatever it answers, what follows is not for Usher.
    if (to_ != nullptr) return pass_all();
    const auto authority = http::parse_authority(head_.authority).value_or(http::Authority{});
    if (authority.port == 0) return refused(kNotAllowed);
    const route::ServiceChoice service = directory_.choose(authority);
    if (service.kind == Kind::Service) {
      return {.kind = CallChoice::Kind::Open,
              .destination = at_service(authority, service.service)};
    }
    if (directory_.is_listener(authority)) return refused(kToItself);
    if (options_.connect == nullptr || !options_.connect->allows(authority)) {
      return refused(kNotAllowed);
    }
    return {.kind = CallChoice::Kind::Tunnel, .destination = Destination::of(authority)};
  }

  CallChoice pass_all() const {
    if (directory_.is_listener(to_->authority)) return refused(kToItself);
    if (directory_.choose({}, to_->authority).kind != Kind::Unknown) return refused(kContradiction);
    return {.kind = CallChoice::Kind::Tunnel, .destination = *to_};
  }

  const InterceptOptions& options_;
  const route::ServiceDirectory& directory_;
  const route::Router& listener_;
  const http::RequestHead& head_;
  const Destination* to_;
};

}  // namespace

CallChoice choose_call(const InterceptOptions& options, const route::Router& listener,
                       const http::RequestHead& head, const Destination* redirected_to) {
  return Chooser(options, listener, head, redirected_to).choose();
}

}  // namespace usher::proxy
