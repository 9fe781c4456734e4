#include "base/secret.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <new>
#include <type_traits>

namespace usher {
namespace {

// Neither printed nor turned into text by accident.
template <typename T>
concept Printable = requires(std::ostream& out, const T& value) {
  out << value;
};
static_assert(!Printable<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string>);
static_assert(!std::is_convertible_v<Secret, std::string_view>);

const std::string kShort = "s3cret";
const std::string kLong(100, 'k');

TEST(Secret, Reveals) {
  EXPECT_EQ(Secret(std::string(kLong)).reveal(), kLong);
  EXPECT_EQ(Secret(std::string(kShort)).size(), kShort.size());
  EXPECT_TRUE(Secret().empty());
}

TEST(Secret, WipesWhatItIsMadeOf) {
  for (const std::string& text : {kShort, kLong}) {
    std::string source = text;
    const char* bytes = source.data();
    const Secret secret(std::move(source));
    EXPECT_EQ(std::count(bytes, bytes + text.size(), '\0'),
              static_cast<std::ptrdiff_t>(text.size()));
  }
}

TEST(Secret, WipesWhatItMovesFrom) {
  for (const std::string& text : {kShort, kLong}) {
    Secret from{std::string(text)};
    const char* bytes = from.reveal().data();
    const Secret to(std::move(from));
    EXPECT_EQ(to.reveal(), text);
    EXPECT_EQ(std::count(bytes, bytes + text.size(), '\0'),
              static_cast<std::ptrdiff_t>(text.size()));
  }
}

TEST(Secret, WipesWhatIsAssignedOver) {
  Secret target{std::string(kLong)};
  const char* bytes = target.reveal().data();
  const Secret other{std::string("x")};
  target = other;
  EXPECT_EQ(target.reveal(), "x");
  EXPECT_EQ(std::count(bytes + 1, bytes + kLong.size(), '\0'),
            static_cast<std::ptrdiff_t>(kLong.size() - 1));
  const Secret& same = target;
  target = same;
  EXPECT_EQ(target.reveal(), "x");
}

// A short secret lies within the object, so that its bytes can be looked at afterwards.
TEST(Secret, WipesItselfAtItsEnd) {
  alignas(Secret) unsigned char memory[sizeof(Secret)];
  auto* secret = new (memory) Secret(std::string(kShort));
  const auto at = reinterpret_cast<const unsigned char*>(secret->reveal().data()) - memory;
  ASSERT_TRUE(at >= 0 && static_cast<std::size_t>(at) < sizeof(memory));
  std::destroy_at(secret);
  const volatile unsigned char* bytes = memory + at;
  for (std::size_t i = 0; i < kShort.size(); ++i) EXPECT_EQ(bytes[i], 0);
}

}  // namespace
}  // namespace usher
