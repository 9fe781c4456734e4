#include "proxy/kept_answer.h"

#include <algorithm>

#include "base/bytes.h"
#include "http/head_writer.h"

namespace usher::proxy {
namespace {

constexpr int kNotModified = 304;
constexpr int kNoContent = 204;

// Content-Type and the like; Content-Location says what the answer is, and stays.
bool describes_body(std::string_view line) {
  constexpr std::string_view kContent = "content-";
  constexpr std::string_view kLocation = "content-location:";
  return equals_ignoring_case(line.substr(0, kContent.size()), kContent) &&
         !equals_ignoring_case(line.substr(0, kLocation.size()), kLocation);
}

void write_not_modified_lines(std::string_view lines, http::HeadWriter& writer) {
  while (!lines.empty()) {
    const std::string_view line = lines.substr(0, lines.find('\n') + 1);
    if (!describes_body(line)) writer.trusted_lines(line);
    lines.remove_prefix(line.size());
  }
}

}  // namespace

Result<std::string_view> write_kept_head(const cache::Entry& entry, const AnswerFacts& facts,
                                         bool not_modified, std::int64_t wall_ms,
                                         std::span<char> buffer) {
  const std::int64_t age_ms = std::max<std::int64_t>(0, entry.freshness().age_ms(wall_ms));
  http::HeadWriter writer(buffer);
  writer.status_line(not_modified ? kNotModified : entry.status());
  if (not_modified) {
    write_not_modified_lines(entry.lines(), writer);
  } else {
    writer.trusted_lines(entry.lines());
  }
  writer.field("Age", static_cast<std::uint64_t>(age_ms / 1000));
  write_facts(writer, facts, facts.close);
  if (!not_modified && entry.status() != kNoContent) {
    writer.field("Content-Length", std::uint64_t{entry.body().size()});
  }
  writer.end();
  if (!writer.ok()) return fail(ErrorCode::UpstreamProtocol, "the kept answer's head is too large");
  return writer.view();
}

}  // namespace usher::proxy
