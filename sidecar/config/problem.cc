#include "config/problem.h"

#include <algorithm>
#include <functional>
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

// Of a mistake: two of the same place and words are one.
std::uint64_t identity(Place place, std::string_view message) {
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;
  const std::hash<std::string_view> hash;
  // Not the document's address: a broken one is gone before the next is read.
  return ((hash(place.document->file()) * kOdd + place.offset) * kOdd) ^ hash(message);
}

// What is said of those that found no room.
void count_rest(std::vector<Problem>& problems, std::size_t dropped, Severity severity) {
  if (dropped == 0) return;
  const char* what = severity == Severity::Error ? " further mistakes" : " further warnings";
  problems.push_back({.file = problems.back().file,
                      .message = std::to_string(dropped) + what + " are not shown",
                      .severity = severity});
}

}  // namespace

std::string to_string(const Problem& problem) {
  std::string text = problem.file;
  if (problem.line > 0) {
    text += ':' + std::to_string(problem.line) + ':' + std::to_string(problem.column);
  }
  text += problem.severity == Severity::Warning ? ": warning: " : ": ";
  return text + problem.message;
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

void Problems::add(Place place, std::string message, Severity severity) {
  // What many endpoints inherit is found at each of them.
  if (!seen_.insert(identity(place, message)).second) return;
  if (!has_room(severity)) return;  // before its line is looked for
  const Position position = place.document->position(place.offset);
  entries_.push_back({.file_order = place.document->order(),
                      .problem = {.file = place.document->file(),
                                  .line = position.line,
                                  .column = position.column,
                                  .message = one_line(std::move(message)),
                                  .severity = severity}});
}

void Problems::add(std::string file, std::string message) {
  if (!has_room(Severity::Error)) return;
  entries_.push_back(
      {.file_order = 0, .problem = {.file = std::move(file), .message = std::move(message)}});
}

// Counts one more of them.
bool Problems::has_room(Severity severity) {
  return ++(severity == Severity::Error ? errors_ : warnings_) <= kMax;
}

std::vector<Problem> Problems::take() {
  const auto key = [](const Entry& entry) {
    const Problem& p = entry.problem;
    return std::tie(entry.file_order, p.file, p.line, p.column, p.message);
  };
  std::stable_sort(entries_.begin(), entries_.end(),
                   [&](const Entry& a, const Entry& b) { return key(a) < key(b); });
  std::vector<Problem> result;
  for (Entry& entry : entries_) result.push_back(std::move(entry.problem));
  count_rest(result, errors_ - std::min(errors_, kMax), Severity::Error);
  count_rest(result, warnings_ - std::min(warnings_, kMax), Severity::Warning);
  *this = Problems();
  return result;
}

}  // namespace usher::config
