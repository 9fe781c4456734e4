// Signing: what a call's attempts would be signed with. Never a secret, nor anything computed with
// one.
//
// Thread: any; opens a signer of its own.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "config/snapshot.h"

namespace usher::explain {

struct Signing {
  std::string scheme;
  std::vector<std::string> headers{};  // that it adds
  // What is signed, by name ("payload"), with this call's values; what differs from attempt to
  // attempt in braces.
  std::vector<std::pair<std::string, std::string>> texts{};
  // By member of "auth": "environment variable NAME", "file PATH".
  std::vector<std::pair<std::string, std::string>> secrets{};
  bool holds_body = false;  // the signature covers the body
  std::string note{};       // why less is said than could be
};

struct SignedCall {
  std::string_view consumer;
  std::string_view method;
  std::string_view target;  // as the owner reads it
  std::string_view tenant;
  bool has_body = false;
};

Signing explain_signing(const config::Snapshot& snapshot, const route::Endpoint& endpoint,
                        const SignedCall& call);

}  // namespace usher::explain
