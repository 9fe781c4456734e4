#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "config/reference.h"
#include "unit/config/support.h"

namespace usher::config::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SecretTest : public testing::Test {
 protected:
  // The mistakes with that value as the secret; it stands at 2:39.
  std::vector<std::string> with_secret(const std::string& value, const std::string& more = "") {
    directory_.write("usher.json", kUsher);
    directory_.write("services/a.json",
                     "{\"service\": \"a\", \"addresses\": [\"http://a\"], \"auth\":\n"
                     "{\"scheme\":\"hmac\",\"preset\":\"ticket\",\"secret\":" +
                         value + more +
                         "},\n\"endpoints\": [{\"name\": \"e\", \"match\": \"GET /a\"}]}");
    return problems_of(directory_);
  }
  std::vector<std::string> with_value(const std::string& value, const std::string& more = "") {
    environment_.set("USHER_TEST_SECRET", value);
    return with_secret(R"({"env": "USHER_TEST_SECRET"})", more);
  }

  TempDirectory directory_;
  Environment environment_;
};

TEST_F(SecretTest, GoodOnes) {
  EXPECT_THAT(with_value(kSecret), IsEmpty());
  directory_.write("secret", std::string(kSecret) + "\n");
  EXPECT_THAT(with_secret(R"({"file": "secret"})"), IsEmpty());
  EXPECT_THAT(with_secret("{\"file\": \"" + (directory_.path() / "secret").string() + "\"}"),
              IsEmpty());
  const auto snapshot = load({directory_.path()}, 0).snapshot;
  ASSERT_NE(snapshot, nullptr);
  ASSERT_EQ(snapshot->signers.size(), 2U);
  EXPECT_EQ(snapshot->signers[1]->scheme(), "hmac");
  EXPECT_EQ(snapshot->endpoints[0]->signer, 1U);
}

TEST_F(SecretTest, NeverInTheFile) {
  const std::string message =
      "services/a.json:2:45: \"secret\" is a secret and may not stand in the file; put it in "
      "{\"env\": \"NAME\"} or {\"file\": \"/path\"}";
  const std::string inline_secret = '"' + std::string(kSecret) + '"';
  EXPECT_THAT(with_secret(inline_secret), ElementsAre(message));
  EXPECT_THAT(with_secret(inline_secret, ",\"insecure\":true"), ElementsAre(message));
  EXPECT_THAT(with_secret(R"({"env": "X", "default": "y"})"),
              ElementsAre("services/a.json:2:45: \"secret\" is not a reference; expected {\"env\": "
                          "\"NAME\"} or {\"file\": \"/path\"} and nothing else; a secret has no "
                          "default"));
}

TEST_F(SecretTest, MissingOnes) {
  EXPECT_THAT(with_secret(R"({"env": "USHER_TEST_NO"})"),
              ElementsAre("services/a.json:2:45: \"secret\": environment variable USHER_TEST_NO is "
                          "not set; set it"));
  EXPECT_THAT(
      with_value(""),
      ElementsAre("services/a.json:2:45: \"secret\": environment variable USHER_TEST_SECRET "
                  "is empty; give it a value"));
  EXPECT_THAT(with_secret(R"({"file": "none"})"),
              ElementsAre("services/a.json:2:54: the file none cannot be opened: No such file or "
                          "directory"));
  directory_.write("secret", "\n");
  EXPECT_THAT(with_secret(R"({"file": "secret"})"),
              ElementsAre("services/a.json:2:45: the secret in file secret is empty; give it a "
                          "value"));
}

TEST_F(SecretTest, WeakOnesPassOnlyAsInsecure) {
  EXPECT_THAT(with_value("only-31-bytes-long-012345678901"),
              ElementsAre("services/a.json:2:45: the secret in environment variable "
                          "USHER_TEST_SECRET has 31 bytes; at least 32 are needed, or "
                          "\"insecure\": true beside it for development"));
  EXPECT_THAT(with_value("temp-signature"),
              ElementsAre("services/a.json:2:45: the secret in environment variable "
                          "USHER_TEST_SECRET is a publicly known placeholder; make one with "
                          "`openssl rand -hex 32`, or \"insecure\": true beside it for "
                          "development"));
  EXPECT_THAT(with_value("short", ",\"insecure\":true"), IsEmpty());
  EXPECT_THAT(with_value("temp-signature", ",\"insecure\":true"), IsEmpty());
}

TEST_F(SecretTest, WeakOnesThatPassAreSuspicious) {
  with_value("short", ",\"insecure\":true");
  EXPECT_THAT(warnings_of(directory_),
              ElementsAre("services/a.json:2:45: warning: the secret in environment variable "
                          "USHER_TEST_SECRET has 5 bytes; at least 32 are needed; \"insecure\": "
                          "true lets it pass, for development only"));
  with_value("temp-signature", ",\"insecure\":true");
  EXPECT_THAT(warnings_of(directory_),
              ElementsAre(testing::HasSubstr(" is a publicly known placeholder; make one with ")));
  with_value(kSecret, ",\"insecure\":true");
  EXPECT_THAT(warnings_of(directory_), IsEmpty());
}

