// The log: JSON lines on stderr, written by a thread of its own, so that a full pipe never stops a
// call.
//
// LogLine builds one line; its destructor hands it over. Lines that do not fit into the buffer (a
// reader that stopped) are dropped and counted; the count is logged when the reader is back.
//
// Thread: any. Cost: a lock that is held for a copy of the line; nothing on a call that is not
// logged.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace usher {

enum class LogLevel : std::uint8_t { Debug, Info, Warn, Error };
enum class AccessLog : std::uint8_t { Off, Errors, All };

// Starts the writing thread. Lines before it, and after stop_log(), are written at once.
void start_log(LogLevel level);
void set_log_level(LogLevel level);
// Writes what is left and joins the thread.
void stop_log();
bool log_enabled(LogLevel level);
// Lines dropped so far.
std::uint64_t log_lines_dropped();

class LogLine {
 public:
  LogLine(LogLevel level, std::string_view message);
  ~LogLine();
  LogLine(const LogLine&) = delete;
  LogLine& operator=(const LogLine&) = delete;

  // Values are escaped, and cut after kMaxValueBytes.
  LogLine& field(std::string_view name, std::string_view value);
  LogLine& field(std::string_view name, std::int64_t value);

  static constexpr std::size_t kMaxValueBytes = 1024;

 private:
  bool enabled_;
  std::string line_;
};

// Appends `text` as the inside of a JSON string: quotes, backslashes and CTLs escaped, bytes that
// are not UTF-8 replaced.
void append_json_escaped(std::string& out, std::string_view text);

}  // namespace usher
