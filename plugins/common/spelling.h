// Helps whoever mistyped a name: which known name did they mean? Used in configuration errors only.
#ifndef USHER_PLUGINS_COMMON_SPELLING_H
#define USHER_PLUGINS_COMMON_SPELLING_H

#include <span>
#include <string>
#include <string_view>

namespace usher::plugins {

// "a, b, c"
std::string join_names(std::span<const std::string_view> names);

// `unknown <what> "word"; did you mean "near"? allowed: a, b, c`. The question is left out when no
// name is near: more than two letters, and more than a third of the longer word, would have to
// change.
std::string unknown_name(std::string_view what, std::string_view word,
                         std::span<const std::string_view> names);

}  // namespace usher::plugins

#endif  // USHER_PLUGINS_COMMON_SPELLING_H
