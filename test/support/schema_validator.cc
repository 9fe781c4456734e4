#include "support/schema_validator.h"

#include <array>
#include <cstdio>
#include <memory>
#include <stdexcept>

namespace usher::test {
namespace {

const std::string kDirectory = USHER_SOURCE_DIRECTORY "/test/openapi/";

// Debian's own Python, which has Debian's packages. No argument has a quote in it.
std::string run(const std::vector<std::string>& arguments) {
  std::string command = "/usr/bin/python3 '" + kDirectory + "validate.py'";
  for (const std::string& argument : arguments) command += " '" + argument + "'";
  command += " 2>&1";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(::popen(command.c_str(), "r"),
                                                             &::pclose);
  if (pipe == nullptr) throw std::runtime_error("no pipe");
  std::string output;
  std::array<char, 4096> buffer{};
  while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), pipe.get())) {
    output.append(buffer.data(), size);
  }
  return output;
}

}  // namespace

std::string validate_documents(const std::vector<std::string>& files) {
  std::vector<std::string> arguments = {"document", kDirectory + "oas-3.1.schema.json"};
  arguments.insert(arguments.end(), files.begin(), files.end());
  return run(arguments);
}

std::string validate_answers(const std::string& contract, const std::string& answers) {
  return run({"answers", contract, answers});
}

std::string validate_files(const std::string& schema, const std::vector<std::string>& files) {
  std::vector<std::string> arguments = {"files", schema};
  arguments.insert(arguments.end(), files.begin(), files.end());
  return run(arguments);
}

std::string validate_values(const std::string& cases) {
  return run({"values", cases});
}

}  // namespace usher::test
