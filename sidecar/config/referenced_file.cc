#include "config/referenced_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/secret.h"

namespace usher::config {
namespace {

namespace fs = std::filesystem;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

tl::unexpected<std::string> refused(std::string why) {
  return tl::unexpected<std::string>(std::move(why));
}

tl::unexpected<std::string> failed(const std::string& what) {
  return refused(what + ": " + std::strerror(errno));
}

// A volume of Kubernetes' has its files behind a link of this name, which is turned to a new
// version of all of them.
bool is_kubernetes_mount(const fs::path& path) {
  std::error_code error;
  for (fs::path at = path.parent_path(); at.has_relative_path(); at = at.parent_path()) {
    if (fs::is_symlink(at / "..data", error)) return true;
  }
  return false;
}

bool is_below(const fs::path& path, const fs::path& directory) {
  const fs::path rest = path.lexically_normal().lexically_relative(directory);
  return !rest.empty() && *rest.begin() != "..";
}

}  // namespace

tl::expected<std::string, std::string> read_referenced(const fs::path& path) {
  // Not blocking: opening a pipe would wait for its writer.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) return failed("cannot be opened");
  if (S_ISDIR(status.st_mode)) return refused("is a directory; expected a file");
  if (!S_ISREG(status.st_mode)) return refused("is not a regular file; expected one");

  // Read at once and by no library's buffer, so that it is in one place.
  std::string bytes(kMaxReferencedBytes + 1, '\0');
  std::size_t size = 0;
  ssize_t count = 0;
  do {
    count = ::read(file.get(), bytes.data() + size, bytes.size() - size);
    size += count > 0 ? static_cast<std::size_t>(count) : 0;
  } while (count > 0 && size < bytes.size());
  std::string text(bytes, 0, size);
  const Secret wiped(std::move(bytes));
  if (count < 0) return failed("cannot be read");
  if (size > kMaxReferencedBytes) {
    return refused("is larger than the " + std::to_string(kMaxReferencedBytes / 1024) +
                   " KiB that are read");
  }
  if (text.find('\0') != std::string::npos) {
    return refused("has a NUL byte; expected a text");
  }
  return text;
}

bool is_for_everybody(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || (status.st_mode & S_IROTH) == 0) return false;
  const fs::path whole = fs::absolute(path);
  return !is_below(whole, "/var/run/secrets") && !is_below(whole, "/run/secrets") &&
         !is_kubernetes_mount(whole);
}

}  // namespace usher::config
