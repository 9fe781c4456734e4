// effective_owner(): see effective.h.
#include "explain/effective.h"
#include "explain/setting_list.h"

namespace usher::explain {
namespace {

std::string addresses_of(const upstream::ClusterOptions& cluster) {
  std::vector<std::string> texts;
  for (const upstream::HostAddress& address : cluster.addresses) {
    texts.push_back("http://" + address.authority);
  }
  return format_list(texts);
}

// An endpoint's own path, the service's prefix in front of its match, or the match itself.
Source source_of_path(const Sources& sources) {
  Source own = sources.of("rewrite");
  return own.kind == Source::Kind::Endpoint ? own : sources.of_service("prefix");
}

void add_auth(const config::Snapshot& snapshot, const route::Endpoint& endpoint,
              const Sources& sources, SettingList& list) {
  const config::Written& written = snapshot.written;
  const config::WrittenAuth& auth = written.auths[written.endpoints[endpoint.index].auth];
  list.text("auth.scheme", auth.scheme, sources.of_member("auth", "scheme"));
  for (const config::WrittenAuth::Member& member : auth.members) {
    const std::string key = "auth." + member.name;
    const bool is_text = member.json.size() >= 2 && member.json.front() == '"' &&
                         member.json.find('\\') == std::string::npos;
    if (member.secret_from.empty() && is_text) {
      list.text(key, member.json.substr(1, member.json.size() - 2),
                sources.of_member("auth", member.name));
    } else if (member.secret_from.empty()) {
      list.json(key, member.json, sources.of_member("auth", member.name));
    } else {
      list.text(key, member.secret_from, sources.of_member("auth", member.name));
    }
  }
}

void add_limits(const upstream::ClusterOptions& cluster, const Sources& sources,
                SettingList& list) {
  const auto integer = [&](const std::string& key, std::size_t value) {
    list.json(key, std::to_string(value), sources.of_service(key));
  };
  const auto text = [&](const std::string& key, std::string_view value) {
    list.text(key, value, sources.of_service(key));
  };
  integer("connections", cluster.connections_per_host);
  integer("pending", cluster.pending);
  integer("owner_concurrency.max", cluster.concurrency.max_concurrent);
  if (cluster.concurrency.max_concurrent > 0) {
    integer("owner_concurrency.queue", cluster.concurrency.max_queue);
    text("owner_concurrency.queue_timeout", format_duration(cluster.concurrency.queue_timeout));
  }
  list.json("retry_budget.share", format_number(cluster.retry_budget.share),
            sources.of_service("retry_budget.share"));
  list.json("retry_budget.floor_per_second", format_number(cluster.retry_budget.floor_per_second),
            sources.of_service("retry_budget.floor_per_second"));
  text("retry_budget.window", format_duration(cluster.retry_budget.window));
  if (cluster.outlier.failures == 0) {
    return list.flag("outlier", false, sources.of_service("outlier"));
  }
  integer("outlier.failures", static_cast<std::size_t>(cluster.outlier.failures));
  text("outlier.ejection_time", format_duration(cluster.outlier.ejection_time));
  text("outlier.ejection_time_max", format_duration(cluster.outlier.ejection_time_max));
  list.json("outlier.jitter", format_number(cluster.outlier.jitter),
            sources.of_service("outlier.jitter"));
}

}  // namespace

std::vector<Setting> effective_owner(const config::Snapshot& snapshot,
                                     const route::Endpoint& endpoint) {
  const Sources sources(snapshot, endpoint);
  const upstream::ClusterOptions& cluster = snapshot.clusters[endpoint.cluster];
  SettingList list;
  list.json("addresses", addresses_of(cluster), sources.of_service("addresses"));
  list.text("rewrite", endpoint.rewrite.text(), source_of_path(sources));
  if (endpoint.consumers.empty()) {
    list.text("consumers", "every consumer", sources.of("consumers"));
  } else {
    list.json("consumers", format_list(endpoint.consumers), sources.of("consumers"));
  }
  add_auth(snapshot, endpoint, sources, list);
  add_limits(cluster, sources, list);
  return std::move(list.all());
}

}  // namespace usher::explain
