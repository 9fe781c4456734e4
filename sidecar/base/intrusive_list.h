// IntrusiveList: links that live in the objects and do not own them. Unlinking needs no search and
// no list.
//
// An object that is destroyed unlinks itself. Thread: the owner's. Cost: two pointers an object, no
// allocation.
#pragma once

#include <cstddef>

#include "base/check.h"

namespace usher {

struct ListHook {
  ListHook* previous = nullptr;
  ListHook* next = nullptr;

  ListHook() = default;
  ListHook(const ListHook&) = delete;
  ListHook& operator=(const ListHook&) = delete;
  ~ListHook() { unlink(); }

  bool linked() const { return next != nullptr; }

  // Nothing happens when it is in no list.
  void unlink() {
    if (!linked()) return;
    previous->next = next;
    next->previous = previous;
    next = previous = nullptr;
  }
};

// T derives from Hook, which derives from ListHook: one Hook type for each list that T can be in.
template <typename T, typename Hook = ListHook>
class IntrusiveList {
 public:
  IntrusiveList() { head_.next = head_.previous = &head_; }
  ~IntrusiveList() {
    while (!empty()) pop_front();
    head_.next = head_.previous = nullptr;
  }

  bool empty() const { return head_.next == &head_; }

  void push_back(T& object) { insert_before(head_, object); }
  void push_front(T& object) { insert_before(*head_.next, object); }

  // Null when empty.
  T* front() { return empty() ? nullptr : owner(head_.next); }
  T* back() { return empty() ? nullptr : owner(head_.previous); }

  // Null when empty.
  T* pop_front() {
    if (empty()) return nullptr;
    T* object = owner(head_.next);
    head_.next->unlink();
    return object;
  }

  // In order; `visit` must not change the list.
  template <typename Visit>
  void for_each(Visit visit) const {
    for (const ListHook* hook = head_.next; hook != &head_; hook = hook->next) {
      visit(*static_cast<const T*>(static_cast<const Hook*>(hook)));
    }
  }

  // Counts one by one.
  std::size_t count() const {
    std::size_t count = 0;
    for (const ListHook* hook = head_.next; hook != &head_; hook = hook->next) ++count;
    return count;
  }

  // Moves all of `other` to the end of this list.
  void take_all(IntrusiveList& other) {
    while (T* object = other.pop_front()) push_back(*object);
  }

 private:
  static T* owner(ListHook* hook) { return static_cast<T*>(static_cast<Hook*>(hook)); }

  static void insert_before(ListHook& position, T& object) {
    ListHook& hook = static_cast<Hook&>(object);
    USHER_CHECK(!hook.linked());
    hook.previous = position.previous;
    hook.next = &position;
    position.previous->next = &hook;
    position.previous = &hook;
  }

  ListHook head_;
};

}  // namespace usher
