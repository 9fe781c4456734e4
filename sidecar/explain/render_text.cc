#include <algorithm>

#include "explain/render.h"
#include "explain/values.h"
#include "explain/words.h"

namespace usher::explain {
namespace {

// Rows of cells, each column as wide as its widest cell that has one behind it.
class Table {
 public:
  using Row = std::vector<std::string>;

  void add(Row row) {
    widths_.resize(std::max(widths_.size(), row.size()));
    for (std::size_t i = 0; i + 1 < row.size(); ++i) {
      widths_[i] = std::max(widths_[i], std::min(row[i].size(), kWidthMax));
    }
    rows_.push_back(std::move(row));
  }

  std::string text() const {
    std::string text;
    for (const Row& row : rows_) {
      std::string line = "  ";
      for (std::size_t i = 0; i < row.size(); ++i) {
        line += row[i];
        if (i + 1 < row.size()) {
          line.append(2 + widths_[i] - std::min(row[i].size(), widths_[i]), ' ');
        }
      }
      text += line + "\n";
    }
    return text;
  }

 private:
  static constexpr std::size_t kWidthMax = 44;  // longer cells push the rest of their row away

  std::vector<Row> rows_;
  std::vector<std::size_t> widths_;
};

std::string join(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all.append(all.empty() ? "" : ", ").append(text);
  return all;
}

// Each line in the last column, behind the title in the first.
void add_lines(Table& table, const std::string& title, const std::vector<std::string>& lines) {
  for (std::size_t i = 0; i < lines.size(); ++i) {
    table.add({i == 0 ? title : std::string(), lines[i]});
  }
}

std::string describe_source(const Setting& setting) {
  std::string source = to_string(setting.source);
  if (setting.cut_by.empty()) return source;
  return "cut by " + setting.cut_by + " from " + setting.cut_from + " (" + source + ")";
}

class TextRenderer {
 public:
  TextRenderer(const config::Snapshot& snapshot, const CallExplanation& call, const LiveState* live)
      : snapshot_(snapshot), call_(call), live_(live) {}

  std::string render() {
    text_ = call_.method + " " + call_.url + " by " + call_.consumer + "\n";
    write_head();
    if (call_.matched) {
      write_settings("Policy", call_.matched->policy);
      write_settings("Owner", call_.matched->owner);
      write_cache(call_.matched->cache);
      write_signing(call_.matched->signing);
      write_attempts(*call_.matched);
      write_protection(*call_.matched->endpoint);
      if (live_ != nullptr) write_live();
    }
    return std::move(text_);
  }

 private:
  void section(std::string_view title, const Table& table) {
    text_.append("\n").append(title).append("\n").append(table.text());
  }
  void write_head();
  void write_settings(std::string_view title, const std::vector<Setting>& settings);
  void write_cache(const CachePlan& cache);
  void write_signing(const Signing& signing);
  void write_attempts(const MatchedCall& matched);
  void write_protection(const route::Endpoint& endpoint);
  void write_live();

