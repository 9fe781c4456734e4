#include "cli/check_command.h"

#include <string>
#include <string_view>

#include "base/log.h"
#include "base/wall_clock.h"
#include "config/loader.h"
#include "openapi/contract.h"

namespace usher::cli {
namespace {

using config::Problem;

struct Findings {
  std::vector<Problem> errors;
  std::vector<Problem> warnings;
  std::size_t services = 0;  // of a configuration without errors
  std::size_t endpoints = 0;

  bool good(bool strict) const { return errors.empty() && (!strict || warnings.empty()); }
};

Findings find(const CheckOptions& options) {
  config::LoadResult loaded = config::load(options.directories, wall_clock_ms());
  Findings findings = {.errors = std::move(loaded.problems),
                       .warnings = std::move(loaded.warnings)};
  config::Problems problems;
  const openapi::Contracts contracts = openapi::read_contracts(options.directories, problems);
  if (loaded.snapshot != nullptr) {
    findings.services = loaded.snapshot->clusters.size();
    findings.endpoints = loaded.snapshot->endpoints.size();
    openapi::check_contracts(*loaded.snapshot, contracts, problems);
  }
  for (Problem& problem : problems.take()) {
    const bool is_error = problem.severity == config::Severity::Error;
    (is_error ? findings.errors : findings.warnings).push_back(std::move(problem));
  }
  return findings;
}

// "2 errors", "1 error".
std::string count_of(std::size_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

std::string summary(const Findings& findings, bool strict) {
  const std::string warnings =
      findings.warnings.empty() ? "" : ", " + count_of(findings.warnings.size(), "warning");
  if (!findings.errors.empty()) return count_of(findings.errors.size(), "error") + warnings;
  if (!findings.good(strict)) return warnings.substr(2) + ", which --strict does not allow";
  return "the configuration is good: " + count_of(findings.services, "service") + ", " +
         count_of(findings.endpoints, "endpoint") + warnings;
}

std::string as_text(const Findings& findings, bool strict) {
  std::string text;
  for (const Problem& problem : findings.errors) text += to_string(problem) + '\n';
  for (const Problem& problem : findings.warnings) text += to_string(problem) + '\n';
  return text + summary(findings, strict) + '\n';
}

void append_list(std::string& text, std::string_view name, const std::vector<Problem>& problems) {
  text += ",\n  \"" + std::string(name) + "\": [";
  for (const Problem& problem : problems) {
    text += &problem == problems.data() ? "\n" : ",\n";
    text += "    {\"file\": \"";
    append_json_escaped(text, problem.file);
    text += "\", \"line\": " + std::to_string(problem.line) +
            ", \"column\": " + std::to_string(problem.column) + ", \"message\": \"";
    append_json_escaped(text, problem.message);
    text += "\"}";
  }
  text += problems.empty() ? "]" : "\n  ]";
}

std::string as_json(const Findings& findings, bool strict) {
  std::string text = "{\n  \"ok\": ";
  text += findings.good(strict) ? "true" : "false";
  append_list(text, "errors", findings.errors);
  append_list(text, "warnings", findings.warnings);
  text += ",\n  \"services\": " + std::to_string(findings.services) +
          ",\n  \"endpoints\": " + std::to_string(findings.endpoints) + "\n}\n";
  return text;
}

}  // namespace

int check(const CheckOptions& options, std::FILE* out) {
  const Findings findings = find(options);
  const std::string text =
      options.json ? as_json(findings, options.strict) : as_text(findings, options.strict);
  const bool written = std::fwrite(text.data(), 1, text.size(), out) == text.size();
  return written && std::fflush(out) == 0 && findings.good(options.strict) ? 0 : 1;
}

}  // namespace usher::cli
