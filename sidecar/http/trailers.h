// Which trailer fields pass: those that come behind a chunked body (RFC 9110 §6.5).
//
// A trailer is never merged into the head. One that would frame or route its message is an attack
// or a mistake and refused; one that a recipient must read before the body, or that only a head may
// say (RFC 9110 §6.5.1), is dropped; metadata passes.
//
// Thread: any. Pure.
#pragma once

#include <cstdint>
#include <string_view>

namespace usher::http {

enum class TrailerVerdict : std::uint8_t { Passes, Dropped, Refused };

TrailerVerdict judge_trailer(std::string_view name);

}  // namespace usher::http
