// LoaderTest: configurations of a few lines, and what is wrong with them.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "unit/config/support.h"

namespace usher::config::test {

class LoaderTest : public testing::Test {
 protected:
  // A service with one good endpoint; `more` stands in front of it, after the name.
  static std::string service(const std::string& name, const std::string& more = "",
                             const std::string& endpoint = "") {
    return "{\"service\": \"" + name + "\", " + more + "\n\"addresses\": [\"http://a:1\"],\n" +
           "\"endpoints\": [{\"name\": \"e\", \"match\": \"GET /" + name + "/{x}\"" + endpoint +
           "}]}";
  }
  std::vector<std::string> with_usher(const std::string& text) {
    directory_.write("usher.json", text);
    directory_.write("services/a.json", service("a"));
    return problems_of(directory_);
  }
  std::vector<std::string> with_service(const std::string& text) {
    directory_.write("usher.json", kUsher);
    directory_.write("services/a.json", text);
    return problems_of(directory_);
  }
  // The mistakes of the line `member`, the second of a service.
  std::vector<std::string> with_member(const std::string& member) {
    return with_service("{\"service\": \"a\",\n" + member +
                        ",\n\"addresses\": [\"http://a:1\"],\n\"endpoints\": [{\"name\": \"e\", "
                        "\"match\": \"GET /a/{x}\"}]}");
  }
  // The same of an endpoint.
  std::vector<std::string> with_endpoint_member(const std::string& member) {
    return with_service(endpoint_with(member));
  }
  // What is said of that line, which is legal.
  std::vector<std::string> warnings_with_endpoint_member(const std::string& member) {
    with_service(endpoint_with(member));
    return warnings_of(directory_);
  }
  std::shared_ptr<const Snapshot> loaded() {
    LoadResult result = load({directory_.path()}, 0);
    for (const Problem& problem : result.problems) ADD_FAILURE() << to_string(problem);
    return result.snapshot;
  }

  static std::string endpoint_with(const std::string& member) {
    return "{\"service\": \"a\", \"addresses\": [\"http://a:1\"], \"endpoints\": [{\"name\": "
           "\"e\",\n" +
           member + ",\n\"match\": \"POST /a/{x}\"}]}";
  }

  TempDirectory directory_;
  Environment environment_;
};

}  // namespace usher::config::test
