#include "config/fallback_settings.h"

#include "config/option_readers.h"
#include "config/units.h"
#include "http/head_writer.h"

namespace usher::config {
namespace {

constexpr std::size_t kMaxBodyBytes = 64 * 1024;

// RFC 9110 §15.3.5, §15.3.6 and §15.4.5.
bool has_body(int status) {
  return status != 204 && status != 205 && status != 304;
}

void read_content_type(ObjectReader& reader, policy::Fallback& fallback) {
  constexpr std::string_view kWanted = "a media type such as \"text/plain\"";
  const std::string* type = reader.text("content_type", kWanted);
  if (type == nullptr) return;
  if (type->find('/') != std::string::npos && http::is_field_value(*type)) {
    fallback.content_type = *type;
  } else {
    reader.wrong(*reader.find("content_type"), "content_type", kWanted);
  }
}

void read_body(ObjectReader& reader, policy::Fallback& fallback, Problems& problems) {
  if (!has_body(fallback.status)) {
    fallback.content_type.clear();
    for (const std::string_view key : {"body", "content_type"}) {
      if (const Value* member = reader.find(key)) {
        problems.add(reader.place_of(*member),
                     in_quotes(key) + " has no effect, since an answer with status " +
                         std::to_string(fallback.status) +
                         " has no body; leave it out or choose another status");
      }
    }
    return;
  }
  const Value* body = reader.require("body");
  if (body == nullptr) return;
  const bool is_text = body->type == Value::Type::String;
  if (is_text && reader.find("content_type") == nullptr) {
    problems.add(reader.place_of(*body),
                 "\"body\" is a string, which is sent as it is; write its \"content_type\" beside "
                 "it");
  }
  fallback.body = is_text ? body->text : compact_json(*body);
  if (fallback.body.size() > kMaxBodyBytes) {
    problems.add(reader.place_of(*body), "\"body\" is longer than " + format_size(kMaxBodyBytes) +
                                             "; choose a shorter answer");
  }
}

}  // namespace

std::optional<policy::Fallback> read_fallback(ObjectReader& endpoint, Problems& problems) {
  const Value* member = endpoint.find("fallback");
  if (member == nullptr) return std::nullopt;
  ObjectReader reader(*member, Scope::Fallback, problems);
  policy::Fallback fallback;
  set(fallback.status, reader.integer("status", 200, 599));
  read_content_type(reader, fallback);
  read_body(reader, fallback, problems);
  set(fallback.on, read_statuses(reader, "on", 500, 599));
  return fallback;
}

}  // namespace usher::config
