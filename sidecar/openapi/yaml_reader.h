// read_yaml(): a YAML file as the tree that a JSON file would be.
//
// What OpenAPI allows of YAML: its JSON subset (names are strings, nothing stands twice, one
// document, no tags of one's own), with anchors and aliases. Scalars have the types of YAML 1.2's
// core schema: `no` is a string.
//
// Thread: any. Bounds: config::kMaxFileBytes and kMaxDepth; kMaxYamlValues, those that aliases
// repeat included.
// Source: YAML 1.2.2 §10.3; OpenAPI 3.1.1 §4.4 ("Format").
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "config/json_reader.h"
#include "config/problem.h"

namespace usher::openapi {

inline constexpr std::size_t kMaxYamlValues = 1'000'000;

// Null after a mistake, which goes to `problems`.
std::unique_ptr<config::Document> read_yaml(std::string file, std::string text,
                                            config::Problems& problems);

// By the name's end: .yaml and .yml are YAML, .json is JSON; else what the text begins like.
std::unique_ptr<config::Document> read_json_or_yaml(std::string file, std::string text,
                                                    config::Problems& problems);

}  // namespace usher::openapi
