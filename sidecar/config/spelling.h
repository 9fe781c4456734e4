// Did you mean …? For messages.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace usher::config {

// The word of `words` that `word` is most likely a misspelling of; empty when none is close.
std::string_view nearest(std::string_view word, std::span<const std::string_view> words);

// `"a", "b", "c"`.
std::string list_of(std::span<const std::string_view> words);

}  // namespace usher::config
