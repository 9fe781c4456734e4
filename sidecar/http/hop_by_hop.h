// Which fields end at Usher: hop-by-hop ones, those that Connection names, and those that only
// Usher may send.
//
// Source: RFC 9110 §7.6.1. The order matters (Traefik CVE-2024-45410, Apache CVE-2022-31813): first
// read Connection, then drop, then refuse a Connection that names a field a security decision rests
// on, and only then add our own.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "http/message.h"

namespace usher::http {

// The names that a message's Connection fields list, lower or upper case as sent. At most kMax:
// more is refused.
class ConnectionOptions {
 public:
  static constexpr std::size_t kMax = 16;

  // Errors: BadRequest when there are more than kMax, one is not a token, or one names a field that
  // must not be dropped on a consumer's word (Host, Content-Length, Authorization, X-Tenant-ID, …:
  // is_nominable() in the .cc).
  Status read(const Fields& fields);

  bool contains(std::string_view name) const;  // without case
  bool close() const { return close_; }
  bool keep_alive() const { return keep_alive_; }
  bool empty() const { return size_ == 0; }  // nothing but close, keep-alive
  std::size_t size() const { return size_; }
  std::string_view operator[](std::size_t i) const { return {names_[i].data, names_[i].size}; }

 private:
  Status add(std::string_view name);

  // A string_view that nobody clears: only the first size_ are ever read.
  struct Name {
    const char* data;
    std::size_t size;
  };
  std::array<Name, kMax> names_;  // without close and keep-alive
  std::size_t size_ = 0;
  bool close_ = false;
  bool keep_alive_ = false;
};

// An upgrade is not granted. Where the consumer could only go on as plain HTTP/1.1 without one
// (h2c, HTTP/…, TLS/…: curl and Java offer them with every call) it is not even mentioned, as RFC
// 9110 §7.8 lets a server do; a consumer that wants another protocol, say websocket, would wait for
// it on a connection that stays HTTP, and is told.
//
// Errors: BadRequest where Upgrade, nominated by Connection, lists any other protocol.
Status check_upgrade(const RequestHead& head, const ConnectionOptions& connection);

// True for a request field that may go on to the owner as it is. Context fields (tenant, trace, …)
// are not "as it is": policy/request_context writes those. Names with '_' do not pass.
bool passes_to_owner(const Field& field, const ConnectionOptions& connection);

// True for a response field that may go on to the consumer. `x-internal-*` and the like do not
// pass.
bool passes_to_consumer(const Field& field, const ConnectionOptions& connection);

}  // namespace usher::http
