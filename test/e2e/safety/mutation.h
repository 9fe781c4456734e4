// Payloads that nobody thought of: random changes of the tables' requests, the same for a seed.
#pragma once

#include <random>
#include <string>
#include <vector>

namespace e2e {

class Mutator {
 public:
  Mutator(std::uint64_t seed, std::vector<std::string> originals)
      : random_(seed), originals_(std::move(originals)) {}

  // An original with one to four changes.
  std::string next();

 private:
  std::size_t below(std::size_t bound);
  std::string any_fragment();
  void change(std::string& bytes);

  std::mt19937_64 random_;
  std::vector<std::string> originals_;
};

}  // namespace e2e
