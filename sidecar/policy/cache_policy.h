// CachePolicy: what of an endpoint's answers may be kept, for whom, how long, and which calls make
// them stale.
//
// Thread: any; immutable once loaded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "policy/tag_template.h"

namespace usher::policy {

// Who may be given the same answer. The calling service is always a part of the key.
enum class CacheScope : std::uint8_t { Tenant, User, Public };

struct CachePolicy {
  // Fresh for so long where the owner says nothing (`ttl_overrides`: whatever it says, but for
  // no-store and private); nothing: only what the owner allows is kept.
  std::optional<Duration> ttl;
  bool ttl_overrides = false;
  Duration stale_while_revalidate = Duration::zero();  // beyond ttl, while it is fetched anew
  Duration stale_if_error = Duration::zero();          // beyond ttl, when the owner cannot answer
  Duration negative_ttl = Duration::zero();            // of 404 and 410; zero: as the owner says

  CacheScope scope = CacheScope::Tenant;
  std::vector<std::string> vary;  // request fields, lower case, in order, that are part of the key
  // The query parameters that are part of the key, in order; a call with another one is not cached.
  // Nothing: all of them are.
  std::optional<std::vector<std::string>> query;
  std::size_t max_object = 256 * 1024;  // of a body, in bytes
  std::vector<TagTemplate> tags;
  // Of several sidecars that miss at once one asks the owner, and the others wait for it a little.
  bool lock = false;

  // Of all that is said here: another policy does not find the answers that this one kept.
  std::uint64_t version = 0;
};

}  // namespace usher::policy
