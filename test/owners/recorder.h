// Recorder keeps what the owners were sent, for tests to look at.
//
// Owner:  Platform.   Thread: any.
// Bounds: the kRecordsMax newest requests, kBodyBytesMax of each body; counters see them all.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "http_message.h"

namespace owners {

class Recorder {
 public:
  static constexpr std::size_t kRecordsMax = 5000;
  static constexpr std::size_t kBodyBytesMax = 64 * 1024;

  struct Counts {
    std::uint64_t requests = 0;
    std::uint64_t in_flight = 0;
    std::uint64_t in_flight_max = 0;
  };

  // The request shows at once, with status 0 and the verdict "pending". Returns its number.
  std::uint64_t begin(std::string_view owner, const Request& request);
  // `verdict` is "served", "fault", or what refused the request: "route", "body", "auth", "tenant".
  void finish(std::uint64_t number, int status, std::string_view verdict, std::string_view caller);

  Json requests(std::string_view owner);  // empty: of all owners
  Counts counts(const std::string& owner);
  void clear();

 private:
  struct Record {
    std::uint64_t number;
    std::string owner;
    Request request;
    int status;
    std::string verdict;
    std::string caller;
  };
  static Json to_json(const Record& record);

  std::mutex mutex_;
  std::uint64_t next_number_ = 1;
  std::deque<Record> records_;
  std::map<std::string, Counts> counts_;
  std::map<std::uint64_t, std::string> running_;  // number to owner
};

}  // namespace owners
