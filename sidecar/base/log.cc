#include "base/log.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <ctime>
#include <mutex>
#include <thread>

namespace usher {
namespace {

constexpr std::size_t kMaxBufferedBytes = 256 * 1024;

void write_all(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
    if (written > 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (written < 0 && errno != EINTR && errno != EAGAIN) {
      return;  // nobody can be told
    }
  }
}

// Two buffers change places: calls append to one while the thread writes the other out.
class Writer {
 public:
  void start() {
    running_ = true;
    thread_ = std::thread([this] { run(); });
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      if (!running_) return;
      running_ = false;
    }
    wake_.notify_one();
    thread_.join();
  }

  void append(std::string_view line) {
    {
      const std::lock_guard lock(mutex_);
      if (running_) {
        if (filling_.size() + line.size() > kMaxBufferedBytes) {
          dropped_.fetch_add(1, std::memory_order_relaxed);
          return;
        }
        filling_.append(line);
      } else {
        write_all(line);
        return;
      }
    }
    wake_.notify_one();
  }

  std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  void run() {
    std::string writing;
    std::uint64_t reported = 0;
    std::unique_lock lock(mutex_);
    while (running_ || !filling_.empty()) {
      wake_.wait(lock, [this] { return !running_ || !filling_.empty(); });
      writing.swap(filling_);
      lock.unlock();
      write_all(writing);
      writing.clear();
      if (const std::uint64_t now = dropped(); now != reported) {
        write_all("{\"level\":\"warn\",\"msg\":\"log lines were dropped\",\"count\":" +
                  std::to_string(now - reported) + "}\n");
        reported = now;
      }
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::string filling_;
  bool running_ = false;
  std::atomic<std::uint64_t> dropped_{0};
  std::thread thread_;
};

Writer& writer() {
  static Writer instance;
  return instance;
}

std::atomic<LogLevel> g_level{LogLevel::Info};

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::Debug:
      return "debug";
    case LogLevel::Info:
      return "info";
    case LogLevel::Warn:
      return "warn";
    case LogLevel::Error:
      return "error";
  }
  return "error";
}

void append_timestamp(std::string& out) {
  using std::chrono::system_clock;
  const auto now = system_clock::now().time_since_epoch();
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  const std::time_t seconds = ms / 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 40> text{};
  const std::size_t length = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  out.append(text.data(), length);
  std::snprintf(text.data(), text.size(), ".%03dZ", static_cast<int>(ms % 1000));
  out.append(text.data());
}

// The length of the UTF-8 sequence that `text` begins with, or 0 when it is not one (RFC 3629 §4).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto follows = [&](std::size_t i, unsigned low, unsigned high) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return follows(1, 0x80, 0xbf) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const unsigned low = first == 0xe0 ? 0xa0 : 0x80;
    const unsigned high = first == 0xed ? 0x9f : 0xbf;
    return follows(1, low, high) && follows(2, 0x80, 0xbf) ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const unsigned low = first == 0xf0 ? 0x90 : 0x80;
    const unsigned high = first == 0xf4 ? 0x8f : 0xbf;
    return follows(1, low, high) && follows(2, 0x80, 0xbf) && follows(3, 0x80, 0xbf) ? 4 : 0;
  }
  return 0;
}

}  // namespace

void start_log(LogLevel level) {
  g_level = level;
  writer().start();
}

void stop_log() {
  writer().stop();
}

void set_log_level(LogLevel level) {
  g_level = level;
}

bool log_enabled(LogLevel level) {
  return level >= g_level.load(std::memory_order_relaxed);
}

std::uint64_t log_lines_dropped() {
  return writer().dropped();
}

void append_json_escaped(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const char c = text.front();
    if (length == 0) {
      out += "\xef\xbf\xbd";  // U+FFFD
    } else if (length > 1) {
      out.append(text.substr(0, length));
    } else if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(c));
      out += escape.data();
    } else {
      out += c;
    }
    text.remove_prefix(length == 0 ? 1 : length);
  }
}

LogLine::LogLine(LogLevel level, std::string_view message) : enabled_(log_enabled(level)) {
  if (!enabled_) return;
  line_ = "{\"time\":\"";
  append_timestamp(line_);
  line_ += "\",\"level\":\"";
  line_ += name_of(level);
  line_ += '"';
  field("msg", message);
}

LogLine::~LogLine() {
  if (!enabled_) return;
  line_ += "}\n";
  writer().append(line_);
}

LogLine& LogLine::field(std::string_view name, std::string_view value) {
  if (!enabled_) return *this;
  line_ += ",\"";
  line_ += name;
  line_ += "\":\"";
  append_json_escaped(line_, value.substr(0, kMaxValueBytes));
  line_ += '"';
  return *this;
}

LogLine& LogLine::field(std::string_view name, std::int64_t value) {
  if (!enabled_) return *this;
  line_ += ",\"";
  line_ += name;
  line_ += "\":";
  line_ += std::to_string(value);
  return *this;
}

}  // namespace usher
