#include "server/version.h"

#include <openssl/crypto.h>

#include "config/json_reader.h"
#include "http/parser.h"
#include "net/uv_network.h"

namespace usher::server {

std::string version_text() {
  std::string text = std::string("usher ") + kVersion + " (" + USHER_BUILD_TYPE + ")\n";
  text += "libuv " + net::library_version() + "\n";
  text += "llhttp " + http::library_version() + "\n";
  text += "simdjson " + config::library_version() + "\n";
  text += std::string(OpenSSL_version(OPENSSL_VERSION)) + "\n";
  return text;
}

}  // namespace usher::server
