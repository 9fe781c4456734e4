// Where an OpenAPI document speaks of itself, and where it holds somebody's data or names.
//
// Thread: any. Source: OpenAPI 3.1.1 §4.8; JSON Schema 2020-12, Core §10 and Validation §6, §9.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace usher::openapi {

// Whether the members of an object have names of somebody's own: "example" among "properties" is a
// property, not an example.
enum class Names : std::uint8_t { No, Yes };

// Of the object that the member `keyword` holds.
inline Names names_below(std::string_view keyword) {
  constexpr std::array<std::string_view, 16> kMaps = {"properties",      "patternProperties",
                                                      "$defs",           "dependentSchemas",
                                                      "paths",           "responses",
                                                      "headers",         "content",
                                                      "schemas",         "parameters",
                                                      "examples",        "requestBodies",
                                                      "securitySchemes", "links",
                                                      "callbacks",       "pathItems"};
  return std::find(kMaps.begin(), kMaps.end(), keyword) != kMaps.end() ? Names::Yes : Names::No;
}

// Whether the member holds data, in which nothing is a reference or a schema.
inline bool is_literal_data(std::string_view keyword) {
  constexpr std::array<std::string_view, 6> kData = {"example", "default", "const",
                                                     "enum",    "value",   "required"};
  return std::find(kData.begin(), kData.end(), keyword) != kData.end() || keyword.starts_with("x-");
}

}  // namespace usher::openapi
