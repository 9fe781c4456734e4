// usher intercept up|down|print, each test in a network namespace of its own: what the kernel, nft
// and iptables say of the rules, and where connections arrive.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <sstream>

#include "support/config.h"
#include "support/process.h"

namespace e2e {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// What scripts call. `rules` is all that nft and iptables know, without the programs' remarks.
constexpr const char* kPrelude = R"(
set -eu
rules() { { nft list ruleset; iptables-save; ip6tables-save; } 2>&1 | grep -v '^#' || true; }
rules >"$D/empty"
others() {
  nft -f - <<'END'
table inet other {
  set usher { type inet_service; elements = { 80 } }
  chain output { type nat hook output priority -100; policy accept; tcp dport @usher return; }
}
END
  for program in iptables ip6tables; do
    $program -t nat -N OTHER
    $program -t nat -A OUTPUT -p tcp --dport 81 -j OTHER
    $program -t filter -A INPUT -p tcp --dport 82 -j DROP
  done
}
)";

// Options with all that rules can have. In a user's own namespace there is but one uid.
constexpr const char* kOptions =
    "--ports 80,3001-3005,65000-65535 --local-ports same --include 10.0.0.0/8,12.0.0.0/6,16.0.0.0/8"
    " --include fd00::/8,ffff:ffff::/32 --exclude 11.0.0.0/8,12.0.0.0/8,0.0.0.0/8 --exclude fd01::1"
    " --exclude-ports 3003 --uid 0 --to 9000";

class InterceptRules : public testing::Test {
 protected:
  void SetUp() override {
    if (status_of("true") != 0) {
      GTEST_SKIP() << "NOT TESTED: no network namespaces here (as root, or with user namespaces)";
    }
    if (status_of("nft --version && iptables --version && ip -V") != 0) {
      GTEST_SKIP() << "NOT TESTED: nft, iptables and ip are needed";
    }
  }

  // In a new namespace; "$U" is the program, "$D" a directory for read().
  int status_of(const std::string& script) const {
    std::vector<std::string> arguments = {"--net", "sh", "-c", script};
    if (::geteuid() != 0) arguments.insert(arguments.begin(), {"--user", "--map-root-user"});
    return Process("/usr/bin/unshare", arguments,
                   {{"U", std::string(USHER_BINARY) + " intercept"},
                    {"D", directory_.path().string()},
                    {"O", kOptions}})
        .wait();
  }

  void run(const std::string& script) const {
    ASSERT_EQ(status_of(kPrelude + script), 0) << script;
  }

