#include "cache/cache_key.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/bytes.h"

namespace usher::cache {
namespace {

constexpr std::size_t kMaxParameters = 64;

// One parameter of a query, as it was written.
struct Parameter {
  std::string_view text;  // with its value
  std::string_view name;
};

// By name; those of one name stay as they were: they are pieces of one text.
bool operator<(const Parameter& a, const Parameter& b) {
  const int order = a.name.compare(b.name);
  return order != 0 ? order < 0 : a.text.data() < b.text.data();
}

bool is_allowed(const policy::CachePolicy& policy, const Parameter& parameter) {
  if (!policy.query || parameter.text.empty()) return true;
  return std::find(policy.query->begin(), policy.query->end(), parameter.name) !=
         policy.query->end();
}

// False: the policy does not allow one of them, or there are too many.
bool add_query(Hasher& hasher, const policy::CachePolicy& policy, std::string_view query) {
  std::array<Parameter, kMaxParameters> parameters;
  std::size_t count = 0;
  for (std::size_t begin = 0; begin <= query.size();) {
    const std::size_t end = std::min(query.find('&', begin), query.size());
    if (count == kMaxParameters) return false;
    Parameter& parameter = parameters[count++];
    parameter.text = query.substr(begin, end - begin);
    parameter.name = parameter.text.substr(0, parameter.text.find('='));
    if (!is_allowed(policy, parameter)) return false;
    begin = end + 1;
  }
  std::sort(parameters.begin(), parameters.begin() + count);
  hasher.add(count);
  for (std::size_t i = 0; i < count; ++i) hasher.add(parameters[i].text);
  return true;
}

// Where the element of a list at the beginning of `list` ends: at a comma that is not quoted (RFC
// 9110 §5.6.1, §5.6.4).
std::size_t element_end(std::string_view list) {
  bool quoted = false;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i] == '"') quoted = !quoted;
    if (list[i] == '\\' && quoted) ++i;
    if (i < list.size() && list[i] == ',' && !quoted) return i;
  }
  return list.size();
}

// Each element of a list that is not empty.
template <typename Visit>
void for_each_element(std::string_view list, Visit visit) {
  while (!list.empty()) {
    const std::size_t end = element_end(list);
    if (const std::string_view element = trim(list.substr(0, end)); !element.empty()) {
      visit(element);
    }
    list.remove_prefix(std::min(end + 1, list.size()));
  }
}

// The codings that an Accept-Encoding allows (RFC 9110 §12.5.3). Consumers spell and order br, gzip
// and identity in many ways, so that they are a set; what else is allowed is added as it comes.
class Codings {
 public:
  void read(Hasher& hasher, std::string_view element) {
    const std::string_view name = trim(element.substr(0, element.find(';')));
    const bool allowed = !has_no_weight(element.substr(name.size()));
    if (equals_ignoring_case(name, "br")) {
      set(kBr, allowed);
    } else if (equals_ignoring_case(name, "gzip") || equals_ignoring_case(name, "x-gzip")) {
      set(kGzip, allowed);
    } else if (equals_ignoring_case(name, "identity")) {
      set(kIdentity, allowed);
    } else if (name == "*") {
      others_ = allowed;
      identity_by_default_ = allowed;
    } else if (allowed) {
      hasher.add(name);
    }
  }

  // As one number. Of those that are not named "*" speaks.
  std::uint64_t value() const {
    unsigned allowed = allowed_;
    if (others_) allowed |= kOthers | (~named_ & (kBr | kGzip));
    if (identity_by_default_) allowed |= ~named_ & kIdentity;
    return allowed;
  }

 private:
  static constexpr unsigned kBr = 1;
  static constexpr unsigned kGzip = 2;
  static constexpr unsigned kIdentity = 4;
  static constexpr unsigned kOthers = 8;

  // "; q=0", "; q=0.000".
  static bool has_no_weight(std::string_view parameters) {
    const std::size_t equals = parameters.find('=');
    if (equals == std::string_view::npos) return false;
    const std::string_view weight = trim(parameters.substr(equals + 1));
    return !weight.empty() && weight.find_first_not_of("0.") == std::string_view::npos;
  }
  void set(unsigned coding, bool allowed) {
    named_ |= coding;
    allowed_ = allowed ? allowed_ | coding : allowed_ & ~coding;
  }

