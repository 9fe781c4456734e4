#include "explain/signing.h"

#include "filter/signer.h"

namespace usher::explain {
namespace {

usher_host_str host_str(std::string_view text) {
  return {.data = text.data(), .size = text.size()};
}

}  // namespace

Signing explain_signing(const config::Snapshot& snapshot, const route::Endpoint& endpoint,
                        const SignedCall& call) {
  const config::Written& written = snapshot.written;
  const config::WrittenAuth& auth = written.auths[written.endpoints[endpoint.index].auth];
  Signing signing{.scheme = auth.scheme};
  for (const config::WrittenAuth::Member& member : auth.members) {
    if (!member.secret_from.empty()) signing.secrets.emplace_back(member.name, member.secret_from);
  }
  const filter::Signer& signer = *snapshot.signers[endpoint.signer];
  if (auth.lacks_secret) signing.note = "the secret is missing here";
  if (endpoint.signer == 0) {
    if (auth.scheme != "none" && !endpoint.consumer_allowed) {
      signing.note = "not opened, since " + snapshot.consumer + " may not call";
    }
    return signing;
  }
  signing.headers = signer.header_names();
  signing.holds_body = signer.needs_body();
  if (call.consumer != snapshot.consumer) {
    signing.note = "this sidecar signs as " + snapshot.consumer + " alone";
    return signing;
  }
  usher_sign_input input{};
  input.struct_size = sizeof(input);
  input.has_body = call.has_body ? 1 : 0;
  input.consumer = host_str(call.consumer);
  input.method = host_str(call.method);
  input.target = host_str(call.target);
  input.tenant = host_str(call.tenant);
  signing.texts = filter::WorkerSigner(signer).explain(input);
  return signing;
}

}  // namespace usher::explain
