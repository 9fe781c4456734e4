#include "intercept/rule_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace usher::intercept {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

std::string error_of(const RuleOptions& options) {
  const auto plan = plan_rules(options);
  return plan ? "none" : plan.error();
}

std::string texts(const std::vector<Cidr>& cidrs) {
  std::string text;
  for (const Cidr& cidr : cidrs) text += to_string(cidr) + " ";
  return text;
}

TEST(RulePlan, HasDefaults) {
  const RulePlan plan = plan_rules({.ports = {"80"}}).value();
  EXPECT_EQ(to_string(plan.ports), "80");
  EXPECT_THAT(plan.local_ports, IsEmpty());
  EXPECT_THAT(plan.included, IsEmpty());
  EXPECT_EQ(texts(plan.excluded), "169.254.0.0/16 fd00:ec2::254 fe80::/10 ");
  EXPECT_EQ(plan.uid, 7401U);
  EXPECT_EQ(plan.to, 7401);
}

TEST(RulePlan, TakesOptionsSeveralTimes) {
  const RulePlan plan = plan_rules({.ports = {"80", "3001-3005,81"},
                                    .local_ports = {"9", "8"},
                                    .include = {"10.0.0.0/8,fd00::/8", "11.0.0.0/8"},
                                    .exclude = {"10.1.0.0/16", "fe80::/9"},
                                    .uid = "0",
                                    .to = "9000"})
                            .value();
  EXPECT_EQ(to_string(plan.ports), "80-81,3001-3005");
  EXPECT_EQ(to_string(plan.local_ports), "8-9");
  EXPECT_EQ(texts(plan.included), "10.0.0.0/7 fd00::/8 ");
  EXPECT_EQ(texts(plan.excluded), "10.1.0.0/16 169.254.0.0/16 fd00:ec2::254 fe80::/9 ");
  EXPECT_EQ(plan.uid, 0U);
  EXPECT_EQ(plan.to, 9000);
}

TEST(RulePlan, NeverTakesTheSidecarsOwnPorts) {
  const RulePlan plan = plan_rules({.ports = {"7390-7420"},
                                    .local_ports = {"same"},
                                    .exclude_ports = {"7395-7399"},
                                    .to = "7402",
                                    .own_ports = {7413}})
                            .value();
  EXPECT_EQ(to_string(plan.ports), "7390-7394,7401,7403-7412,7414-7420");
  EXPECT_EQ(plan.local_ports, plan.ports);
}

TEST(RulePlan, NamesTheOptionThatIsWrong) {
  EXPECT_THAT(error_of({.ports = {"x"}}), StartsWith("--ports: \"x\" "));
  EXPECT_THAT(error_of({.ports = {"1"}, .local_ports = {"0"}}), StartsWith("--local-ports: "));
  EXPECT_THAT(error_of({.ports = {"1"}, .local_ports = {"same", "2"}}),
              HasSubstr("\"same\" stands alone"));
  EXPECT_THAT(error_of({.ports = {"1"}, .exclude_ports = {"0"}}), StartsWith("--exclude-ports: "));
  EXPECT_THAT(error_of({.ports = {"1"}, .include = {"a"}}), StartsWith("--include: \"a\" "));
  EXPECT_THAT(error_of({.ports = {"1"}, .exclude = {"1.2.3.4/8"}}), StartsWith("--exclude: "));
  EXPECT_THAT(error_of({.ports = {"1"}, .uid = "root"}), StartsWith("--uid: \"root\"; expected"));
  EXPECT_THAT(error_of({.ports = {"1"}, .uid = "4294967295"}), StartsWith("--uid: "));
  EXPECT_THAT(error_of({.ports = {"1"}, .to = "0"}), StartsWith("--to: \"0\"; expected"));
  EXPECT_THAT(error_of({.ports = {"7400-7401"}}), HasSubstr("nothing is left"));
}

TEST(RulePlan, IsBounded) {
  std::string ports = "1";
  for (std::size_t i = 1; i <= kMaxRanges; ++i) ports += "," + std::to_string(1 + 2 * i);
  EXPECT_EQ(error_of({.ports = {ports}}), "--ports: 513 ranges; expected at most 512");
  EXPECT_EQ(error_of({.ports = {"1"}, .local_ports = {ports}}),
            "--local-ports: 513 ranges; expected at most 512");
}

}  // namespace
}  // namespace usher::intercept
