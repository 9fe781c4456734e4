// CacheKey: under which name an answer is kept. Two calls have the same one only if the same answer
// may be given to both.
//
// Made of: the calling service, the owner, the endpoint and its policy's version, the path as the
// consumer wrote it (what the owner sees follows from it and the endpoint), the query sorted by
// name (values of one name keep their order), tenant, and user where the endpoint's scope is the
// user, and the request fields of CachePolicy::vary. GET and HEAD share one. Of path and query
// nothing is decoded or folded: two spellings of one path are two keys. It is a digest, so that
// nothing personal of a path or a query is kept (platform: users by e-mail).
//
// Request fields are compared as lists (RFC 9111 §4.1): without the blanks around their elements,
// and however many lines they came in. Of Accept-Encoding the set of br, gzip and identity that it
// allows counts, and what else it allows as it is written; of Accept-Language the case does not.
//
// Source: http-safety of shared caches (Pingora CVE-2026-2836: a default key without the host).
// Thread: the Hasher's; a key is a value.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cache/digest.h"
#include "http/message.h"
#include "policy/cache_policy.h"

namespace usher::cache {

// Whose tags an answer has: a tenant (calls without one have a value of their own), or nobody in
// particular (CacheScope::Public).
struct ScopeId {
  std::uint64_t value = 0;  // 0: public
  bool operator==(const ScopeId&) const = default;
};
ScopeId scope_of(Hasher& hasher, policy::CacheScope scope, std::string_view tenant);
// "0123456789abcdef"
std::string to_hex(ScopeId scope);

struct CacheKey {
  Digest digest;
  ScopeId scope;
  bool operator==(const CacheKey&) const = default;
};

struct KeyParts {
  std::string_view consumer;
  std::string_view service;
  std::string_view endpoint;
  std::string_view target;  // as the consumer wrote it, with its query
  std::string_view tenant;  // empty: none
  std::string_view user;    // likewise
  const http::Fields& fields;
};

// Nothing: the call is not cached (a query parameter that the policy does not name; more than 64 of
// them; no user where the scope is the user).
std::optional<CacheKey> make_key(Hasher& hasher, const policy::CachePolicy& policy,
                                 const KeyParts& parts);

// The key of one of several answers under `primary`, chosen by the request fields that the owner's
// Vary named (`names` is that field's value; RFC 9111 §4.1).
CacheKey variant_key(Hasher& hasher, const CacheKey& primary, std::string_view names,
                     const http::Fields& fields);

}  // namespace usher::cache
