// run_program(): another program, run to its end, without a shell.
//
// Thread: any. Blocks, at most 15 s; then the program is killed.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace usher::intercept {

// Its path, out of $PATH and of where administrators' programs are; empty when there is none.
std::string find_program(std::string_view name);

// `path` gets `input` as its stdin. Returns what it wrote to stdout. Errors: a sentence that says
// what went wrong, with what it wrote to stderr.
tl::expected<std::string, std::string> run_program(const std::string& path,
                                                   const std::vector<std::string>& arguments,
                                                   std::string_view input);

}  // namespace usher::intercept