TEST_F(SecretTest, ThatEndsWithABlankIsSuspicious) {
  with_value(std::string(kSecret) + "\n");
  EXPECT_THAT(warnings_of(directory_),
              ElementsAre(testing::HasSubstr(" ends with a blank or a newline, which is signed")));
  with_value(kSecret);
  EXPECT_THAT(warnings_of(directory_), IsEmpty());
}

TEST_F(SecretTest, KnowsPlaceholders) {
  for (const char* text :
       {"internal-service-secret-key-change-in-production", "temp-signature",
        "default-internal-service-secret-0123456789", "DEV_SECRET_0123456789_0123456789_01",
        "changeme-changeme-changeme-changeme", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}) {
    EXPECT_TRUE(is_publicly_known(text)) << text;
  }
  EXPECT_FALSE(is_publicly_known(kSecret));
}

TEST_F(SecretTest, NotNeededForCallsThatMayNotBeMade) {
  directory_.write("usher.json", kUsher);
  directory_.write("services/a.json", R"({"service": "a", "addresses": ["http://a"],
      "auth": {"scheme": "hmac", "preset": "ticket", "secret": {"env": "USHER_TEST_NO"}},
      "consumers": ["other"], "endpoints": [{"name": "e", "match": "GET /a"}]})");
  const auto snapshot = load({directory_.path()}, 0).snapshot;
  ASSERT_NE(snapshot, nullptr);
  EXPECT_FALSE(snapshot->endpoints[0]->consumer_allowed);
  EXPECT_EQ(snapshot->endpoints[0]->signer, 0U);
}

TEST_F(SecretTest, TheSchemesOwnMistakesHaveAPlace) {
  environment_.set("USHER_TEST_SECRET", kSecret);
  const auto problems =
      with_secret(R"({"env": "USHER_TEST_SECRET"})", ",\n \"presett\": \"ticket\"");
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_THAT(problems[0], testing::StartsWith("services/a.json:3:2: "));
}

TEST_F(SecretTest, FilesThatHoldNone) {
  const auto with_file = [&](const std::string& name) {
    return with_secret("{\"file\": \"" + name + "\"}");
  };
  const std::string place = "services/a.json:2:54: the file ";
  EXPECT_THAT(with_file("services"),
              ElementsAre(place + "services is a directory; expected a file"));
  EXPECT_THAT(with_file("/dev/null"),
              ElementsAre(place + "/dev/null is not a regular file; expected one"));
  const std::string pipe = (directory_.path() / "pipe").string();
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(with_file("pipe"), ElementsAre(place + "pipe is not a regular file; expected one"));
  directory_.write("large", std::string(64 * 1024 + 1, 'x'));
  EXPECT_THAT(with_file("large"),
              ElementsAre(place + "large is larger than the 64 KiB that are read"));
  directory_.write("nul", kSecret + std::string(1, '\0'));
  EXPECT_THAT(with_file("nul"), ElementsAre(place + "nul has a NUL byte; expected a text"));
  std::filesystem::create_symlink("round", directory_.path() / "round");
  EXPECT_THAT(with_file("round"),
              ElementsAre(place + "round cannot be opened: Too many levels of symbolic links"));
}

TEST_F(SecretTest, TheNewlineAtTheEndIsNoPartOfIt) {
  directory_.write("usher.json", R"({"consumer": {"file": "name"}})");
  directory_.write("services/a.json", R"({"service": "a", "addresses": ["http://a"],
      "endpoints": [{"name": "e", "match": "GET /a"}]})");
  for (const char* text : {"some-name", "some-name\n", "some-name\r\n"}) {
    directory_.write("name", text);
    const auto snapshot = load({directory_.path()}, 0).snapshot;
    ASSERT_NE(snapshot, nullptr);
    EXPECT_EQ(snapshot->consumer, "some-name");
  }
}

TEST_F(SecretTest, FilesThatEverybodyMayReadAreSuspicious) {
  using std::filesystem::perms;
  const auto warnings = [&](const std::string& name, const std::string& more = "") {
    EXPECT_THAT(with_secret("{\"file\": \"" + name + "\"}", more), IsEmpty());
    std::vector<std::string> messages;
    for (const Problem& problem : load({directory_.path()}, 0).warnings) {
      messages.push_back(problem.message);
    }
    return messages;
  };
  directory_.write("secret", kSecret);
  const auto secret = directory_.path() / "secret";
  std::filesystem::permissions(secret, perms::owner_read | perms::others_read);
  EXPECT_THAT(warnings("secret"),
              ElementsAre("the file " + secret.string() +
                          " holds a secret and may be read by everybody; take that right away "
                          "(chmod o-r)"));
  EXPECT_THAT(warnings("secret", ",\"insecure\": true"), IsEmpty());
  std::filesystem::permissions(secret, perms::owner_read | perms::group_read);
  EXPECT_THAT(warnings("secret"), IsEmpty());
  // As Kubernetes mounts a Secret.
  std::filesystem::create_directories(directory_.path() / "mount/..2026");
  directory_.write("mount/..2026/secret", kSecret);
  std::filesystem::create_symlink("..2026", directory_.path() / "mount/..data");
  std::filesystem::create_symlink("..data/secret", directory_.path() / "mount/secret");
  std::filesystem::permissions(directory_.path() / "mount/secret",
                               perms::owner_read | perms::others_read);
  EXPECT_THAT(warnings("mount/secret"), IsEmpty());
}

}  // namespace
}  // namespace usher::config::test
