#include "allowlist.h"

#include <algorithm>
#include <initializer_list>

namespace owners {
namespace {

using Names = std::initializer_list<std::string_view>;

bool holds(Names names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

constexpr std::string_view kVerify = "/auth/verify";
constexpr std::string_view kPermissions = "/auth/internal/validate-permissions";
constexpr std::string_view kValidateUsers = "/auth/internal/validate-users";
constexpr std::string_view kUserTenant = "/auth/internal/user-tenant/*";
constexpr std::string_view kUsers = "/auth/internal/users/*";
constexpr std::string_view kHealth = "/auth/internal/health";

bool path_allowed(Names patterns, std::string_view path) {
  return std::any_of(patterns.begin(), patterns.end(), [path](std::string_view pattern) {
    if (!pattern.ends_with("/*")) return pattern == path;
    return path.starts_with(pattern.substr(0, pattern.size() - 2));
  });
}

}  // namespace

bool is_consumer(std::string_view owner, std::string_view service) {
  if (owner == "ticket") {
    return holds({"payment-service", "blockchain-service", "blockchain-indexer", "transfer-service",
                  "auth-service", "order-service", "scanning-service"},
                 service);
  }
  if (owner == "auth") {
    return holds({"payment-service", "compliance-service", "transfer-service", "ticket-service",
                  "event-service", "order-service", "api-gateway"},
                 service);
  }
  if (owner == "order") {
    return holds({"payment-service", "blockchain-service", "ticket-service"}, service);
  }
  if (owner == "event") {
    return holds({"minting-service", "payment-service", "ticket-service"}, service);
  }
  return holds({"blockchain-service", "compliance-service", "order-service", "scanning-service"},
               service);
}

bool service_token_allows(std::string_view service, std::string_view path) {
  if (service == "ticket-service") {
    return path_allowed({kVerify, kPermissions, kValidateUsers, kUserTenant, kHealth}, path);
  }
  if (service == "payment-service") {
    return path_allowed({kVerify, kPermissions, kValidateUsers, kUserTenant, kUsers, kHealth},
                        path);
  }
  if (service == "event-service") return path_allowed({kVerify, kPermissions, kHealth}, path);
  if (service == "order-service") {
    return path_allowed({kValidateUsers, kUserTenant, kHealth}, path);
  }
  if (service == "compliance-service") {
    return path_allowed({kValidateUsers, kUserTenant, kUsers, kHealth}, path);
  }
  if (service == "transfer-service") {
    return path_allowed({kValidateUsers, kUserTenant, kUsers, kHealth}, path);
  }
  if (service == "notification-service") return path_allowed({kVerify}, path);
  if (service == "api-gateway") return path_allowed({"/auth/internal/*"}, path);
  return false;
}

}  // namespace owners