  const config::Snapshot& snapshot_;
  const CallExplanation& call_;
  const LiveState* live_;
  std::string text_;
};

void TextRenderer::write_head() {
  Table table;
  if (call_.refusal) {
    table.add({"refused", std::to_string(call_.refusal->status) + " " + call_.refusal->code + ": " +
                              call_.refusal->why});
  }
  add_lines(table, "like it", call_.nearest);
  if (call_.matched) {
    const MatchedCall& matched = *call_.matched;
    const route::Endpoint& endpoint = *matched.endpoint;
    const auto place =
        snapshot_.written.origins.find(snapshot_.written.endpoints[endpoint.index].object, "match");
    table.add({"endpoint", endpoint.service + "/" + endpoint.name + "  (" +
                               std::string(http::to_string(endpoint.method)) + " " +
                               endpoint.match.text() +
                               (place ? ", " + to_string(*place) : std::string()) + ")"});
    table.add({"listener", matched.listener});
    table.add({"owner gets", call_.method + " " + matched.owner_target});
    if (!matched.tenant.empty()) table.add({"tenant", matched.tenant});
    if (!matched.user.empty()) table.add({"user", matched.user});
    if (!matched.idempotency_key.empty()) {
      table.add({"Idempotency-Key", matched.idempotency_key});
    }
  }
  text_ += table.text();
}

void TextRenderer::write_settings(std::string_view title, const std::vector<Setting>& settings) {
  Table table;
  for (const Setting& setting : settings) {
    table.add({setting.key, setting.value, describe_source(setting)});
  }
  section(title, table);
}

void TextRenderer::write_cache(const CachePlan& cache) {
  Table table;
  table.add({"looked up", cache.looked_up ? "yes" : "no: " + cache.why_not});
  if (cache.looked_up && !cache.stored) table.add({"stored", "no: only a whole answer to GET is"});
  if (cache.keeps) {
    table.add({"kept in", cache.kept_in});
    for (const auto& [name, value] : cache.key) {
      table.add({&name == &cache.key.front().first ? "key" : "",
                 std::string(name).append(" = ").append(value)});
    }
    if (!cache.digest.empty()) table.add({"", "= " + cache.digest});
    if (!cache.tags.empty()) table.add({"tags", join(cache.tags)});
    add_lines(table, "freshness", cache.freshness);
  }
  add_lines(table, "makes stale", cache.invalidates);
  if (cache.invalidates_path) table.add({"makes stale", "what is kept of its own path"});
  section("Cache", table);
}

void TextRenderer::write_signing(const Signing& signing) {
  Table table;
  table.add({"scheme", signing.scheme});
  if (!signing.headers.empty()) table.add({"headers", join(signing.headers)});
  for (const auto& [name, text] : signing.texts) table.add({name, text});
  for (const auto& [member, from] : signing.secrets) table.add({member, "from " + from});
  if (signing.holds_body) table.add({"body", "held until it is whole: the signature covers it"});
  if (!signing.note.empty()) table.add({"note", signing.note});
  section("Signing", table);
}

void TextRenderer::write_attempts(const MatchedCall& matched) {
  Table table;
  for (const PlannedAttempt& attempt : matched.retries.attempts) {
    const bool first = attempt.number == 1;
    table.add(
        {std::to_string(attempt.number),
         first ? "at once"
               : "after " + format_time(attempt.earliest) + " to " + format_time(attempt.latest),
         first ? "" : "pause below " + format_time(attempt.pause_max),
         "up to " + format_time(attempt.timeout) +
             (attempt.always ? "" : ", or none: no time may be left")});
  }
  for (const std::string& line : describe_retries(snapshot_, *matched.endpoint, matched.retries)) {
    table.add({"", line});
  }
  section("Attempts, all within " + format_time(matched.retries.call_timeout), table);
}

void TextRenderer::write_protection(const route::Endpoint& endpoint) {
  Table table;
  add_lines(table, "breaker", describe_breaker(snapshot_, endpoint));
  add_lines(table, "limits", describe_limits(snapshot_, endpoint));
  section("Protection", table);
}

void TextRenderer::write_live() {
  Table table;
  table.add({"breaker", live_->breaker ? describe_state(*live_->breaker) : "none"});
  table.add({"retry budget", std::to_string(live_->retries_left) + " left"});
  std::vector<std::string> hosts;
  for (const LiveHost& host : live_->hosts) {
    hosts.push_back(host.address + (host.resolved.empty() ? "" : " (" + host.resolved + ")") +
                    ": " + std::to_string(host.connections) + " connections, " +
                    std::to_string(host.idle) + " idle, " + std::to_string(host.waiting) +
                    " calls wait" + (host.ejected ? ", ejected" : ""));
  }
  add_lines(table, "owner", hosts);
  section("Now", table);
}

}  // namespace

std::string render_text(const config::Snapshot& snapshot, const CallExplanation& call,
                        const LiveState* live) {
  return TextRenderer(snapshot, call, live).render();
}

}  // namespace usher::explain
