#include "config/problem.h"

#include <algorithm>
#include <tuple>

#include "base/log.h"
#include "config/json_reader.h"

namespace usher::config {
namespace {

// Rooms below quote what they refuse as it is, and it may hold a newline or a terminal's escape
// sequence.
std::string one_line(std::string message) {
  for (std::size_t at = 0; at < message.size(); ++at) {
    const auto byte = static_cast<unsigned char>(message[at]);
    if (byte >= 0x20 && byte != 0x7f) continue;
    std::string escaped;
    append_json_escaped(escaped, std::string_view(message).substr(at, 1));
    message.replace(at, 1, escaped);
  }
  return message;
}

}  // namespace

std::string to_string(const Problem& problem) {
  std::string text = problem.file;
  if (problem.line > 0) {
    text += ':' + std::to_string(problem.line) + ':' + std::to_string(problem.column);
  }
  return text + ": " + problem.message;
}

std::string to_string(Place place) {
  const Position position = place.document->position(place.offset);
  return place.document->file() + ':' + std::to_string(position.line) + ':' +
         std::to_string(position.column);
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t kMaxShown = 80;
  std::string result = "\"";
  append_json_escaped(result, text.substr(0, kMaxShown));
  if (text.size() > kMaxShown) result += "…";
  return result + '"';
}

void Problems::add(Place place, std::string message) {
  if (problems_.size() == kMax) {  // before its line is counted
    ++dropped_;
    return;
  }
  const Position position = place.document->position(place.offset);
  add(place.document->order(), Problem{.file = place.document->file(),
                                       .line = position.line,
                                       .column = position.column,
                                       .message = one_line(std::move(message))});
}

void Problems::add(std::string file, std::string message) {
  add(0, Problem{.file = std::move(file), .message = std::move(message)});
}

void Problems::add(std::uint32_t file_order, Problem problem) {
  if (problems_.size() == kMax) {
    ++dropped_;
  } else {
    problems_.push_back({.file_order = file_order, .problem = std::move(problem)});
  }
}

std::vector<Problem> Problems::take() {
  const auto key = [](const Entry& entry) {
    const Problem& p = entry.problem;
    return std::tie(entry.file_order, p.file, p.line, p.column, p.message);
  };
  std::stable_sort(problems_.begin(), problems_.end(),
                   [&](const Entry& a, const Entry& b) { return key(a) < key(b); });
  const auto end = std::unique(problems_.begin(), problems_.end(),
                               [&](const Entry& a, const Entry& b) { return key(a) == key(b); });
  std::vector<Problem> result;
  for (auto entry = problems_.begin(); entry != end; ++entry) {
    result.push_back(std::move(entry->problem));
  }
  if (dropped_ > 0) {
    result.push_back({.file = result.back().file,
                      .message = std::to_string(dropped_) + " further mistakes are not shown"});
  }
  problems_.clear();
  dropped_ = 0;
  return result;
}

}  // namespace usher::config
