// What test/openapi/validate.py says of OpenAPI documents, of answers held against one, and of
// files and values held against a JSON Schema.
#pragma once

#include <string>
#include <vector>

namespace usher::test {

// The lines that it prints; empty where all is as it should be. `files` are JSON.
std::string validate_documents(const std::vector<std::string>& files);
std::string validate_answers(const std::string& contract, const std::string& answers);
std::string validate_files(const std::string& schema, const std::vector<std::string>& files);
// `cases`: a file, see there.
std::string validate_values(const std::string& cases);

}  // namespace usher::test
