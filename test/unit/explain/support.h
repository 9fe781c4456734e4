// Configurations of a few lines, and what is said of them.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "explain/call.h"
#include "explain/render.h"
#include "unit/config/support.h"

namespace usher::explain::test {

inline constexpr const char* kTenant = "X-Tenant-ID: 3f2a8c1e-0b4d-4e6f-9a7b-1c2d3e4f5a6b";

class ExplainTest : public testing::Test {
 protected:
  // One service "tickets" with the endpoints `endpoints`; `service` stands among its members.
  void load(const std::string& usher, const std::string& service, const std::string& endpoints) {
    directory_.write("usher.json", usher);
    directory_.write("services/t.json", "{\"service\": \"tickets\", " + service +
                                            "\n\"addresses\": [\"http://t:1\"],\n\"endpoints\": [" +
                                            endpoints + "]}");
    config::LoadResult result = config::load({directory_.path()}, 0);
    for (const config::Problem& problem : result.problems) ADD_FAILURE() << to_string(problem);
    snapshot_ = result.snapshot;
  }
  CallExplanation explain(const std::string& method, const std::string& url,
                          std::vector<std::string> headers = {kTenant}) {
    return explain_call(*snapshot_, {.method = method, .url = url, .headers = std::move(headers)});
  }

  // "value | origin" of a policy key of the first endpoint, files below the directory; "" where it
  // is not there.
  std::string setting(const std::string& key) {
    return describe(effective_policy(*snapshot_, *snapshot_->endpoints[0]), key);
  }
  std::string owner(const std::string& key) {
    return describe(effective_owner(*snapshot_, *snapshot_->endpoints[0]), key);
  }

  config::test::TempDirectory directory_;
  config::test::Environment environment_;
  std::shared_ptr<const config::Snapshot> snapshot_;

 private:
  std::string describe(const std::vector<Setting>& settings, const std::string& key) const {
    for (const Setting& setting : settings) {
      if (setting.key != key) continue;
      std::string text = setting.value + " | " + to_string(setting.source);
      if (!setting.cut_by.empty()) {
        text += " | from " + setting.cut_from + " by " + setting.cut_by;
      }
      const std::string root = directory_.path().string() + "/";
      const std::size_t at = text.find(root);
      return at == std::string::npos ? text : text.erase(at, root.size());
    }
    return "";
  }
};

}  // namespace usher::explain::test
