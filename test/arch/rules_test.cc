#include "arch/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace usher::arch {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

// --- the rules themselves, on made-up text ------------------------------------------------------

struct Case {
  std::string path;
  std::string include;
};

std::string print(const Case& arrow) {
  return arrow.path + ": " + arrow.include;
}

std::vector<std::string> check(const Case& arrow) {
  const OwnHeaders own = {"net/stream.h", "proxy/exchange.h"};
  return broken_include_rules(arrow.path, "#include " + arrow.include + "\n", own);
}

TEST(IncludeRules, RefuseArrowsUpwardsAndSideways) {
  const std::vector<Case> refused = {
      {"sidecar/base/clock.h", "\"net/stream.h\""},
      {"sidecar/net/stream.h", "\"http/message.h\""},
      {"sidecar/http/parser.cc", "\"net/stream.h\""},
      {"sidecar/policy/backoff.h", "\"net/stream.h\""},
      {"sidecar/route/router.cc", "\"upstream/cluster.h\""},
      {"sidecar/filter/signer.cc", "\"policy/deadline.h\""},
      {"sidecar/upstream/host.cc", "\"route/endpoint.h\""},
      {"sidecar/cache/entry.cc", "\"upstream/cluster.h\""},
      {"sidecar/upstream/cluster.cc", "\"cache/entry.h\""},
      {"sidecar/proxy/exchange.cc", "\"config/snapshot.h\""},
      {"sidecar/config/loader.cc", "\"cache/entry.h\""},
      {"sidecar/config/loader.cc", "\"filter/plugin_host.h\""},
      {"sidecar/config/loader.cc", "\"upstream/cluster.h\""},
      {"sidecar/config/loader.cc", "\"net/stream.h\""},
      {"sidecar/openapi/import.cc", "\"server/server.h\""},
      {"sidecar/openapi/export.cc", "\"proxy/exchange.h\""},
      {"sidecar/server/worker.cc", "\"openapi/import.h\""},
      {"sidecar/server/worker.cc", "\"main.cc\""},
      {"sidecar/server/worker.cc", "\"cli/check_command.h\""},
      {"sidecar/main.cc", "\"server/server.h\""},
  };
  for (const Case& arrow : refused) EXPECT_THAT(check(arrow), SizeIs(1)) << print(arrow);
}

TEST(IncludeRules, RefuseWaysAroundTheTable) {
  const std::vector<Case> refused = {
      {"sidecar/base/clock.h", "<proxy/exchange.h>"},
      {"sidecar/base/clock.h", "\"../proxy/exchange.h\""},
      {"sidecar/base/clock.h", "\"bytes.h\""},
      {"sidecar/base/clock.h", "\"../../plugins/common/builtin.h\""},
      {"sidecar/base/clock.h", "\"plugins/common/builtin.h\""},
      {"sidecar/filter/signer.cc", "\"../../plugins/hmac/payload.h\""},
      {"sidecar/filter/signer.cc", "\"plugins/hmac/payload.h\""},
      {"sidecar/net/stream.h", "  \"proxy/missing.h\"  // does not exist"},
  };
  for (const Case& arrow : refused) EXPECT_THAT(check(arrow), SizeIs(1)) << print(arrow);
}

TEST(IncludeRules, RefuseLibrariesOutsideTheirRoom) {
  const std::vector<Case> refused = {
      {"sidecar/proxy/relay.cc", "<uv.h>"},
      {"sidecar/server/worker.cc", "<uv.h>"},
      {"sidecar/proxy/relay.cc", "<llhttp.h>"},
      {"sidecar/policy/backoff.h", "<simdjson.h>"},
      {"sidecar/proxy/exchange.cc", "<hiredis/read.h>"},
      {"sidecar/http/parser.cc", "<openssl/evp.h>"},
      {"sidecar/base/secret.cc", "<openssl/crypto.h>"},
      {"sidecar/config/loader.cc", "<yaml.h>"},
      {"sidecar/config/loader.cc", "<usher/plugin.h>"},
      {"sidecar/server/worker.cc", "<dlfcn.h>"},
      {"sidecar/proxy/relay.cc", "\"uv.h\""},
      {"plugins/hmac/payload.cc", "<uv.h>"},
  };
  for (const Case& arrow : refused) EXPECT_THAT(check(arrow), SizeIs(1)) << print(arrow);
}

TEST(IncludeRules, RefuseSidecarInPlugins) {
  for (const std::string include :
       {"\"base/bytes.h\"", "<net/stream.h>", "\"../../sidecar/base/bytes.h\""}) {
    EXPECT_THAT(check({"plugins/hmac/payload.cc", include}), SizeIs(1)) << include;
  }
}

TEST(IncludeRules, RefuseUnknownRooms) {
  EXPECT_THAT(check({"sidecar/util/strings.h", "<string>"}),
              ElementsAre("sidecar/util/strings.h:1: util is no room of sidecar/"));
}

