#include "server/config_watcher.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <fstream>
#include <memory>

#include "support/temporary_directory.h"
#include "unit/net/uv_loop.h"

namespace usher::server {
namespace {

namespace fs = std::filesystem;

std::size_t open_descriptors() {
  const fs::directory_iterator descriptors("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(descriptors), end(descriptors)));
}

// Descriptors below `fd` alone may be opened while this is here.
class DescriptorLimit {
 public:
  explicit DescriptorLimit(rlim_t fd) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit limit{fd, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }
  ~DescriptorLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;

 private:
  rlimit before_{};
};

class ConfigWatcherTest : public net::UvLoop {
 protected:
  ConfigWatcherTest() {
    fs::create_directories(root / "usher/services");
    write("usher/usher.json", "{}");
    write("usher/services/ticket.json", "{}");
  }

  void write(const fs::path& name, const std::string& text) const {
    std::ofstream(root / name, std::ios::binary) << text;
  }
  // As an editor saves: another file, put in the place of the first.
  void replace(const fs::path& name, const std::string& text) const {
    const fs::path beside = (root / name).parent_path() / ".saved";
    std::ofstream(beside, std::ios::binary) << text;
    fs::rename(beside, root / name);
  }
  // A version of a ConfigMap or Secret mounted at `mount`, as the kubelet's AtomicWriter writes it:
  // a directory with a time stamp, to which ..data is turned by a rename; the former one is
  // removed.
  void swap(const fs::path& mount, const std::string& version, const std::string& text) const {
    const fs::path at = root / mount;
    fs::create_directories(at / version);
    std::ofstream(at / version / "secret", std::ios::binary) << text;
    std::error_code none;
    const fs::path former = fs::read_symlink(at / "..data", none);
    fs::create_symlink(version, at / "..data_tmp");
    fs::rename(at / "..data_tmp", at / "..data");
    if (!fs::is_symlink(at / "secret")) fs::create_symlink("..data/secret", at / "secret");
    if (!former.empty()) fs::remove_all(at / former);
  }

  void watch() { watch({"usher/usher.json", "usher/services", "usher/services/ticket.json"}); }
  void watch(const std::vector<fs::path>& names) {
    if (watcher == nullptr) make_watcher();
    std::vector<fs::path> paths;
    paths.reserve(names.size());
    for (const fs::path& name : names) paths.push_back(root / name);
    watcher->watch(paths);
  }
  void make_watcher() {
    pass(10ms);  // file systems' clock ticks: what was written before is older
    watcher = std::make_unique<ConfigWatcher>(
        network, [this] { ++calls; }, file_time_ns(), times);
  }

  void pass(Duration time) {
    const auto end = std::chrono::steady_clock::now() + time;
    run_until([&] { return std::chrono::steady_clock::now() >= end; });
  }
  // Runs until there is a callback, and then while there might be another.
  bool is_called() {
    const int before = std::exchange(calls, 0);
    EXPECT_EQ(before, 0);
    const bool called = run_until([&] { return calls > 0; });
    pass(4 * times.quiet);
    return std::exchange(calls, 0) == 1 && called;
  }
  bool is_quiet() {
    pass(10 * times.quiet);
    return calls == 0;
  }

  test::TemporaryDirectory directory;
  fs::path root = directory.path();
  ConfigWatcher::Times times{.quiet = 20ms, .longest = 1s, .look = std::chrono::hours(1)};
  std::unique_ptr<ConfigWatcher> watcher;
  int calls = 0;
};

TEST_F(ConfigWatcherTest, NothingHappensNothingIsSaid) {
  watch();
  std::ifstream(root / "usher/usher.json").get();
  write("usher/other.txt", "not of the list");
  write("other.txt", "nor this");
  fs::create_directory(root / "other");
  EXPECT_TRUE(is_quiet());
}

TEST_F(ConfigWatcherTest, AFileIsWritten) {
  watch();
  write("usher/usher.json", "{ }");
  EXPECT_TRUE(is_called());
  write("usher/usher.json", "{  }");
  EXPECT_TRUE(is_called());
}

TEST_F(ConfigWatcherTest, AFileIsReplacedAsEditorsDo) {
  watch();
  for (const char* text : {"{ }", "{  }", "{   }"}) {
    replace("usher/usher.json", text);
    EXPECT_TRUE(is_called()) << text;
  }
}

TEST_F(ConfigWatcherTest, AFileIsRemoved) {
  watch();
  fs::remove(root / "usher/usher.json");
  EXPECT_TRUE(is_called());
  write("usher/usher.json", "{}");
  EXPECT_TRUE(is_called());
}

TEST_F(ConfigWatcherTest, AFileMayNowBeRead) {
  watch();
  fs::permissions(root / "usher/usher.json", fs::perms::none);
  EXPECT_TRUE(is_called());
  fs::permissions(root / "usher/usher.json", fs::perms::owner_read);
  EXPECT_TRUE(is_called());
}

TEST_F(ConfigWatcherTest, AnotherFileAppearsInADirectory) {
  watch();
  write("usher/services/order.json", "{}");
  EXPECT_TRUE(is_called());
}

TEST_F(ConfigWatcherTest, ManyChangesAreOne) {
  times.quiet = 100ms;
  watch();
  for (int i = 0; i < 100; ++i) {
    write("usher/services/order" + std::to_string(i) + ".json", "{}");
    turn();
  }
  EXPECT_TRUE(is_called());
}

TEST_F(ConfigWatcherTest, ADirectoryAppearsStepByStep) {
  watch({"etc/usher/extra/a.json"});
  fs::create_directory(root / "etc");
  EXPECT_TRUE(is_called());
  fs::create_directory(root / "etc/usher");
  EXPECT_TRUE(is_called());
  fs::create_directory(root / "etc/usher/extra");
  EXPECT_TRUE(is_called());
  write("etc/usher/extra/b.json", "{}");
  EXPECT_TRUE(is_quiet());
  write("etc/usher/extra/a.json", "{}");
  EXPECT_TRUE(is_called());
}

TEST_F(ConfigWatcherTest, ADirectoryIsRemovedAndMadeAgain) {
  watch();
  fs::remove_all(root / "usher");
  EXPECT_TRUE(is_called());
  fs::create_directories(root / "usher/services");
  EXPECT_TRUE(is_called());
  write("usher/services/ticket.json", "{ }");
  EXPECT_TRUE(is_called());
}

TEST_F(ConfigWatcherTest, ADirectoryIsMovedAway) {
  watch();
  fs::rename(root / "usher", root / "former");
  EXPECT_TRUE(is_called());
  write("former/usher.json", "not of the list any more");
  EXPECT_TRUE(is_quiet());
  fs::create_directory(root / "usher");
  EXPECT_TRUE(is_called());
}

TEST_F(ConfigWatcherTest, TheKubeletSwapsASecret) {
  swap("mount", "..2026_11_25_10_00_00.1", "first");
  watch({"mount/secret"});
  for (int version = 2; version < 6; ++version) {
    swap("mount", "..2026_11_25_10_00_00." + std::to_string(version), "next");
    EXPECT_TRUE(is_called()) << version;
  }
}

TEST_F(ConfigWatcherTest, ALinkInTheMiddleOfAPathIsTurned) {
  fs::create_directories(root / "a/conf");
  fs::create_directories(root / "b/conf");
  write("a/conf/x.json", "a");
  write("b/conf/x.json", "b");
  fs::create_directory_symlink(root / "a", root / "current");
  watch({"current/conf/x.json"});
  fs::create_directory_symlink("b", root / "next");
  fs::rename(root / "next", root / "current");
  EXPECT_TRUE(is_called());
  write("b/conf/x.json", "B");
  EXPECT_TRUE(is_called());
  write("a/conf/x.json", "A");
  EXPECT_TRUE(is_quiet());
}

TEST_F(ConfigWatcherTest, ALinkThatLeadsToItselfEnds) {
  fs::create_symlink("round", root / "round");
  watch({"round"});
  EXPECT_TRUE(is_quiet());
  fs::remove(root / "round");
  EXPECT_TRUE(is_called());
}

TEST_F(ConfigWatcherTest, AnotherListReplacesTheFirst) {
  watch({"usher/usher.json"});
  watch({"usher/services/ticket.json"});
  write("usher/usher.json", "{ }");
  EXPECT_TRUE(is_quiet());
  write("usher/services/ticket.json", "{ }");
  EXPECT_TRUE(is_called());
}

TEST_F(ConfigWatcherTest, WhatChangedBeforeItWasWatchedCounts) {
  make_watcher();
  pass(10ms);
  write("usher/usher.json", "{ }");  // may have been read before
  watch({"usher/usher.json"});
  EXPECT_TRUE(is_called());
  watch({"usher/usher.json"});
  EXPECT_TRUE(is_quiet());
}

TEST_F(ConfigWatcherTest, AFileThatChangesAllTheTimeIsReadOnceInAWhile) {
  times.longest = 100ms;
  watch();
  std::uint64_t turns = 0;
  EXPECT_TRUE(run_until([&] {
    write("usher/usher.json", std::string(++turns % 2, ' '));
    return calls >= 2;
  }));
  EXPECT_GT(turns, 5U);
}

TEST_F(ConfigWatcherTest, WithoutInotifyItLooksByItself) {
  times.look = 30ms;
  watcher.reset();
  {
    pass(10ms);
    const DescriptorLimit limit(0);
    watch();
  }
  write("usher/usher.json", "{ }");
  EXPECT_TRUE(is_called());
  fs::remove(root / "usher/services/ticket.json");
  EXPECT_TRUE(is_called());
  pass(4 * times.look);
  EXPECT_EQ(calls, 0);
}

TEST_F(ConfigWatcherTest, TheCallbackMayWatchAgain) {
  pass(10ms);
  watcher = std::make_unique<ConfigWatcher>(
      network,
      [this] {
        ++calls;
        watch({"usher/services/ticket.json"});
      },
      file_time_ns(), times);
  watch({"usher/usher.json"});
  write("usher/usher.json", "{ }");
  EXPECT_TRUE(is_called());
  write("usher/services/ticket.json", "{ }");
  EXPECT_TRUE(is_called());
}

TEST_F(ConfigWatcherTest, AfterItsEndNothingIsSaid) {
  watch();
  write("usher/usher.json", "{ }");
  watcher->stop();
  EXPECT_TRUE(is_quiet());
  watch();
  write("usher/usher.json", "{  }");
  EXPECT_TRUE(is_called());
}

TEST_F(ConfigWatcherTest, DescriptorsAreGivenBack) {
  const std::size_t before = open_descriptors();
  for (int i = 0; i < 10; ++i) {
    watch();
    replace("usher/usher.json", std::string(1U + static_cast<std::size_t>(i), ' '));
    EXPECT_TRUE(is_called());
    watcher.reset();
  }
  turn();
  EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace usher::server
