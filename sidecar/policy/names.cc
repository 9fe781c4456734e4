#include "policy/names.h"

namespace usher::policy {

std::string_view name_of(TenantRule rule) {
  switch (rule) {
    case TenantRule::Required:
      return "required";
    case TenantRule::Optional:
      return "optional";
    case TenantRule::None:
      break;
  }
  return "none";
}

std::string_view name_of(IdFormat format) {
  switch (format) {
    case IdFormat::Uuid:
      return "uuid";
    case IdFormat::UuidAny:
      return "uuid-any";
    case IdFormat::Opaque:
      break;
  }
  return "opaque";
}

std::string_view name_of(CacheScope scope) {
  switch (scope) {
    case CacheScope::Tenant:
      return "tenant";
    case CacheScope::User:
      return "user";
    case CacheScope::Public:
      break;
  }
  return "public";
}

}  // namespace usher::policy
