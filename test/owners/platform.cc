#include "platform.h"

#include <algorithm>
#include <stdexcept>

namespace owners {

Schemes default_schemes() {
  return {{"auth", "s2s"},
          {"venue", "venue"},
          {"event", "ticket"},
          {"ticket", "ticket"},
          {"order", "ticket"}};
}

void set_scheme(Schemes& schemes, const std::string& owner, const std::string& scheme) {
  if (std::find(kOwnerNames.begin(), kOwnerNames.end(), owner) == kOwnerNames.end()) {
    throw std::invalid_argument("unknown owner '" + owner + "'");
  }
  if (find_auth_check(scheme) == nullptr) {
    throw std::invalid_argument("unknown scheme '" + scheme + "'");
  }
  schemes[owner] = scheme;
}

Platform::Platform(Secrets secrets, Schemes schemes)
    : start_secrets_(secrets),
      start_schemes_(schemes),
      secrets_(std::move(secrets)),
      schemes_(std::move(schemes)) {}

void Platform::reset() {
  database.reseed();
  faults.clear();
  recorder.clear();
  nonces.clear();
  transfer_cooldown = false;
  const std::lock_guard lock(mutex_);
  secrets_ = start_secrets_;
  schemes_ = start_schemes_;
}

Secrets Platform::secrets() {
  const std::lock_guard lock(mutex_);
  return secrets_;
}

void Platform::change_secrets(const std::string* hmac, const std::string* previous,
                              const std::string* api_key) {
  const std::lock_guard lock(mutex_);
  if (hmac != nullptr) secrets_.hmac = secrets_.standard_hmac = secrets_.service_key = *hmac;
  if (previous != nullptr) secrets_.previous = *previous;
  if (api_key != nullptr) secrets_.api_key = *api_key;
}

std::string Platform::scheme(std::string_view owner) {
  const std::lock_guard lock(mutex_);
  return schemes_.find(owner)->second;
}

Schemes Platform::schemes() {
  const std::lock_guard lock(mutex_);
  return schemes_;
}

void Platform::change_schemes(const Schemes& schemes) {
  const std::lock_guard lock(mutex_);
  schemes_ = schemes;
}

}  // namespace owners
