// A consumer of the chaos test: makes calls on one connection for as long as that lasts, and
// complains of every answer that it should not have got.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "support/chaos_call.h"
#include "support/chaos_owner.h"

namespace e2e::chaos {

class Consumer {
 public:
  Consumer(std::uint64_t seed, int port, Complaints& complaints)
      : seed_(seed), port_(port), complaints_(&complaints) {}

  // One after another; pipelined where all of them are plain.
  void make(std::span<const Call> calls);
  // Those that ended with the owner's whole answer.
  std::size_t right_answers() const { return right_answers_; }

 private:
  void make_patiently(const Call& call);
  void make_impatiently(const Call& call);
  void pipeline(std::span<const Call> calls);
  // False when the connection cannot carry another call.
  bool take_answer(const Call& call);
  void send_in_pieces(std::string_view text, Chance& chance);
  Client& connection();

  std::uint64_t seed_;
  int port_;
  Complaints* complaints_;
  std::unique_ptr<Client> client_;
  std::size_t right_answers_ = 0;
};

}  // namespace e2e::chaos
