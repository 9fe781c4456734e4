// Platform is what the five owners share: data, secrets, schemes, faults and records.
//
// Owner:  main().   Thread: any.
#pragma once

#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "auth.h"
#include "database.h"
#include "faults.h"
#include "recorder.h"

namespace owners {

inline constexpr std::array<std::string_view, 5> kOwnerNames = {"auth", "venue", "event", "ticket",
                                                                "order"};

// Scheme per owner.
using Schemes = std::map<std::string, std::string, std::less<>>;

// The seed-time schemes.
Schemes default_schemes();

// Throws std::invalid_argument when the owner or the scheme is unknown.
void set_scheme(Schemes& schemes, const std::string& owner, const std::string& scheme);

class Platform {
 public:
  // Throws std::runtime_error when SQLite refuses the seed.
  Platform(Secrets secrets, Schemes schemes);

  // Everything as it was after the start.
  void reset();

  Secrets secrets();
  // Null: stays as it is.
  void change_secrets(const std::string* hmac, const std::string* previous,
                      const std::string* api_key);

  std::string scheme(std::string_view owner);
  Schemes schemes();
  void change_schemes(const Schemes& schemes);

  Database database;
  Faults faults;
  Recorder recorder;
  NonceStore nonces;
  std::atomic<bool> transfer_cooldown = false;

 private:
  const Secrets start_secrets_;
  const Schemes start_schemes_;
  std::mutex mutex_;  // guards what follows
  Secrets secrets_;
  Schemes schemes_;
};

}  // namespace owners
