#include "policy/repeatability.h"

#include <gtest/gtest.h>

namespace usher::policy {
namespace {

using http::Method;

TEST(Repeatability, ByMethod) {
  const auto of = [](Method method) {
    return repeatability(method, IdempotentRule::ByMethod, false, true);
  };
  EXPECT_EQ(of(Method::Get), Repeatability::Safe);
  EXPECT_EQ(of(Method::Head), Repeatability::Safe);
  EXPECT_EQ(of(Method::Options), Repeatability::Safe);
  EXPECT_EQ(of(Method::Put), Repeatability::Idempotent);
  EXPECT_EQ(of(Method::Delete), Repeatability::Idempotent);
  // A key alone changes nothing: the owner must be known to honour it.
  EXPECT_EQ(of(Method::Post), Repeatability::Unsafe);
  EXPECT_EQ(of(Method::Patch), Repeatability::Unsafe);
  EXPECT_EQ(of(Method::Other), Repeatability::Unsafe);
}

TEST(Repeatability, ByConfiguration) {
  EXPECT_EQ(repeatability(Method::Post, IdempotentRule::Yes, false, false),
            Repeatability::Idempotent);
  EXPECT_EQ(repeatability(Method::Get, IdempotentRule::Yes, false, false), Repeatability::Safe);
  EXPECT_EQ(repeatability(Method::Post, IdempotentRule::Key, false, true), Repeatability::Keyed);
  EXPECT_EQ(repeatability(Method::Post, IdempotentRule::Key, false, false), Repeatability::Unsafe);
  EXPECT_EQ(repeatability(Method::Get, IdempotentRule::No, false, true), Repeatability::Unsafe);
  EXPECT_EQ(repeatability(Method::Post, IdempotentRule::ByMethod, true, false),
            Repeatability::Safe);
}

TEST(Repeatability, OnlyUnsafeMayNotRepeat) {
  EXPECT_FALSE(may_repeat(Repeatability::Unsafe));
  EXPECT_TRUE(may_repeat(Repeatability::Keyed));
  EXPECT_TRUE(may_repeat(Repeatability::Idempotent));
  EXPECT_TRUE(may_repeat(Repeatability::Safe));
}

}  // namespace
}  // namespace usher::policy
