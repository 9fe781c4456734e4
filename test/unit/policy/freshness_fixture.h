// Calls and answers for the tests of freshness, written as field lines. Time: kNow is when an
// answer is there.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

#include "http/field_id.h"
#include "http/http_date.h"
#include "http/message.h"
#include "policy/cache_policy.h"
#include "policy/freshness.h"

namespace usher::policy {

inline constexpr std::int64_t kNow = 1'768'210'800'000;  // 2026-01-12 09:40:00

// "Date: @-10" is the time ten seconds before kNow.
inline std::string with_dates(std::string text) {
  const std::size_t at = text.find(": @");
  if (at == std::string::npos) return text;
  const std::int64_t seconds = std::stoll(text.substr(at + 3));
  return text.substr(0, at + 2) + std::string(http::HttpDate(kNow + 1000 * seconds).text());
}

// Lines ("Name: value") as parsed fields; keeps their bytes.
class Lines {
 public:
  explicit Lines(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      add(with_dates(std::string(text.substr(0, end))));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;

  const http::Fields& fields() const { return fields_; }

 private:
  void add(std::string line) {
    const std::string_view kept = lines_.emplace_back(std::move(line));
    const std::size_t colon = kept.find(':');
    const std::string_view name = kept.substr(0, colon);
    fields_.add(name, kept.substr(std::min(colon + 2, kept.size())), http::field_id(name));
  }

  std::deque<std::string> lines_;
  http::Fields fields_;
};

inline constexpr std::string_view kFresh = "Cache-Control: max-age=60";

inline CachePolicy scoped(CacheScope scope) {
  CachePolicy policy;
  policy.scope = scope;
  return policy;
}

inline CachePolicy with_ttl(Duration ttl, bool overrides = false) {
  CachePolicy policy;
  policy.ttl = ttl;
  policy.ttl_overrides = overrides;
  return policy;
}

inline CachePolicy with_negative_ttl(Duration ttl) {
  CachePolicy policy;
  policy.negative_ttl = ttl;
  return policy;
}

// One call and its answer, to be asked about.
struct Story {
  std::string_view answer;  // its field lines
  std::string_view request = {};
  int status = 200;
  CachePolicy policy = {};
  std::int64_t delay_ms = 0;  // from request to answer
  double jitter = 0;
  http::Method method = http::Method::Get;
  http::Framing framing = http::Framing::ContentLength;
  std::uint64_t content_length = 0;
};

inline StoreDecision decide(const Story& story) {
  const Lines request_lines(story.request);
  const Lines answer_lines(story.answer);
  http::RequestHead request;
  request.method = story.method;
  request.fields = request_lines.fields();
  http::ResponseHead answer;
  answer.status = story.status;
  answer.fields = answer_lines.fields();
  answer.framing = story.framing;
  answer.content_length = story.content_length;
  const auto asked = http::CacheControl::of_request(request.fields);
  return may_store(story.policy, {.request = request,
                                  .asked = asked,
                                  .answer = answer,
                                  .request_ms = kNow - story.delay_ms,
                                  .response_ms = kNow,
                                  .jitter = story.jitter});
}

}  // namespace usher::policy
