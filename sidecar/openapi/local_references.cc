#include "openapi/local_references.h"

#include <string>

#include "base/bytes.h"
#include "openapi/json_tree.h"

namespace usher::openapi {
namespace {

// One reference may lead to another; honest documents have two or three in a row.
constexpr int kMaxHops = 32;

}  // namespace

const config::Value* LocalReferences::follow(const config::Value& value) {
  const config::Value* current = &value;
  for (int hop = 0; hop < kMaxHops; ++hop) {
    const config::Value* reference =
        current->type == config::Value::Type::Object ? current->find("$ref") : nullptr;
    if (reference == nullptr) return current;
    current = target_of(*reference);
    if (current == nullptr) return nullptr;
  }
  problems_.add(document_.place(*value.find("$ref")),
                "this reference leads in a circle; let it lead to what is meant");
  return nullptr;
}

const config::Value* LocalReferences::target_of(const config::Value& reference) {
  const config::Place place = document_.place(reference);
  if (reference.type != config::Value::Type::String) {
    problems_.add(place, "\"$ref\" must be a string such as \"#/components/parameters/Tenant\"");
    return nullptr;
  }
  if (!reference.text.starts_with('#')) {
    notes_.add(place, "what stands in another file is not taken over: " +
                          config::in_quotes(reference.text) + "; bundle the files into one");
    return nullptr;
  }
  // A fragment is a URI's: percent-escapes stand for bytes (RFC 6901 §6).
  const auto pointer = percent_decoded(std::string_view(reference.text).substr(1));
  const config::Value* target = pointer ? at_pointer(document_.root(), *pointer) : nullptr;
  if (target == nullptr) {
    problems_.add(place, config::in_quotes(reference.text) +
                             " is not in this document; expected the path of something in it, such "
                             "as \"#/components/parameters/Tenant\"");
  }
  return target;
}

}  // namespace usher::openapi
