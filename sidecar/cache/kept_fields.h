// The fields of a kept answer, out of its lines, and what of a Vary chooses between answers.
//
// Thread: any. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "http/message.h"

namespace usher::cache {

// Adds the fields of `lines` (Entry::lines()), whose bytes they point into.
void read_lines(std::string_view lines, http::Fields& fields);

// The value of the first of `lines` of that name; empty: there is none.
std::string_view find_value(std::string_view lines, std::string_view name);

// The names of a Vary field's value that are not among `names` (lower case), lower case, sorted,
// with commas between; empty: none.
std::string names_beyond(std::string_view vary, std::span<const std::string> names);

}  // namespace usher::cache
