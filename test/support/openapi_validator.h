// What test/openapi/validate.py says of OpenAPI documents, and of answers held against one.
#pragma once

#include <string>
#include <vector>

namespace usher::test {

// The lines that it prints; empty where all is as it should be. `files` are JSON.
std::string validate_documents(const std::vector<std::string>& files);
std::string validate_answers(const std::string& contract, const std::string& answers);

}  // namespace usher::test
