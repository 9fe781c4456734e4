#include "base/intrusive_list.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace usher {
namespace {

struct AgeHook : ListHook {};
struct NameHook : ListHook {};
struct Person : AgeHook, NameHook {
  explicit Person(int number) : value(number) {}
  int value;
};
struct Plain : ListHook {
  explicit Plain(int number) : value(number) {}
  int value;
};

template <typename T>
std::string drain(IntrusiveList<T>& list) {
  std::string text;
  while (T* item = list.pop_front()) text += std::to_string(item->value);
  return text;
}

TEST(IntrusiveList, KeepsOrder) {
  Plain one(1), two(2), three(3);
  IntrusiveList<Plain> list;
  list.push_back(two);
  list.push_back(three);
  list.push_front(one);
  EXPECT_EQ(list.front(), &one);
  EXPECT_EQ(drain(list), "123");
  EXPECT_TRUE(list.empty());
  EXPECT_EQ(list.front(), nullptr);
  EXPECT_EQ(list.pop_front(), nullptr);
  EXPECT_FALSE(one.linked());
}

TEST(IntrusiveList, ADestroyedObjectLeaves) {
  IntrusiveList<Plain> list;
  Plain one(1);
  auto two = std::make_unique<Plain>(2);
  Plain three(3);
  list.push_back(one);
  list.push_back(*two);
  list.push_back(three);
  two.reset();
  EXPECT_EQ(drain(list), "13");
}

TEST(IntrusiveList, ADestroyedListLetsGo) {
  Plain one(1);
  {
    IntrusiveList<Plain> list;
    list.push_back(one);
    EXPECT_TRUE(one.linked());
  }
  EXPECT_FALSE(one.linked());
  one.unlink();
}

TEST(IntrusiveList, TakesAllOfAnother) {
  Plain one(1), two(2), three(3);
  IntrusiveList<Plain> list;
  IntrusiveList<Plain> other;
  list.push_back(one);
  other.push_back(two);
  other.push_back(three);
  list.take_all(other);
  EXPECT_TRUE(other.empty());
  EXPECT_EQ(drain(list), "123");
}

TEST(IntrusiveList, AnObjectIsInAsManyListsAsItHasHooks) {
  Person one(1), two(2);
  IntrusiveList<Person, AgeHook> by_age;
  IntrusiveList<Person, NameHook> by_name;
  by_age.push_back(one);
  by_age.push_back(two);
  by_name.push_back(two);
  by_name.push_back(one);
  one.AgeHook::unlink();
  EXPECT_EQ(by_age.front(), &two);
  EXPECT_EQ(by_name.pop_front(), &two);
  EXPECT_EQ(by_name.pop_front(), &one);
}

TEST(IntrusiveList, IsWalkedAndCountedInOrder) {
  Person one(1), two(2);
  IntrusiveList<Person, NameHook> list;
  EXPECT_EQ(list.count(), 0u);
  list.push_back(one);
  list.push_front(two);
  std::string seen;
  list.for_each([&](const Person& person) { seen += std::to_string(person.value); });
  EXPECT_EQ(seen, "21");
  EXPECT_EQ(list.count(), 2u);
}

TEST(IntrusiveListDeathTest, AnObjectIsInOneListOfAKind) {
  Plain one(1);
  IntrusiveList<Plain> list;
  IntrusiveList<Plain> other;
  list.push_back(one);
  EXPECT_DEATH(other.push_back(one), "invariant broken");
}

}  // namespace
}  // namespace usher
