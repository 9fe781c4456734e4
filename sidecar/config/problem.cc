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
  const auto end = std::unique(entries_.begin(), entries_.end(),
                               [&](const Entry& a, const Entry& b) { return key(a) == key(b); });
  std::vector<Problem> result;
  for (auto entry = entries_.begin(); entry != end; ++entry) {
    result.push_back(std::move(entry->problem));
  }
  const std::size_t dropped =
      (errors_ - std::min(errors_, kMax)) + (warnings_ - std::min(warnings_, kMax));
  if (dropped > 0) {
    result.push_back({.file = result.back().file,
                      .message = std::to_string(dropped) + " further mistakes are not shown"});
  }
  *this = Problems();
  return result;
}

}  // namespace usher::config
