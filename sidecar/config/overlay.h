// Overlays: a second configuration directory says what is different in one environment.
//
// As JSON Merge Patch (RFC 7396): objects merge member by member, to any depth, and everything else
// replaces what was there; null takes a member away. Besides:
// - "endpoints" merge by their "name"; those that are new are appended, if they have the "match"
//   that none can be without;
// - a reference ({"env": …}, {"file": …}) replaces as a whole;
// - an object with another "scheme" (auth) replaces as a whole, and so does the "body" of a
// fallback,
//   where null has a meaning.
//
// Thread: main.
// Errors: reported, where the overlay says it: a name twice in one list, a new one that is hardly
// meant as such; as a warning, null where there is nothing.
#pragma once

#include "config/json_value.h"
#include "config/problem.h"

namespace usher::config {

// Puts `overlay` over `base`. Each value keeps the place that it was read from, and must not
// outlive its document.
void merge(Value& base, const Value& overlay, Problems& problems);

}  // namespace usher::config
