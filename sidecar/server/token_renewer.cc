#include "server/token_renewer.h"

#include <algorithm>

#include "base/log.h"

namespace usher::server {

void TokenRenewer::renew_due() {
  Duration sleep = kLongestSleep;
  bool is_needed = false;
  const std::int64_t now_ms = network_->wall_ms();
  for (const auto& signer : snapshot_->signers) {
    std::int64_t renew_at = signer->renew_at();
    if (renew_at == 0) continue;
    is_needed = true;
    if (renew_at <= now_ms) {
      if (!signer->renew(now_ms)) {
        LogLine(LogLevel::Error, "a token could not be renewed").field("scheme", signer->scheme());
        sleep = std::min(sleep, kRetry);
        continue;
      }
      renew_at = signer->renew_at();
    }
    sleep = std::min<Duration>(
        sleep, std::chrono::milliseconds(std::max<std::int64_t>(renew_at - now_ms, 10)));
  }
  if (is_needed) network_->arm(timer_, network_->now() + sleep);
}

}  // namespace usher::server
