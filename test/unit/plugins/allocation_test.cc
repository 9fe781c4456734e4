// Signing allocates nothing: operator new is counted for the whole program.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include <usher/builtin.h>
#include "support/fake_plugin_host.h"

namespace {
std::atomic<uint64_t> allocations{0};
}

void* operator new(size_t size, const std::nothrow_t&) noexcept {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return std::malloc(size);
}
void* operator new(size_t size) {
  if (void* const memory = operator new(size, std::nothrow)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}

namespace usher::test {
namespace {

uint64_t allocations_per_signature(std::string_view config, const char* body) {
  FakePluginHost host;
  host.secrets["secret"] = std::string(32, 's');
  host.keep_headers = false;
  FakeSigner signer(host, usher_plugin_hmac_v1(), config, "transfer-service");
  EXPECT_TRUE(signer.configured()) << host.error_text();
  const usher_sign_input input =
      sign_input("transfer-service", "POST", "/internal/tickets/1/transfer", body, 1768210800000);
  signer.sign(input);  // the first one may take memory to keep
  const uint64_t before = allocations.load();
  signer.sign(input);
  return allocations.load() - before;
}

TEST(Allocation, NoneWithoutABody) {
  EXPECT_EQ(allocations_per_signature(R"({"scheme":"hmac","preset":"ticket","secret":{"env":"S"}})",
                                      nullptr),
            0u);
}

TEST(Allocation, NoneForABodyOnceTheWorkerIsWarm) {
  EXPECT_EQ(
      allocations_per_signature(R"({"scheme":"hmac","preset":"standard","secret":{"env":"S"}})",
                                R"({"n": 1.0, "10": "\u00fc", "2": [1, {"a": null}]})"),
      0u);
}

}  // namespace
}  // namespace usher::test
