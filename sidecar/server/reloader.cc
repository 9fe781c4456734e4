#include "server/reloader.h"

#include <algorithm>
#include <utility>

#include "base/json_writer.h"
#include "base/log.h"

namespace usher::server {
namespace {

void write_problems(JsonWriter& json, std::string_view name,
                    const std::vector<config::Problem>& problems) {
  json.name(name).open('[');
  for (const config::Problem& problem : problems) {
    json.open('{').name("file").string(problem.file);
    json.number("line", problem.line).number("column", problem.column);
    json.name("message").string(problem.message).close('}');
  }
  json.close(']');
}

void log_problems(const ReloadReport& report) {
  for (const config::Problem& problem : report.warnings) {
    LogLine(LogLevel::Warn, "configuration").field("problem", config::to_string(problem));
  }
  for (const config::Problem& problem : report.problems) {
    LogLine(LogLevel::Error, "configuration").field("problem", config::to_string(problem));
  }
  for (const std::string& setting : report.needs_restart) {
    LogLine(LogLevel::Warn, "this setting has changed, which takes effect when the process starts")
        .field("setting", setting);
  }
}

void log(const ReloadReport& report, std::uint64_t revision) {
  log_problems(report);
  constexpr std::string_view kTexts[] = {
      "the configuration was reloaded", "the configuration is what it was",
      "the configuration was refused; the one before stays in use"};
  const bool is_bad = report.result == ReloadResult::Refused;
  LogLine(is_bad ? LogLevel::Error : LogLevel::Info, kTexts[static_cast<int>(report.result)])
      .field("trigger", report.trigger)
      .field("revision", static_cast<std::int64_t>(revision))
      .field("problems", static_cast<std::int64_t>(report.problems.size()))
      .field("warnings", static_cast<std::int64_t>(report.warnings.size()));
}

}  // namespace

std::string_view to_string(ReloadResult result) {
  switch (result) {
    case ReloadResult::Applied:
      return "applied";
    case ReloadResult::Unchanged:
      return "unchanged";
    case ReloadResult::Refused:
      return "refused";
  }
  return "";
}

std::string to_json(const ReloadStatus& status) {
  const ReloadReport& last = status.last;
  JsonWriter json;
  json.open('{').name("result").string(to_string(last.result));
  json.name("trigger").string(last.trigger);
  json.number("atMs", last.at_ms).number("revision", status.revision);
  json.number("appliedAtMs", status.applied_at_ms);
  write_problems(json, "problems", last.problems);
  write_problems(json, "warnings", last.warnings);
  json.name("needsRestart").open('[');
  for (const std::string& setting : last.needs_restart) json.string(setting);
  json.close(']').name("counts").open('{');
  for (std::size_t i = 0; i < kReloadResults; ++i) {
    json.number(to_string(static_cast<ReloadResult>(i)), status.counts[i]);
  }
  json.close('}').close('}');
  return json.take();
}

Reloader::Reloader(net::Network& network, std::vector<std::filesystem::path> directories,
                   const config::LoadResult& loaded, Apply apply, Watch watch)
    : network_(&network),
      directories_(std::move(directories)),
      apply_(std::move(apply)),
      watch_(std::move(watch)),
      started_(*loaded.snapshot),
      files_(loaded.files),
      fingerprint_(loaded.fingerprint) {
  status_.applied_at_ms = network.wall_ms();
  status_.last = {.trigger = "start", .at_ms = status_.applied_at_ms, .warnings = loaded.warnings};
}

void Reloader::reload(std::string_view trigger, Done done) {
  waiting_.push_back({.trigger = std::string(trigger), .done = std::move(done)});
  if (!is_running_) begin();
}

void Reloader::begin() {
  is_running_ = true;
  running_ = std::exchange(waiting_, {});
  config::LoadResult loaded = config::load(directories_, network_->wall_ms());
  files_ = std::move(loaded.files);
  watch_(files_);
  ReloadReport report = {.trigger = running_.front().trigger,
                         .at_ms = network_->wall_ms(),
                         .problems = std::move(loaded.problems),
                         .warnings = std::move(loaded.warnings),
                         .needs_restart = status_.last.needs_restart};
  if (loaded.snapshot == nullptr) {
    report.result = ReloadResult::Refused;
  } else if (loaded.fingerprint == fingerprint_) {
    report.result = ReloadResult::Unchanged;
  } else {
    report.needs_restart = started_.changed_in(*loaded.snapshot);
    const auto prevented = apply_(loaded.snapshot, [this, report] { finish(report); });
    if (!prevented) {
      fingerprint_ = loaded.fingerprint;
      return;
    }
    report.result = ReloadResult::Refused;
    report.problems.push_back({.file = directories_.front().string(), .message = *prevented});
  }
  finish(std::move(report));
}

void Reloader::finish(ReloadReport report) {
  ++status_.counts[static_cast<std::size_t>(report.result)];
  if (report.result == ReloadResult::Applied) {
    ++status_.revision;
    status_.applied_at_ms = network_->wall_ms();
  }
  log(report, status_.revision);
  status_.last = std::move(report);
  for (const Request& request : std::exchange(running_, {})) {
    if (request.done) request.done(status_);
  }
  is_running_ = false;
  if (!waiting_.empty()) begin();
}

}  // namespace usher::server
