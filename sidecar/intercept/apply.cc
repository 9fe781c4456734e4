#include "intercept/apply.h"

#include "intercept/iptables.h"
#include "intercept/nft.h"

namespace usher::intercept {
namespace {

constexpr const char* kNotOurs =
    "table inet usher has no chain \"intercept\", so it is not of usher intercept: left as it is";

Report put_iptables(const RulePlan& plan) {
  if (!has_iptables()) {
    return tl::unexpected<std::string>(
        "no iptables-restore and ip6tables-restore (with iptables-save and ip6tables-save) in "
        "$PATH, /usr/sbin or /sbin");
  }
  const auto put = iptables_put(plan);
  if (!put) return tl::unexpected(put.error());
  // What an earlier one left in nf_tables would redirect too; a kernel without it has none.
  (void)nft_remove();
  return "iptables: chains USHER_OUTPUT and USHER_PORTS of table nat";
}

// nf_tables has the rules; what an earlier up() left in iptables goes.
std::string after_nft() {
  std::string report = "nftables: table inet usher";
  if (!has_iptables()) return report;
  const auto removed = iptables_remove();
  if (!removed) return report + " (whether iptables has an earlier one: " + removed.error() + ")";
  return report + (*removed ? ", instead of iptables' chains" : "");
}

// `found` says what there was.
tl::expected<void, std::string> remove_nft(std::string& found, bool needed) {
  const auto removal = nft_remove();
  if (!removal) {
    if (removal.error().unsupported && !needed) return {};
    return tl::unexpected(removal.error().text);
  }
  if (*removal == NftRemoval::Removed) found += "nftables: table inet usher removed";
  if (*removal == NftRemoval::NotOurs) found += kNotOurs;
  return {};
}

}  // namespace

Report up(const RulePlan& plan, std::optional<Format> format) {
  if (format == Format::Iptables) return put_iptables(plan);
  const auto put = nft_put(plan);
  if (put) return after_nft();
  if (format == Format::Nft || !put.error().unsupported) {
    return tl::unexpected(put.error().text);
  }
  Report fallback = put_iptables(plan);
  if (fallback) return fallback;
  return tl::unexpected(put.error().text + "; instead: " + fallback.error());
}

Report down(std::optional<Format> format) {
  std::string found;
  if (format != Format::Iptables) {
    const auto done = remove_nft(found, format == Format::Nft);
    if (!done) return tl::unexpected(done.error());
  }
  if (format != Format::Nft && has_iptables()) {
    const auto removed = iptables_remove();
    if (!removed) return tl::unexpected(removed.error());
    if (*removed) found += std::string(found.empty() ? "" : "; ") + "iptables: chains removed";
  }
  return found.empty() ? "nothing of usher intercept is here" : found;
}

}  // namespace usher::intercept
