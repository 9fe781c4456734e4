// `usher intercept`: rules that come, stay, and go without a trace.
#include "intercept/pod.h"

namespace e2e {
namespace {

constexpr auto kForeignTable = R"(table inet foreign {
  set names { type inet_service; elements = { 9999, 9998 } }
  chain out {
    type nat hook output priority -90; policy accept;
    tcp dport @names counter redirect to :1
  }
}
table ip filter {
  chain input { type filter hook input priority 0; policy accept; }
}
)";

class InterceptRules : public InterceptTest {
 protected:
  void succeed(const std::string& words) const {
    const Finished finished = intercept(words);
    EXPECT_EQ(finished.status, 0) << "intercept " << words << ": " << finished.err;
  }
  // All rules of the pod; without what packets change in them.
  std::string nft_rules() const {
    return in_pod("nft list ruleset | sed -E 's/packets [0-9]+ bytes [0-9]+/packets 0 bytes 0/'");
  }
  std::string iptables_rules() const {
    const std::string calm = R"( | sed -E -e '/^#/d' -e 's/\[[0-9]+:[0-9]+\]/[0:0]/g')";
    return in_pod("iptables-save" + calm) + in_pod("ip6tables-save" + calm);
  }
  void add_foreign_table() const {
    in_pod("nft -f - <<'END'\n" + std::string(kForeignTable) + "END");
  }
  // Whom a call to the owner reaches: the sidecar or, directly, the owner.
  bool is_intercepted(const std::string& address) const {
    return call(address, kTicketPort, ticket_status()).fields.has("Usher-Endpoint");
  }
  void expect_intercepted(bool expected) const {
    for (const Route& route : routes()) {
      EXPECT_EQ(is_intercepted(route.address), expected) << route.name;
    }
  }
};

constexpr auto kUp = "up --ports 3004-3005,5432,7000 --local-ports 3004,3005";

TEST_F(InterceptRules, UpAgainChangesNothingDownFreesAndUpServesAgain) {
  start_sidecar();
  const Service echoes(peer(), kEchoPort, echo);
  expect_intercepted(false);
  succeed(kUp);
  const std::string once = nft_rules();
  expect_intercepted(true);
  const Socket open = connect(kPeer4, kEchoPort);
  open.write("a");
  EXPECT_EQ(open.read(), "a");
  succeed(kUp);
  EXPECT_EQ(nft_rules(), once);
  open.write("b");
  EXPECT_EQ(open.read(), "b") << "an open connection did not outlive the second up";
  expect_intercepted(true);
  succeed("down");
  expect_intercepted(false);
  succeed(kUp);
  expect_intercepted(true);
  EXPECT_EQ(nft_rules(), once);
}

TEST_F(InterceptRules, OtherWordsReplaceTheRules) {
  start_sidecar();
  succeed("up --ports 80");
  expect_intercepted(false);
  succeed(kUp);
  expect_intercepted(true);
  succeed("up --ports 80");
  expect_intercepted(false);
}

TEST_F(InterceptRules, WithoutPortsThoseOfTheConfigurationAreTaken) {
  start_sidecar();
  const TemporaryDirectory directory;
  pod_config().write(directory);
  succeed("up --config " + directory.path().string());
  expect_intercepted(true);
  const Service echoes(peer(), kEchoPort, echo);
  const Socket unlisted = connect(kPeer4, kEchoPort);
  unlisted.write("x");
  EXPECT_EQ(unlisted.read(), "x");
  EXPECT_EQ(metric("usher_consumer_connections_opened_total"), routes().size());
  succeed("up --local-ports same --config " + directory.path().string());
  expect_ticket_status(call("127.0.0.1", kTicketPort, ticket_status()));
}

