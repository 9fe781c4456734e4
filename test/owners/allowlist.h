// Which services an owner lets in, and to which of its paths (README.md has the table).
#pragma once

#include <string_view>

namespace owners {

// The consumers of an owner, for the HMAC schemes that keep a list.
bool is_consumer(std::string_view owner, std::string_view service);

// auth-service's list for service tokens. `path` is without a query. A pattern that ends in "/*"
// matches whatever starts with the part before it, "/auth/internal/usersX" for ".../users/*" too:
// that is the platform's test.
bool service_token_allows(std::string_view service, std::string_view path);

}  // namespace owners
