#include "recorder.h"

#include <algorithm>

namespace owners {

std::uint64_t Recorder::begin(std::string_view owner, const Request& request) {
  Record record{0, std::string(owner), request, 0, "pending", ""};
  if (record.request.body.size() > kBodyBytesMax) record.request.body.resize(kBodyBytesMax);
  const std::lock_guard lock(mutex_);
  record.number = next_number_++;
  Counts& counts = counts_[record.owner];
  ++counts.requests;
  counts.in_flight_max = std::max(counts.in_flight_max, ++counts.in_flight);
  running_.emplace(record.number, record.owner);
  records_.push_back(std::move(record));
  if (records_.size() > kRecordsMax) records_.pop_front();
  return next_number_ - 1;
}

void Recorder::finish(std::uint64_t number, int status, std::string_view verdict,
                      std::string_view caller) {
  const std::lock_guard lock(mutex_);
  const auto running = running_.find(number);
  if (running == running_.end()) return;  // cleared while it ran
  --counts_[running->second].in_flight;
  running_.erase(running);
  const auto record = std::find_if(records_.rbegin(), records_.rend(),
                                   [number](const Record& r) { return r.number == number; });
  if (record == records_.rend()) return;
  record->status = status;
  record->verdict = verdict;
  record->caller = caller;
}

Json Recorder::requests(std::string_view owner) {
  const std::lock_guard lock(mutex_);
  Json list = Json::array();
  for (const Record& record : records_) {
    if (owner.empty() || record.owner == owner) list.push_back(to_json(record));
  }
  return list;
}

Recorder::Counts Recorder::counts(const std::string& owner) {
  const std::lock_guard lock(mutex_);
  return counts_[owner];
}

void Recorder::clear() {
  const std::lock_guard lock(mutex_);
  records_.clear();
  counts_.clear();
  running_.clear();
}

Json Recorder::to_json(const Record& record) {
  Json headers = Json::array();
  for (const Header& field : record.request.headers) {
    headers.push_back(Json::array({field.name, field.value}));
  }
  return {{"number", record.number},
          {"owner", record.owner},
          {"method", record.request.method},
          {"target", record.request.target},
          {"headers", std::move(headers)},
          {"body", record.request.body},
          {"bodyLength", record.request.body_length},
          {"status", record.status},
          {"verdict", record.verdict},
          {"caller", record.caller}};
}

}  // namespace owners