TEST_F(InterceptRules, DownLeavesTheRulesetAsItWas) {
  EXPECT_EQ(in_pod("nft list ruleset"), "");
  succeed("down");
  EXPECT_EQ(in_pod("nft list ruleset"), "") << "down without up";
  succeed(kUp);
  succeed("down");
  EXPECT_EQ(in_pod("nft list ruleset"), "");

  add_foreign_table();
  const std::string before = in_pod("nft list ruleset");
  succeed(kUp);
  const std::string between = nft_rules();
  EXPECT_NE(between, before);
  EXPECT_NE(between.find("foreign"), between.npos);
  succeed(kUp);
  succeed("down");
  EXPECT_EQ(in_pod("nft list ruleset"), before);
  succeed("down");
  EXPECT_EQ(in_pod("nft list ruleset"), before);
}

TEST_F(InterceptRules, DownLeavesIptablesAsTheyWere) {
  if (!has_program("iptables-save")) GTEST_SKIP() << "no iptables";
  for (const std::string tool : {"iptables", "ip6tables"}) {
    in_pod(tool + " -t nat -N FOREIGN && " + tool +
           " -t nat -A FOREIGN -p tcp --dport 9999 -j RETURN");
    in_pod(tool + " -t nat -A OUTPUT -p tcp -j FOREIGN && " + tool +
           " -A INPUT -p tcp --dport 1 -j DROP");
  }
  const std::string before = iptables_rules();
  start_sidecar();
  const std::string up = std::string(kUp) + " --format iptables";
  succeed(up);
  const std::string once = iptables_rules();
  EXPECT_NE(once, before);
  expect_intercepted(true);
  succeed(up);
  EXPECT_EQ(iptables_rules(), once);
  expect_intercepted(true);
  for (int i = 0; i < 2; ++i) {
    succeed("down --format iptables");
    EXPECT_EQ(iptables_rules(), before);
  }
  expect_intercepted(false);
}

TEST_F(InterceptRules, RangesAreLeftOutOrTakenAlone) {
  start_sidecar();
  for (const std::string format : {"nft", "iptables"}) {
    if (!has_program(format)) continue;
    const std::string up = std::string(kUp) + " --format " + format;
    succeed(up + " --exclude 10.77.0.0/24 --exclude fd77::1");
    EXPECT_FALSE(is_intercepted(kPeer4)) << format;
    EXPECT_FALSE(is_intercepted(kPeer6)) << format;
    EXPECT_TRUE(is_intercepted(kCluster4)) << format;
    succeed(up + " --include 10.77.0.0/24 --include fd77::/64");
    EXPECT_TRUE(is_intercepted(kPeer4)) << format;
    EXPECT_TRUE(is_intercepted(kPeer6)) << format;
    EXPECT_FALSE(is_intercepted(kCluster4)) << format;
    succeed("down --format " + format);
  }
}

TEST_F(InterceptRules, PrintNeedsNoRightsAndPrintsWhatUpDoes) {
  add_foreign_table();
  succeed(kUp);
  const std::string up = nft_rules();
  succeed("down");
  const std::string words = std::string(USHER_BINARY) + " intercept print" + (kUp + 2);
  // As a user without any right, in what it may read.
  in_pod(
      "setpriv --reuid=1000 --regid=1000 --clear-groups --inh-caps=+dac_read_search"
      " --ambient-caps=+dac_read_search " +
      words + " --format nft | nft -f -");
  EXPECT_EQ(nft_rules(), up);
}

TEST_F(InterceptRules, UpWithoutRightsFailsAndChangesNothing) {
  add_foreign_table();
  const std::string before = nft_rules();
  const Within scope(pod());
  const Finished up = run({"setpriv", "--reuid=1000", "--regid=1000", "--clear-groups",
                           "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search",
                           USHER_BINARY, "intercept", "up", "--ports", "3004"});
  EXPECT_NE(up.status, 0);
  EXPECT_NE(up.err, "");
  EXPECT_EQ(nft_rules(), before);
}

}  // namespace
}  // namespace e2e
