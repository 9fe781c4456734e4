#include "cli/explain_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "unit/cli/support.h"
#include "unit/config/support.h"

namespace usher::cli {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// Answers one call with fixed bytes, and keeps what it was asked.
class OneAnswer {
 public:
  OneAnswer(int listener, std::string answer)
      : listener_(listener), thread_([this, answer = std::move(answer)] {
          const int call = ::accept(listener_, nullptr, nullptr);
          char buffer[4096];
          while (asked_.find("\r\n\r\n") == std::string::npos) {
            const ssize_t size = ::recv(call, buffer, sizeof(buffer), 0);
            if (size <= 0) break;
            asked_.append(buffer, static_cast<std::size_t>(size));
          }
          (void)::send(call, answer.data(), answer.size(), MSG_NOSIGNAL);
          ::close(call);
        }) {}
  OneAnswer(const OneAnswer&) = delete;
  OneAnswer& operator=(const OneAnswer&) = delete;
  ~OneAnswer() { asked(); }

  // Once it was asked.
  const std::string& asked() {
    if (thread_.joinable()) {
      thread_.join();
      ::close(listener_);
    }
    return asked_;
  }

 private:
  int listener_;
  std::string asked_;
  std::thread thread_;
};

class ExplainCommand : public testing::Test {
 protected:
  ExplainCommand() {
    directory_.write("usher.json", R"({"consumer": {"env": "USHER_TEST_NOT_SET"}})");
    directory_.write("services/a.json", R"({"service": "a", "addresses": ["http://a:1"],
        "auth": {"scheme": "hmac", "preset": "ticket", "secret": {"env": "USHER_TEST_NOT_SET"}},
        "endpoints": [{"name": "e", "match": "GET /a", "consumers": ["p"], "tenant": "none"}]})");
  }
  int run() { return explain(options_, out_.file(), err_.file()); }

  // Listening on a Unix socket.
  int listen_at(const std::string& path) {
    const int listener = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    EXPECT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    EXPECT_EQ(::listen(listener, 1), 0);
    return listener;
  }
  // The same on loopback; `port` is what the system chose.
  static int listen_on_loopback(std::uint16_t& port) {
    const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(::bind(listener, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener, 1), 0);
    ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
    return listener;
  }

  const config::test::TempDirectory directory_;
  ExplainOptions options_ = {.method = "GET",
                             .url = "/a",
                             .consumer = "p",
                             .headers = {},
                             .directories = {directory_.path()},
                             .json = false,
                             .admin = {}};
  test::Output out_;
  test::Output err_;
};

TEST_F(ExplainCommand, NeedsNeitherTheConsumersNameNorSecrets) {
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(err_.text(), "");
  const std::string text = out_.text();
  EXPECT_THAT(text, StartsWith("GET /a by p\n  endpoint    a/e  (GET /a, "));
  EXPECT_THAT(text, HasSubstr("payload  p:{timestamp}:/a\n"));
  EXPECT_THAT(text, HasSubstr("note     the secret is missing here\n"));
}

TEST_F(ExplainCommand, FailsWhereTheCallWould) {
  options_.consumer = "q";
  EXPECT_EQ(run(), 1);
  EXPECT_THAT(out_.text(), HasSubstr("refused     403 CONSUMER_NOT_ALLOWED"));
}

TEST_F(ExplainCommand, PrintsJson) {
  options_.json = true;
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(out_.text(),
              StartsWith(R"({"method":"GET","url":"/a","consumer":"p","called":true)"));
}

TEST_F(ExplainCommand, SaysWhatIsWrongWithItsArguments) {
  options_.consumer = "P!";
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(err_.text(), "--consumer: \"P!\"; expected a name of 1 to 64 of a-z, 0-9 and -\n");
}

TEST_F(ExplainCommand, SaysWhatIsWrongWithTheConfiguration) {
  options_.consumer = {};
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(out_.text(), "");
  EXPECT_THAT(err_.text(), HasSubstr("usher.json:1:14: \"consumer\": environment variable "
                                     "USHER_TEST_NOT_SET is not set; set it\n"));
}

// The README's example, line by line.
TEST_F(ExplainCommand, SaysWhatTheReadmeSaysItDoes) {
  const std::filesystem::path root = config::test::source_root();
  options_ = {.method = "GET",
              .url = "/internal/orders/7/tickets",
              .consumer = "payment-service",
              .headers = {"X-Tenant-ID: 3f2a8c1e-0b4d-4e6f-9a7b-1c2d3e4f5a6b"},
              .directories = {root / "config"},
              .json = false,
              .admin = {}};
  EXPECT_EQ(run(), 0);
  std::string text = out_.text();
  const std::string prefix = root.string() + "/";
  for (std::size_t at = 0; (at = text.find(prefix)) != std::string::npos;) {
    text.erase(at, prefix.size());
  }
  std::ifstream readme(root / "README.md");
  std::string line;
  while (std::getline(readme, line) && line != "```text") continue;
  std::size_t lines = 0;
  for (; std::getline(readme, line) && line != "```"; ++lines) {
    EXPECT_THAT(text, HasSubstr("\n" + line + "\n"));
  }
  EXPECT_EQ(lines, 9U);
}

TEST_F(ExplainCommand, AsksARunningSidecar) {
  std::uint16_t port = 0;
  const int listener = listen_on_loopback(port);
  OneAnswer sidecar(listener, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes");
  options_.admin = "127.0.0.1:" + std::to_string(port);
  options_.url = "/a?b=1&c=ü";
  options_.headers = {"X-Tenant-ID: 7"};
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(out_.text(), "yes");
  EXPECT_THAT(sidecar.asked(),
              StartsWith("GET /explain?method=GET&target=%2Fa%3Fb%3D1%26c%3D%C3%BC&consumer=p&"
                         "header=X-Tenant-ID%3A%207&format=text HTTP/1.1\r\n"));
}

TEST_F(ExplainCommand, AsksOverAUnixSocketToo) {
  const std::string path = (directory_.path() / "admin").string();
  const int listener = listen_at(path);
  OneAnswer sidecar(listener, "HTTP/1.1 422 Unprocessable Content\r\nContent-Length: 2\r\n\r\nno");
  options_.admin = "unix:" + path;
  options_.json = true;
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(out_.text(), "no");
  EXPECT_THAT(sidecar.asked(), HasSubstr("&format=json HTTP/1.1\r\n"));
}

TEST_F(ExplainCommand, SaysWhyASidecarGaveNoAnswer) {
  const std::string path = (directory_.path() / "admin").string();
  options_.admin = "unix:" + path;
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(err_.text(), "--admin unix:" + path + ": cannot connect: No such file or directory\n");
  const int listener = listen_at(path);
  OneAnswer sidecar(listener, "HTTP/1.1 404 Not Found\r\n\r\n{\"error\":\"not found\"}\n");
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(out_.text(), "");
  EXPECT_THAT(err_.text(), HasSubstr(": status 404: {\"error\":\"not found\"}\n"));
}

}  // namespace
}  // namespace usher::cli
