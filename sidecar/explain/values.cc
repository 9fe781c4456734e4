#include "explain/values.h"

#include <array>
#include <charconv>

#include "base/log.h"

namespace usher::explain {

std::string format_time(Duration time) {
  const std::int64_t ms = to_milliseconds(time);
  if (ms > 0 && ms < 1000) return std::to_string(ms) + "ms";
  return format_number(static_cast<double>(ms) / 1000) + "s";
}

std::string format_number(double number) {
  std::array<char, 32> text;
  return {text.data(), std::to_chars(text.begin(), text.end(), number).ptr};
}

std::string format_list(const std::vector<std::string>& texts) {
  std::string json = "[";
  for (const std::string& text : texts) {
    if (json.size() > 1) json += ", ";
    json += '"';
    append_json_escaped(json, text);
    json += '"';
  }
  return json + "]";
}

std::string format_statuses(const policy::StatusSet& statuses) {
  std::string text;
  for (int first = policy::StatusSet::kMin; first <= policy::StatusSet::kMax; ++first) {
    if (!statuses.contains(first)) continue;
    int last = first;
    while (statuses.contains(last + 1)) ++last;
    if (!text.empty()) text += ", ";
    text += std::to_string(first);
    if (last > first) text += "-" + std::to_string(last);
    first = last;
  }
  return text.empty() ? "none" : text;
}

std::string format_failures(bool not_sent, bool reset, bool timeout, bool bad_answer) {
  std::string text;
  const auto add = [&text](bool is_on, std::string_view name) {
    if (is_on) text.append(text.empty() ? "" : ", ").append(name);
  };
  add(not_sent, "connect-failure");
  add(reset, "reset-before-response");
  add(timeout, "timeout");
  add(bad_answer, "bad-answer");
  return text.empty() ? "none" : text;
}

std::string format_share(double share) {
  // Of a share with few digits the product has noise at its end.
  std::array<char, 32> text;
  const auto end =
      std::to_chars(text.begin(), text.end(), share * 100, std::chars_format::general, 6);
  return std::string(text.data(), end.ptr) + " %";
}

std::string_view name_of(policy::Repeatability repeatability) {
  switch (repeatability) {
    case policy::Repeatability::Safe:
      return "safe";
    case policy::Repeatability::Idempotent:
      return "idempotent";
    case policy::Repeatability::Keyed:
      return "keyed";
    case policy::Repeatability::Unsafe:
      break;
  }
  return "unsafe";
}

}  // namespace usher::explain
