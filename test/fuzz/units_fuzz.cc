// The small texts of the configuration: durations, sizes, addresses. What is read can be written
// and reads the same again; an owner's address makes a Host field that any server takes.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "common/encoding.h"
#include "config/address.h"
#include "config/units.h"
#include "http/target.h"
#include "service_jwt/duration.h"

namespace {

using namespace usher::config;

void check_units(std::string_view text) {
  if (const auto duration = parse_duration(text)) {
    USHER_CHECK(duration->count() >= 0 &&
                *duration % std::chrono::milliseconds(1) == usher::Duration(0));
    USHER_CHECK(parse_duration(format_duration(*duration)) == duration);
    const auto by_plugin = usher::plugins::parse_duration_ms(text);
    USHER_CHECK(!by_plugin || std::chrono::milliseconds(*by_plugin) == *duration);
  }
  if (const auto size = parse_size(text)) {
    USHER_CHECK(parse_size(format_size(*size)) == size);
  }
  if (const auto ms = usher::plugins::parse_duration_ms(text)) USHER_CHECK(*ms >= 0);
}

bool is_clean(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

void check_listen_address(std::string_view text) {
  const auto address = parse_listen_address(text);
  if (!address) {
    USHER_CHECK(!address.error().empty() && is_clean(address.error()));
    return;
  }
  USHER_CHECK(address->text == text && address->host.empty() != address->unix_path.empty());
  USHER_CHECK(address->unix_path.find('\0') == std::string::npos);
  const bool is_unix = !address->unix_path.empty();
  USHER_CHECK(clash(*address, *address) == (is_unix || address->port != 0));
  if (is_unix) return;
  const bool is_v6 = address->host.find(':') != std::string::npos;
  const std::string host = is_v6 ? "[" + address->host + "]" : address->host;
  USHER_CHECK(usher::http::is_authority(host + ":" + std::to_string(address->port)));
  for (const char* other : {"127.0.0.1:80", "[::]:80", "localhost:80", "unix:/a"}) {
    const auto parsed = parse_listen_address(other);
    USHER_CHECK(clash(*address, *parsed) == clash(*parsed, *address));
  }
}

void check_owner_address(std::string_view text) {
  const auto address = parse_owner_address(text);
  if (!address) {
    USHER_CHECK(!address.error().empty() && is_clean(address.error()));
    return;
  }
  USHER_CHECK(address->port != 0 && usher::http::is_authority(address->authority));
  const auto again = parse_owner_address("http://" + address->authority);
  USHER_CHECK(again && again->host == address->host && again->port == address->port);
}

void check_base64(std::string_view text) {
  const auto decoded = usher::plugins::base64_decode(text);
  if (!decoded) return;
  std::string encoded((decoded->size() + 2) / 3 * 4, '\0');
  const auto* const bytes = reinterpret_cast<const std::uint8_t*>(decoded->data());
  const char* const end = usher::plugins::write_base64({bytes, decoded->size()}, encoded.data());
  USHER_CHECK(end == encoded.data() + encoded.size());
  USHER_CHECK(usher::plugins::base64_decode(encoded) == decoded);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_units(text);
  check_listen_address(text);
  check_owner_address(text);
  check_base64(text);
  return 0;
}
