// Runs a fuzz target without libFuzzer: each file of a corpus directory, then seeded mutations of
// them, the same ones every time. An input that breaks the target is left behind as "finding".
//
// replay_NAME CORPUS...   USHER_FUZZ_MUTATIONS=100000 makes it longer.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));

namespace {

constexpr std::size_t kMutations = 20000;
constexpr std::size_t kMaxBytes = 4096;

std::string current;

// For the last moment: system calls alone.
void save_finding() {
  constexpr std::string_view kSaid = "the input is in ./finding\n";
  const int file = ::open("finding", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0 || ::write(file, current.data(), current.size()) < 0) return;
  if (::write(STDERR_FILENO, kSaid.data(), kSaid.size()) < 0) return;
}

void on_signal(int signal) {
  save_finding();
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void run(const std::string& input) {
  current = input;
  // Memory of its own size, so that a sanitizer sees each byte read beyond it.
  const std::vector<std::uint8_t> bytes(current.begin(), current.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

class Mutator {
 public:
  Mutator(const std::vector<std::string>& files, std::uint64_t seed)
      : files_(files), random_(seed) {}

  std::string make() {
    std::string text = files_[below(files_.size())];
    for (std::size_t i = 1 + below(4); i > 0; --i) mutate(text);
    text.resize(std::min(text.size(), kMaxBytes));
    return text;
  }

 private:
  std::size_t below(std::size_t bound) { return bound == 0 ? 0 : random_.next() % bound; }

  void mutate(std::string& text) {
    constexpr std::string_view kTelling("\0\t\n\r \"#%,-./0:;=?@[\\]_{}\x7f\x80\xff", 28);
    const std::size_t at = below(text.size() + 1);
    const std::size_t count = below(std::min<std::size_t>(text.size() - at, 16) + 1);
    const char telling = kTelling[below(kTelling.size())];
    switch (below(7)) {
      case 0:
        if (at < text.size()) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
        break;
      case 1:
        if (at < text.size()) text[at] = telling;
        break;
      case 2:
        text.insert(at, 1, telling);
        break;
      case 3:
        text.erase(at, count);
        break;
      case 4:
        text.insert(below(text.size() + 1), text.substr(at, count));
        break;
      case 5:
        text.resize(at);
        break;
      default: {
        const std::string& other = files_[below(files_.size())];
        text = text.substr(0, at) + other.substr(below(other.size() + 1));
      }
    }
  }

  const std::vector<std::string>& files_;
  usher::Random random_;
};

std::vector<std::string> read_corpus(int argc, char** argv) {
  std::vector<std::filesystem::path> paths;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      paths.push_back(entry.path());
    }
  }
  std::sort(paths.begin(), paths.end());
  std::vector<std::string> files;
  for (const std::filesystem::path& path : paths) {
    std::ifstream file(path, std::ios::binary);
    files.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return files;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> files = read_corpus(argc, argv);
  if (files.empty()) {
    std::fputs("no corpus given, or an empty one\n", stderr);
    return 2;
  }
  std::signal(SIGABRT, on_signal);
  if (__sanitizer_set_death_callback != nullptr) {
    __sanitizer_set_death_callback(save_finding);
  } else {
    std::signal(SIGSEGV, on_signal);
  }

  run("");
  for (const std::string& file : files) run(file);
  const char* wanted = std::getenv("USHER_FUZZ_MUTATIONS");
  const std::uint64_t mutations =
      wanted == nullptr ? kMutations : usher::parse_decimal(wanted).value_or(kMutations);
  for (std::uint64_t seed = 1; seed <= mutations; ++seed) run(Mutator(files, seed).make());
  std::printf("%zu files, %llu mutations\n", files.size(),
              static_cast<unsigned long long>(mutations));
  return 0;
}
