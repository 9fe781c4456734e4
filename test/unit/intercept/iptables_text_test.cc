#include "intercept/iptables_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace usher::intercept {
namespace {

using testing::HasSubstr;
using testing::Not;

RulePlan plan_of(const RuleOptions& options) {
  return plan_rules(options).value();
}

TEST(IptablesText, HasBothFamilies) {
  EXPECT_EQ(iptables_script(plan_of({.ports = {"80,3001-3005"},
                                     .local_ports = {"3004"},
                                     .include = {"10.0.0.0/8,fd00::/8"}})),
            R"(# IPv4: iptables-restore --noflush
*nat
:USHER_OUTPUT - [0:0]
:USHER_PORTS - [0:0]
-A USHER_OUTPUT -m owner --uid-owner 7401 -j RETURN
-A USHER_OUTPUT -d 169.254.0.0/16 -j RETURN
-A USHER_OUTPUT -d 127.0.0.0/8 -p tcp -m multiport --dports 3004 -j REDIRECT --to-ports 7401
-A USHER_OUTPUT -o lo -j RETURN
-A USHER_OUTPUT -d 10.0.0.0/8 -p tcp -j USHER_PORTS
-A USHER_PORTS -p tcp -m multiport --dports 80,3001:3005 -j REDIRECT --to-ports 7401
-I OUTPUT -p tcp -j USHER_OUTPUT
COMMIT
# IPv6: ip6tables-restore --noflush
*nat
:USHER_OUTPUT - [0:0]
:USHER_PORTS - [0:0]
-A USHER_OUTPUT -m owner --uid-owner 7401 -j RETURN
-A USHER_OUTPUT -d fd00:ec2::254 -j RETURN
-A USHER_OUTPUT -d fe80::/10 -j RETURN
-A USHER_OUTPUT -d ::1/128 -p tcp -m multiport --dports 3004 -j REDIRECT --to-ports 7401
-A USHER_OUTPUT -o lo -j RETURN
-A USHER_OUTPUT -d fd00::/8 -p tcp -j USHER_PORTS
-A USHER_PORTS -p tcp -m multiport --dports 80,3001:3005 -j REDIRECT --to-ports 7401
-I OUTPUT -p tcp -j USHER_OUTPUT
COMMIT
)");
}

// Fifteen ports fit into a rule, and a range counts as two.
TEST(IptablesText, SplitsLongLists) {
  const std::string text = iptables_up(
      plan_of({.ports = {"1,3-4,6,8-9,11,13,15,17,19,21,23,25,27,30-31,33,35"}}), false, {});
  EXPECT_THAT(text, HasSubstr(" --dports 1,3:4,6,8:9,11,13,15,17,19,21,23,25,27 -j"));
  EXPECT_THAT(text, HasSubstr(" --dports 30:31,33,35 -j"));
}

TEST(IptablesText, JumpsOnce) {
  const IptablesState there{.jump = true, .chains = true, .made_output = true};
  const std::string text = iptables_up(plan_of({.ports = {"80"}}), false, there);
  EXPECT_THAT(text, Not(HasSubstr("-I OUTPUT")));
  EXPECT_THAT(text, HasSubstr(":USHER_MADE_OUTPUT - [0:0]\n"));
}

constexpr const char* kSaved = R"(*mangle
:USHER_MADE_TABLE - [0:0]
COMMIT
*nat
:OUTPUT ACCEPT [3:180]
:USHER_MADE_OUTPUT - [0:0]
:USHER_OUTPUT - [0:0]
:USHER_PORTS - [0:0]
-A OUTPUT -p tcp -j USHER_OUTPUT
COMMIT
)";

TEST(IptablesText, RemovesWhatIsThere) {
  EXPECT_EQ(iptables_down(iptables_state(kSaved)), R"(*nat
:USHER_OUTPUT - [0:0]
:USHER_PORTS - [0:0]
-D OUTPUT -p tcp -j USHER_OUTPUT
-X USHER_OUTPUT
-X USHER_PORTS
-X USHER_MADE_OUTPUT
COMMIT
)");
  EXPECT_EQ(iptables_down(iptables_state("")), "");
  EXPECT_EQ(iptables_down(iptables_state("*nat\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n")), "");
}

}  // namespace
}  // namespace usher::intercept
