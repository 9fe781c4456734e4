#include "safety/mutation.h"

#include <algorithm>
#include <iterator>

namespace e2e {
namespace {

constexpr std::size_t kLongest = 2000;

// What parsers stumble over.
const std::string kFragments[] = {"\r",
                                  "\n",
                                  "\r\n",
                                  "\r\n\r\n",
                                  "\r\n ",
                                  "\r\n\t",
                                  " ",
                                  "\t",
                                  "\x0b",
                                  std::string(1, '\0'),
                                  "\x7f",
                                  "\x80",
                                  "\xa0",
                                  "\xff",
                                  ":",
                                  ",",
                                  ";",
                                  "=",
                                  "\"",
                                  "_",
                                  "+",
                                  "-",
                                  "0",
                                  "1",
                                  "9",
                                  "a",
                                  "0x",
                                  "0\r\n\r\n",
                                  "3\r\nabc\r\n",
                                  ";a=b",
                                  "Host: b\r\n",
                                  "Content-Length: 0\r\n",
                                  "Content-Length: 5\r\n",
                                  "Content-Length: 40\r\n",
                                  "Transfer-Encoding: chunked\r\n",
                                  "Transfer-Encoding: identity\r\n",
                                  "Connection: close\r\n",
                                  "Connection: content-length\r\n",
                                  "Expect: 100-continue\r\n",
                                  "chunked",
                                  "gzip, ",
                                  " HTTP/1.1",
                                  " HTTP/1.0",
                                  "GET /x/2 HTTP/1.1\r\nHost: a\r\n\r\n",
                                  "POST /x/2 HTTP/1.1\r\nHost: a\r\n",
                                  "http://a",
                                  "//",
                                  "/..",
                                  "#",
                                  "?"};

}  // namespace

std::size_t Mutator::below(std::size_t bound) {
  return bound == 0 ? 0 : static_cast<std::size_t>(random_() % bound);
}

std::string Mutator::any_fragment() {
  return kFragments[below(std::size(kFragments))];
}

void Mutator::change(std::string& bytes) {
  const std::size_t at = below(bytes.size() + 1);
  const std::size_t size = below(std::min<std::size_t>(bytes.size() - at, 12) + 1);
  switch (below(6)) {
    case 0:
      bytes.insert(at, any_fragment());
      break;
    case 1:
      bytes.erase(at, size);
      break;
    case 2:
      bytes.replace(at, std::min<std::size_t>(size, 1), any_fragment());
      break;
    case 3:
      bytes.insert(at, bytes.substr(at, size));
      break;
    case 4:
      if (at < bytes.size()) bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
      break;
    default: {  // the front of one and the back of another
      const std::string& other = originals_[below(originals_.size())];
      bytes = bytes.substr(0, at) + other.substr(below(other.size()));
      break;
    }
  }
}

std::string Mutator::next() {
  std::string bytes = originals_[below(originals_.size())];
  for (std::size_t changes = 1 + below(4); changes > 0; --changes) change(bytes);
  return bytes.substr(0, kLongest);
}

}  // namespace e2e
