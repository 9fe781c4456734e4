#include "config/reference.h"

#include <algorithm>
#include <cstdlib>

#include "base/bytes.h"
#include "config/referenced_file.h"
#include "filter/signer.h"

namespace usher::config {
namespace {

constexpr std::string_view kReferenceWanted = R"({"env": "NAME"} or {"file": "/path"})";

bool is_reference(const Value& value) {
  return value.type == Value::Type::Object && !value.children.empty();
}

// Of the members only those of one form may be there, and as strings.
bool well_formed(const Value& value, bool allow_default) {
  const bool env = value.find("env") != nullptr;
  const std::size_t forms = (env ? 1U : 0U) + (value.find("file") != nullptr ? 1U : 0U);
  const bool with_default = env && allow_default && value.find("default") != nullptr;
  return forms == 1 && value.children.size() == (with_default ? 2U : 1U) &&
         std::all_of(value.children.begin(), value.children.end(), [](const Value& member) {
           const bool may_be_empty = member.name == "default";
           return member.type == Value::Type::String && (may_be_empty || !member.text.empty());
         });
}

// "environment variable NAME" or "file /path".
std::string describe_reference(const Value& value) {
  if (const Value* env = value.find("env")) return "environment variable " + env->text;
  return "file " + value.find("file")->text;
}

// Why a secret is none, and what would be one; empty for a good one.
std::string weakness_of(const Secret& secret) {
  constexpr std::size_t kMinBytes = 32;
  if (is_publicly_known(secret.reveal())) {
    return " is a publicly known placeholder; make one with `openssl rand -hex 32`";
  }
  if (secret.size() >= kMinBytes) return {};
  return " has " + std::to_string(secret.size()) + " bytes; at least " + std::to_string(kMinBytes) +
         " are needed";
}

std::string full_path(const Value& path) {
  return (path.document->directory() / path.text).string();
}

}  // namespace

bool is_publicly_known(std::string_view secret) {
  constexpr std::string_view kPlaceholders[] = {
      "change-in-production", "change-this",    "change-me",      "changeme",
      "default-internal",     "default-secret", "dev-secret",     "internal-service-secret",
      "placeholder",          "replace-me",     "temp-signature", "your-secret",
  };
  std::string folded(secret);
  std::transform(folded.begin(), folded.end(), folded.begin(),
                 [](char c) { return c == '_' || c == ' ' ? '-' : to_lower(c); });
  const bool placeholder =
      std::any_of(std::begin(kPlaceholders), std::end(kPlaceholders),
                  [&](std::string_view text) { return folded.find(text) != std::string::npos; });
  const bool one_character = folded.find_first_not_of(folded.substr(0, 1)) == std::string::npos;
  return placeholder || one_character;
}

std::optional<std::string> References::text(const Value& value, std::string_view key) {
  if (value.type == Value::Type::String) return value.text;
  if (is_reference(value)) return resolve(value, key, For::Text);
  problems_.add(place_of(value), in_quotes(key) + " is " + std::string(describe(value.type)) +
                                     "; expected a string, " + std::string(kReferenceWanted));
  return std::nullopt;
}

std::optional<Secret> References::secret(const Value& value, std::string_view key, int strength,
                                         std::optional<bool> insecure) {
  if (!is_reference(value)) {
    problems_.add(place_of(value), in_quotes(key) +
                                       " is a secret and may not stand in the file; put it in " +
                                       std::string(kReferenceWanted));
    return std::nullopt;
  }
  auto found = resolve(value, key, For::Secret);
  if (!found && needs_secrets_) return std::nullopt;
  if (!found) return Secret(std::string(kStandIn));
  Secret secret(std::move(*found));
  const auto refuse = [&](std::string message) -> std::optional<Secret> {
    report(place_of(value), std::move(message), For::Secret);
    if (needs_secrets_) return std::nullopt;
    return secret.empty() ? Secret(std::string(kStandIn)) : std::move(secret);
  };
  const std::string subject = "the secret in " + describe_reference(value);
  if (secret.empty()) return refuse(subject + " is empty; give it a value");
  const Value* file = value.find("file");
  if (file != nullptr && !insecure.value_or(false)) warn_of_rights(*file);
  const char last = secret.reveal().back();
  if (strength != USHER_SECRET_KEY && (last == ' ' || (last >= '\t' && last <= '\r'))) {
    problems_.warn(place_of(value), subject +
                                        " ends with a blank or a newline, which is signed "
                                        "with; take it away");
  }
  const std::string weakness = weakness_of(secret);
  if (strength == USHER_SECRET_KEY || weakness.empty()) return secret;
  if (!insecure.value_or(false)) {
    return refuse(subject + weakness +
                  (insecure ? R"(, or "insecure": true beside it for development)" : ""));
  }
  problems_.warn(place_of(value),
                 subject + weakness + R"(; "insecure": true lets it pass, for development only)");
  return secret;
}

std::optional<std::string> References::path(const Value& value, std::string_view key) {
  if (value.type != Value::Type::String || value.text.empty()) {
    problems_.add(place_of(value), in_quotes(key) + " is not a path; expected \"/path\"");
    return std::nullopt;
  }
  std::string content;
  std::string error;
  std::string full = full_path(value);
  files_.look_at(full);
  const bool is_read = read_file(full, kMaxFileBytes, content, error);
  if (is_read) files_.add(full, content);
  const Secret wiped(std::move(content));
  if (!is_read) {
    problems_.add(place_of(value), "the file " + full + " " + error);
    return std::nullopt;
  }
  return full;
}

void References::report(Place place, std::string message, For purpose) {
  if (purpose == For::Secret && !needs_secrets_) {
    problems_.warn(place, std::move(message));
  } else {
    problems_.add(place, std::move(message));
  }
}

std::optional<std::string> References::resolve(const Value& value, std::string_view key,
                                               For purpose) {
  const bool allow_default = purpose == For::Text;
  if (!well_formed(value, allow_default)) {
    problems_.add(place_of(value),
                  in_quotes(key) + " is not a reference; expected " +
                      std::string(kReferenceWanted) +
                      (allow_default ? R"(, or {"env": "NAME", "default": "value"})"
                                     : R"( and nothing else; a secret has no default)"));
    return std::nullopt;
  }
  if (const Value* file = value.find("file")) return resolve_file(*file, purpose);
  const std::string& name = value.find("env")->text;
  const char* found = std::getenv(name.c_str());
  if (found != nullptr && *found != '\0') return found;
  const Value* fallback = value.find("default");
  if (fallback != nullptr) return fallback->text;
  report(place_of(value),
         in_quotes(key) + ": environment variable " + name +
             (found == nullptr ? " is not set; set it" : " is empty; give it a value"),
         purpose);
  return std::nullopt;
}

std::optional<std::string> References::resolve_file(const Value& path, For purpose) {
  const std::string full = full_path(path);
  files_.look_at(full);
  auto text = read_referenced(full);
  if (!text) {
    report(place_of(path), "the file " + full + " " + text.error(), purpose);
    return std::nullopt;
  }
  files_.add(full, *text);
  if (text->ends_with('\n')) text->pop_back();
  if (text->ends_with('\r')) text->pop_back();
  return std::move(*text);
}

void References::warn_of_rights(const Value& path) {
  const std::string full = full_path(path);
  if (!is_for_everybody(full)) return;
  problems_.warn(place_of(path), "the file " + full +
                                     " holds a secret and may be read by everybody; take that "
                                     "right away (chmod o-r)");
}

}  // namespace usher::config
