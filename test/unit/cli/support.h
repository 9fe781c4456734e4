// What a command printed.
#pragma once

#include <cstdio>
#include <string>

namespace usher::cli::test {

class Output {
 public:
  ~Output() { std::fclose(file_); }
  Output() = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  std::FILE* file() { return file_; }
  std::string text() {
    std::fflush(file_);
    std::string text(static_cast<std::size_t>(std::ftell(file_)), '\0');
    std::rewind(file_);
    text.resize(std::fread(text.data(), 1, text.size(), file_));
    return text;
  }

 private:
  std::FILE* file_ = std::tmpfile();
};

}  // namespace usher::cli::test
