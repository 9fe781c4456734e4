// A secret kept as text: its memory is wiped when it is replaced and when it goes. It can be
// neither copied nor moved, so that no second copy is left behind unwiped.
#ifndef USHER_PLUGINS_COMMON_SECRET_TEXT_H
#define USHER_PLUGINS_COMMON_SECRET_TEXT_H

#include <openssl/crypto.h>

#include <string>
#include <string_view>

namespace usher::plugins {

class SecretText {
 public:
  SecretText() = default;
  SecretText(const SecretText&) = delete;
  SecretText& operator=(const SecretText&) = delete;
  ~SecretText() { wipe(); }

  void assign(std::string_view text) {
    wipe();
    text_.assign(text);
  }

  std::string_view view() const { return text_; }

 private:
  void wipe() { OPENSSL_cleanse(text_.data(), text_.size()); }

  std::string text_;
};

}  // namespace usher::plugins

#endif  // USHER_PLUGINS_COMMON_SECRET_TEXT_H