TEST(IncludeRules, AcceptWhatTheTableLists) {
  const std::vector<Case> accepted = {
      {"sidecar/base/clock.h", "\"base/bytes.h\""},
      {"sidecar/net/stream.h", "\"base/chunk.h\""},
      {"sidecar/net/uv_stream.h", "<uv.h>"},
      {"sidecar/net/address.cc", "<net/if.h>"},
      {"sidecar/net/tls_stream.cc", "<openssl/ssl.h>"},
      {"sidecar/http/parser.cc", "<llhttp.h>"},
      {"sidecar/filter/signer.h", "<usher/plugin.h>"},
      {"sidecar/filter/builtin.cc", "<usher/builtin.h>"},
      {"sidecar/config/json_reader.cc", "<simdjson.h>"},
      {"sidecar/config/snapshot.h", "\"filter/signer.h\""},
      {"sidecar/config/snapshot.h", "\"upstream/cluster_options.h\""},
      {"sidecar/cache/redis_codec.cc", "<hiredis/read.h>"},
      {"sidecar/cache/digest.cc", "<openssl/evp.h>"},
      {"sidecar/config/snapshot.h", "\"cache/redis_options.h\""},
      {"sidecar/proxy/exchange.cc", "\"upstream/cluster.h\""},
      {"sidecar/server/worker.cc", "\"config/snapshot.h\""},
      {"sidecar/openapi/export.cc", "\"proxy/local_reply.h\""},
      {"sidecar/openapi/yaml_reader.cc", "<yaml.h>"},
      {"sidecar/cli/command_line.cc", "<CLI/CLI.hpp>"},
      {"sidecar/cli/command_line.cc", "\"server/server.h\""},
      {"sidecar/main.cc", "\"cli/command_line.h\""},
      {"plugins/hmac/payload.cc", "\"common/js_json.h\""},
      {"plugins/common/config.cc", "<simdjson.h>"},
  };
  for (const Case& arrow : accepted) EXPECT_THAT(check(arrow), IsEmpty()) << print(arrow);
}

TEST(IncludeRules, SayWhere) {
  EXPECT_THAT(broken_include_rules("sidecar/base/clock.h",
                                   "#pragma once\n\n  #  include \"proxy/exchange.h\"", {}),
              ElementsAre("sidecar/base/clock.h:3: base may not include proxy/exchange.h"));
  EXPECT_THAT(
      broken_include_rules("sidecar/base/clock.h", "// #include \"proxy/exchange.h\"\n", {}),
      IsEmpty());
}

TEST(SizeRules, RefuseTheFirstLineTooMany) {
  std::string text;
  for (std::size_t line = 0; line < kMaxFileLines; ++line) text += "\n";
  EXPECT_THAT(broken_size_rules("sidecar/base/log.cc", text, {}), IsEmpty());
  text += "x";  // no newline at its end, and a line nevertheless
  EXPECT_THAT(broken_size_rules("sidecar/base/log.cc", text, {}), SizeIs(1));
  EXPECT_THAT(broken_size_rules("sidecar/base/log.cc", text, {"sidecar/base/log.cc"}), IsEmpty());
}

// --- the sources ---------------------------------------------------------------------------------

struct SourceFile {
  std::string path;
  std::string text;
};

std::vector<SourceFile> read_sources() {
  namespace fs = std::filesystem;
  const fs::path root = USHER_SOURCE_DIR;
  const std::set<std::string> extensions = {".cc", ".cpp", ".c", ".h", ".hpp", ".inc"};
  std::vector<SourceFile> files;
  for (const char* folder : {"sidecar", "plugins"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      if (!entry.is_regular_file() || !extensions.contains(entry.path().extension())) continue;
      std::ifstream stream(entry.path(), std::ios::binary);
      files.push_back({entry.path().lexically_relative(root).generic_string(),
                       {std::istreambuf_iterator<char>(stream), {}}});
    }
  }
  std::ranges::sort(files, {}, &SourceFile::path);
  return files;
}

class Sources : public testing::Test {
 protected:
  const std::vector<SourceFile> files_ = read_sources();
};

TEST_F(Sources, AreFound) {
  const auto found = [this](std::string_view path) {
    return std::ranges::any_of(
        files_, [path](const SourceFile& file) { return file.path == path && !file.text.empty(); });
  };
  EXPECT_TRUE(found("sidecar/base/result.h"));
  EXPECT_TRUE(found("plugins/include/usher/plugin.h"));
}

TEST_F(Sources, IncludeOnlyWhatTheirRoomMay) {
  constexpr std::string_view kSidecar = "sidecar/";
  OwnHeaders own;
  for (const SourceFile& file : files_) {
    if (file.path.starts_with(kSidecar)) own.insert(file.path.substr(kSidecar.size()));
  }
  for (const SourceFile& file : files_) {
    for (const std::string& line : broken_include_rules(file.path, file.text, own)) {
      ADD_FAILURE() << line;
    }
  }
}

TEST_F(Sources, AreShort) {
  // Each entry needs a reason beside it.
  const std::set<std::string, std::less<>> exempt = {};
  for (const SourceFile& file : files_) {
    for (const std::string& line : broken_size_rules(file.path, file.text, exempt)) {
      ADD_FAILURE() << line;
    }
  }
}

}  // namespace
}  // namespace usher::arch
