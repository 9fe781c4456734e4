// Overlays: a second configuration directory says what is different in one environment.
//
// As JSON Merge Patch (RFC 7396): objects merge member by member, to any depth, and everything else
// replaces what was there; null takes a member away. Besides:
// - lists of objects with a "name" (endpoints) merge by it; names that are new are appended;
// - a reference ({"env": …}, {"file": …}) replaces as a whole;
// - an object with another "scheme" (auth) replaces as a whole.
//
// Thread: main.
#pragma once

#include "config/json_value.h"

namespace usher::config {

// Puts `overlay` over `base`. Each value keeps the place that it was read from, and must not
// outlive its document.
void merge(Value& base, const Value& overlay);

}  // namespace usher::config
