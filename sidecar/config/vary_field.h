// Which request fields may be part of a kept answer's key ("vary" of an endpoint's "cache").
//
// Thread: any. Pure.
#pragma once

#include <string_view>

namespace usher::config {

// Why `name` may not, and what would be right; empty when it may.
std::string_view why_not_in_key(std::string_view name);

}  // namespace usher::config