  std::string read(const std::string& name) const {
    std::ifstream file(directory_.path() / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  TemporaryDirectory directory_;
};

TEST_F(InterceptRules, AreThoseThatArePrinted) {
  run(R"($U up $O
nft list table inet usher >"$D/up"
$U print $O >"$D/script"
nft delete table inet usher
nft -f "$D/script"
nft list table inet usher >"$D/printed"
nft -f "$D/script"
nft list table inet usher >"$D/again"
)");
  EXPECT_THAT(read("up"), AllOf(HasSubstr("tcp dport @ports redirect to :9000"),
                                HasSubstr("11.0.0.0/8"), HasSubstr("65000-65535")));
  EXPECT_EQ(read("up"), read("printed"));
  EXPECT_EQ(read("up"), read("again"));
}

TEST_F(InterceptRules, AreTheSameAfterASecondUp) {
  run(R"(others
$U up $O
rules >"$D/once"
$U up $O
rules >"$D/twice"
$U up --ports 443
rules >"$D/other"
)");
  EXPECT_THAT(read("once"), HasSubstr("table inet usher"));
  EXPECT_EQ(read("once"), read("twice"));
  EXPECT_THAT(read("other"), AllOf(HasSubstr("443"), Not(HasSubstr("9000"))));
}

TEST_F(InterceptRules, DownLeavesWhatWas) {
  run(R"(others
rules >"$D/before"
$U up $O
$U down
rules >"$D/after"
$U down >"$D/nothing"
rules >"$D/after-nothing"
)");
  EXPECT_THAT(read("before"), AllOf(HasSubstr("table inet other"), HasSubstr("-A INPUT")));
  EXPECT_EQ(read("before"), read("after"));
  EXPECT_EQ(read("before"), read("after-nothing"));
  EXPECT_EQ(read("nothing"), "nothing of usher intercept is here\n");
}

TEST_F(InterceptRules, DownLeavesWhatWasOfIptables) {
  run(R"(others
rules >"$D/before"
$U up $O --format iptables
rules >"$D/once"
$U up $O --format iptables
rules >"$D/twice"
$U up --ports 443 --uid 0 --format iptables
rules >"$D/other"
$U down
rules >"$D/after"
)");
  EXPECT_THAT(read("once"), AllOf(HasSubstr("-A OUTPUT -p tcp -j USHER_OUTPUT"),
                                  HasSubstr("--dports 80,3001:3002,3004:3005,65000:65535")));
  EXPECT_EQ(read("once"), read("twice"));
  EXPECT_THAT(read("other"), AllOf(HasSubstr("443"), Not(HasSubstr("9000"))));
  EXPECT_EQ(read("before"), read("after"));
}

TEST_F(InterceptRules, DownRemovesWhatIsLeftOfChains) {
  run(R"($U up --ports 80 --uid 0 --format iptables
iptables -t nat -F USHER_OUTPUT
iptables -t nat -F USHER_PORTS
iptables -t nat -X USHER_PORTS
ip6tables -t nat -D OUTPUT -p tcp -j USHER_OUTPUT
$U down
rules >"$D/after"
)");
  EXPECT_EQ(read("empty"), read("after"));
}

TEST_F(InterceptRules, ChangeWhileOthersChangeTheirs) {
  run(R"(others
$U up $O
rules >"$D/before"
for i in 1 2 3 4 5 6 7 8 9 10; do
  nft -f - <<'END' &
add table inet noise; delete table inet noise
add table inet noise; delete table inet noise
END
  $U up $O
done
wait
rules >"$D/after"
)");
  EXPECT_EQ(read("before"), read("after"));
}

TEST_F(InterceptRules, DownLeavesNoTableOfIptablesWhereNoneWas) {
  run(R"($U up $O --format iptables
$U up $O --format iptables
$U down
rules >"$D/after"
)");
  EXPECT_EQ(read("empty"), read("after"));
}

TEST_F(InterceptRules, DownLeavesWhatOthersPutIntoTheTableSince) {
  run(R"($U up --ports 80 --uid 0 --format iptables
iptables -t nat -A POSTROUTING -p tcp -j RETURN
$U down
rules >"$D/after"
)");
  EXPECT_THAT(read("after"), AllOf(HasSubstr("-A POSTROUTING -p tcp -j RETURN"),
                                   Not(HasSubstr("USHER")), Not(HasSubstr("chain OUTPUT"))));
}

TEST_F(InterceptRules, OfIptablesAreThoseThatArePrinted) {
  run(R"($U up $O --format iptables
{ iptables-save; ip6tables-save; } | grep -v '^#\|MADE' >"$D/up"
$U down
$U print $O --format iptables >"$D/script"
sed '/^# IPv6/,$d' "$D/script" | iptables-restore --noflush
sed '1,/^# IPv6/d' "$D/script" | ip6tables-restore --noflush
{ iptables-save; ip6tables-save; } | grep -v '^#' >"$D/printed"
)");
  EXPECT_THAT(read("up"), HasSubstr("-A USHER_PORTS"));
  EXPECT_EQ(read("up"), read("printed"));
}

TEST_F(InterceptRules, OfOneFormatReplaceThoseOfTheOther) {
  run(R"($U up $O
rules >"$D/nft"
$U up $O --format iptables
rules >"$D/iptables"
$U up $O
rules >"$D/nft-again"
)");
  EXPECT_THAT(read("iptables"), AllOf(HasSubstr("USHER_OUTPUT"), Not(HasSubstr("inet usher"))));
  EXPECT_EQ(read("nft"), read("nft-again"));
}

TEST_F(InterceptRules, LeaveSomebodyElsesTableOfThatNameAlone) {
  run(R"(nft 'add table inet usher; add chain inet usher theirs'
rules >"$D/before"
! $U up --ports 80 2>"$D/refused"
$U down >"$D/down"
rules >"$D/after"
)");
  EXPECT_THAT(read("refused"), HasSubstr("not of usher intercept; expected none"));
  EXPECT_THAT(read("down"), HasSubstr("left as it is"));
  EXPECT_EQ(read("before"), read("after"));
}

TEST_F(InterceptRules, NeedTheRight) {
  run(R"(! setpriv --bounding-set=-net_admin --inh-caps=-net_admin $U up --ports 80 2>"$D/refused"
rules >"$D/after"
)");
  EXPECT_THAT(read("refused"), AllOf(HasSubstr("CAP_NET_ADMIN is needed"), HasSubstr("sudo")));
  EXPECT_EQ(read("empty"), read("after"));
}

// Calls from this namespace, and where a sidecar at port 7401 would see them come from.
constexpr const char* kCalls = R"(
cat >"$D/calls.py" <<'END'
import os, socket, struct, sys

def listen(family, address):
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, 7401))
    listener.listen()
    return listener