  unsigned named_ = 0;
  unsigned allowed_ = 0;
  bool others_ = false;
  bool identity_by_default_ = true;
};

// Language tags have no case (RFC 5646 §2.1.1). Their order stays: owners settle ties by it (RFC
// 9110 §12.5.4).
void add_in_lower_case(Hasher& hasher, std::string_view element) {
  std::string lower(element);
  std::transform(lower.begin(), lower.end(), lower.begin(), to_lower);
  hasher.add(lower);
}

// The values of the request's fields of that name: whether there is one, then the elements of their
// list; elements are not empty, so that an empty part ends them.
void add_field(Hasher& hasher, std::string_view name, const http::Fields& fields) {
  const bool is_encoding = equals_ignoring_case(name, "accept-encoding");
  const bool is_language = equals_ignoring_case(name, "accept-language");
  Codings codings;
  bool is_there = false;
  for (const http::Field& field : fields) {
    if (!equals_ignoring_case(field.name, name)) continue;
    is_there = true;
    for_each_element(field.value, [&](std::string_view element) {
      if (is_encoding) {
        codings.read(hasher, element);
      } else if (is_language) {
        add_in_lower_case(hasher, element);
      } else {
        hasher.add(element);
      }
    });
  }
  hasher.add(std::string_view{});
  hasher.add(is_there ? 1 + codings.value() : 0);
}

}  // namespace

ScopeId scope_of(Hasher& hasher, policy::CacheScope scope, std::string_view tenant) {
  if (scope == policy::CacheScope::Public) return {};
  hasher.begin();
  hasher.add("scope");
  // In lower case: a UUID has two spellings, and what one changes the other must see.
  std::array<char, 256> folded;  // NOLINT: written as far as it is used
  const bool fits = tenant.size() <= folded.size();
  if (fits) std::transform(tenant.begin(), tenant.end(), folded.begin(), to_lower);
  hasher.add(fits ? std::string_view(folded.data(), tenant.size()) : tenant);
  return {std::max<std::uint64_t>(hasher.end().word(), 1)};
}

std::string to_hex(ScopeId scope) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(16, '0');
  std::uint64_t rest = scope.value;
  for (auto digit = text.rbegin(); digit != text.rend(); ++digit, rest >>= 4) {
    *digit = kDigits[rest & 0xf];
  }
  return text;
}

std::optional<CacheKey> make_key(Hasher& hasher, const policy::CachePolicy& policy,
                                 const KeyParts& parts) {
  const bool is_users = policy.scope == policy::CacheScope::User;
  if (is_users && parts.user.empty()) return std::nullopt;
  CacheKey key;
  key.scope = scope_of(hasher, policy.scope, parts.tenant);

  hasher.begin();
  hasher.add("answer");
  hasher.add(parts.consumer);
  hasher.add(parts.service);
  hasher.add(parts.endpoint);
  hasher.add(policy.version);
  hasher.add(static_cast<std::uint64_t>(policy.scope));
  if (policy.scope != policy::CacheScope::Public) hasher.add(parts.tenant);
  if (is_users) hasher.add(parts.user);

  const std::size_t path_end = parts.target.find('?');
  hasher.add(parts.target.substr(0, path_end));
  if (path_end == std::string_view::npos) {
    hasher.add(std::uint64_t{0});
  } else if (!add_query(hasher, policy, parts.target.substr(path_end + 1))) {
    return std::nullopt;
  }
  for (const std::string& name : policy.vary) add_field(hasher, name, parts.fields);
  key.digest = hasher.end();
  return key;
}

CacheKey variant_key(Hasher& hasher, const CacheKey& primary, std::string_view names,
                     const http::Fields& fields) {
  hasher.begin();
  hasher.add("variant");
  hasher.add(std::string_view(reinterpret_cast<const char*>(primary.digest.bytes.data()),
                              primary.digest.bytes.size()));
  for_each_element(names, [&](std::string_view name) {
    hasher.add(name);
    add_field(hasher, name, fields);
  });
  return {hasher.end(), primary.scope};
}

}  // namespace usher::cache
