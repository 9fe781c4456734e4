// The host's side of the plugin ABI: the table of functions that every plugin gets, and what its
// opaque types are.
//
// Thread: any; the objects below belong to the call that made them.
#pragma once

#include <usher/plugin.h>

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "http/head_writer.h"

namespace usher::filter {

struct SignerContext;

// The table; lives as long as the process.
const usher_host_v1& host_table();

// True when `table` has every function that version 1.0 requires of a scheme.
bool is_complete(const usher_signer_v1& table);

// The bound on headers of one signer.
inline constexpr std::size_t kMaxSignerHeaders = 32;

}  // namespace usher::filter

// One configuration of one signer.
struct usher_context {
  const usher::filter::SignerContext& answers;
  bool failed = false;  // a mistake was reported
};

// What a scheme says of one call.
struct usher_explain_output {
  std::vector<std::pair<std::string, std::string>>& texts;
};

// One attempt being signed.
struct usher_sign_output {
  usher::http::HeadWriter& writer;
  std::span<const std::string> allowed_names;  // at most kMaxSignerHeaders
  std::string& reason;                         // why it fails, for the log
  std::uint32_t added = 0;                     // positions in allowed_names, as bits
  bool failed = false;
};