listeners = {socket.AF_INET: listen(socket.AF_INET, "127.0.0.1"),
             socket.AF_INET6: listen(socket.AF_INET6, "::1")}

def original(accepted):
    if accepted.family == socket.AF_INET:
        raw = accepted.getsockopt(socket.SOL_IP, 80, 16)
        return "%s:%d" % (socket.inet_ntop(socket.AF_INET, raw[4:8]), *struct.unpack("!H", raw[2:4]))
    raw = accepted.getsockopt(socket.IPPROTO_IPV6, 80, 28)
    return "[%s]:%d" % (socket.inet_ntop(socket.AF_INET6, raw[8:24]), *struct.unpack("!H", raw[2:4]))

def call(host, port):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as caller:
        caller.settimeout(20)
        try:
            caller.connect((host, port))
        except ConnectionRefusedError:
            return "direct"
        accepted, _ = listeners[family].accept()
        with accepted:
            return original(accepted)

for line in sys.stdin:
    uid, host, port = line.split()
    sys.stdout.flush()
    if os.fork() == 0:
        os.setresuid(int(uid), int(uid), int(uid))
        print(uid, host, port, call(host, int(port)), flush=True)
        os._exit(0)
    os.wait()
END
ip link set lo up
ip link add veth0 type veth peer name veth1
ip link set veth0 up
ip link set veth1 up
ip addr add 10.77.0.2/24 dev veth0
ip addr add fd77::2/64 dev veth0 nodad
# Whatever is not redirected is refused.
nft -f - <<'END'
table inet refuse {
  chain output {
    type filter hook output priority 0
    oif "veth0" ip daddr 10.77.0.0/24 meta l4proto tcp reject with tcp reset
    oif "veth0" ip6 daddr fd77::/64 meta l4proto tcp reject with tcp reset
  }
}
END
)";

constexpr const char* kCallList = R"(cat >"$D/list" <<'END'
1000 10.77.0.1 3004
1000 fd77::1 3004
1000 10.77.0.1 3006
1000 10.77.0.9 3004
1000 127.0.0.1 3004
1000 127.0.0.5 3004
1000 ::1 3004
1000 127.0.0.1 3006
1000 10.77.0.2 3004
1000 fd77::2 3004
7401 10.77.0.1 3004
7401 fd77::1 3004
7401 127.0.0.1 3004
7401 ::1 3004
END
)";

constexpr const char* kArrivals = R"(1000 10.77.0.1 3004 10.77.0.1:3004
1000 fd77::1 3004 [fd77::1]:3004
1000 10.77.0.1 3006 direct
1000 10.77.0.9 3004 direct
1000 127.0.0.1 3004 127.0.0.1:3004
1000 127.0.0.5 3004 127.0.0.5:3004
1000 ::1 3004 [::1]:3004
1000 127.0.0.1 3006 direct
1000 10.77.0.2 3004 direct
1000 fd77::2 3004 direct
7401 10.77.0.1 3004 direct
7401 fd77::1 3004 direct
7401 127.0.0.1 3004 direct
7401 ::1 3004 direct
)";

class InterceptedCalls : public InterceptRules, public testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    InterceptRules::SetUp();
    if (::geteuid() != 0) GTEST_SKIP() << "NOT TESTED: only root can call as several users";
  }
};

TEST_P(InterceptedCalls, ArriveWithWhereTheyWereTo) {
  const std::string format = std::string(" --format ") + GetParam();
  run(std::string(kCalls) + kCallList +
      "$U up --ports 3001-3005 --local-ports same --exclude 10.77.0.9" + format +
      "\npython3 $D/calls.py <$D/list >$D/captured\n"
      "$U up --ports 3001-3005" +
      format +
      "\ngrep '127.0.0.1\\|::1' $D/list | python3 $D/calls.py >$D/without-local\n"
      "$U down\npython3 $D/calls.py <$D/list >$D/without\n");
  EXPECT_EQ(read("captured"), kArrivals);
  EXPECT_THAT(read("without-local"),
              AllOf(HasSubstr("1000 127.0.0.1 3004 direct\n"), HasSubstr("1000 ::1 3004 direct\n"),
                    HasSubstr("1000 fd77::1 3004 [fd77::1]:3004\n")));
  EXPECT_THAT(read("without"), HasSubstr("10.77.0.1 3004 direct"));
  std::istringstream lines(read("without"));
  for (std::string line; std::getline(lines, line);) EXPECT_THAT(line, testing::EndsWith("direct"));
}

INSTANTIATE_TEST_SUITE_P(Formats, InterceptedCalls, testing::Values("nft", "iptables"),
                         [](const auto& format) { return std::string(format.param); });

}  // namespace
}  // namespace e2e
