#include "intercept/nft_text.h"

#include <gtest/gtest.h>

namespace usher::intercept {
namespace {

TEST(NftText, RedirectsPortsEverywhere) {
  EXPECT_EQ(nft_script(plan_rules({.ports = {"3001-3005,80"}}).value()), R"(table inet usher {
}
delete table inet usher
table inet usher {
  set exclude4 {
    type ipv4_addr
    flags interval
    elements = { 169.254.0.0/16 }
  }
  set exclude6 {
    type ipv6_addr
    flags interval
    elements = { fd00:ec2::254, fe80::/10 }
  }
  set ports {
    type inet_service
    flags interval
    elements = { 80, 3001-3005 }
  }
  chain intercept {
    type nat hook output priority -100; policy accept;
    meta skuid 7401 return
    ip daddr @exclude4 return
    ip6 daddr @exclude6 return
    oif "lo" return
    tcp dport @ports redirect to :7401
  }
}
)");
}

std::string chain_of(const RuleOptions& options) {
  const std::string script = nft_script(plan_rules(options).value());
  const std::size_t begin = script.find("    meta skuid");
  return script.substr(begin, script.find("  }\n", begin) - begin);
}

TEST(NftText, RedirectsLoopbackBeforeItIsLeftAlone) {
  EXPECT_EQ(chain_of({.ports = {"80"}, .local_ports = {"3004"}, .uid = "1000", .to = "9"}),
            R"(    meta skuid 1000 return
    ip daddr @exclude4 return
    ip6 daddr @exclude6 return
    ip daddr 127.0.0.0/8 tcp dport @local_ports redirect to :9
    ip6 daddr ::1 tcp dport @local_ports redirect to :9
    oif "lo" return
    tcp dport @ports redirect to :9
)");
}

TEST(NftText, RedirectsIncludedRangesAlone) {
  EXPECT_EQ(chain_of({.ports = {"80"}, .include = {"10.0.0.0/8"}}), R"(    meta skuid 7401 return
    ip daddr @exclude4 return
    ip6 daddr @exclude6 return
    oif "lo" return
    ip daddr @include4 tcp dport @ports redirect to :7401
)");
}

}  // namespace
}  // namespace usher::intercept
