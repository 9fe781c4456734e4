#include "base/zeroed_array.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <vector>

namespace usher {
namespace {

constexpr std::size_t kSize = 1 << 20;

std::ptrdiff_t resident_pages(ZeroedArray<std::uint64_t>& array) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> pages(array.size() * sizeof(std::uint64_t) / page);
  EXPECT_EQ(::mincore(&array[0], array.size() * sizeof(std::uint64_t), pages.data()), 0);
  return std::count_if(pages.begin(), pages.end(), [](unsigned char bits) { return bits & 1; });
}

TEST(ZeroedArray, IsZeroAtFirst) {
  ZeroedArray<std::atomic<std::uint64_t>> array(kSize);
  ASSERT_EQ(array.size(), kSize);
  for (std::size_t i = 0; i < kSize; i += 100) ASSERT_EQ(array[i].load(), 0U);
  array[kSize - 1].store(5);
  EXPECT_EQ(array[kSize - 1].load(), 5U);
}

TEST(ZeroedArray, CostsMemoryWhereItWasTouched) {
  ZeroedArray<std::uint64_t> array(kSize);
  EXPECT_EQ(resident_pages(array), 0);
  array[kSize / 2] = 1;
  array[kSize - 1] = 1;
  EXPECT_EQ(resident_pages(array), 2);
}

TEST(ZeroedArray, MayBeEmpty) {
  const ZeroedArray<int> array(0);
  EXPECT_EQ(array.size(), 0U);
}

}  // namespace
}  // namespace usher
