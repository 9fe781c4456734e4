#include "proxy/worker_cache.h"

#include "base/bytes.h"
#include "http/target.h"

namespace usher::proxy {
namespace {

// Two spellings of one path are one path to its owner.
void append_decoded(std::string_view path, std::string& text) {
  for (std::size_t i = 0; i < path.size(); ++i) {
    const bool is_escape = path[i] == '%' && i + 2 < path.size() && is_hex_digit(path[i + 1]) &&
                           is_hex_digit(path[i + 2]);
    if (!is_escape) {
      text += path[i];
      continue;
    }
    text += static_cast<char>(hex_value(path[i + 1]) * 16 + hex_value(path[i + 2]));
    i += 2;
  }
}

}  // namespace

WorkerCache::WorkerCache(net::Network& network, cache::SharedCache& shared_cache,
                         const cache::RedisOptions* options)
    : shared(shared_cache), redis_options(options), desk(shared_cache.flights, network) {
  if (options == nullptr) return;
  client = std::make_unique<cache::RedisClient>(network, *options);
  redis = std::make_unique<cache::RedisTier>(network, *client, *options, shared.tags, &shared.open);
}

WorkerCache::~WorkerCache() = default;

void WorkerCache::shut() {
  if (client != nullptr) client->shut();
}

void WorkerCache::add_path_tag(cache::ScopeId scope, std::string_view service,
                               std::string_view target, std::vector<cache::Tag>& tags) {
  const std::string_view path = http::split_target(target).path;
  // A blank is in no tag of a template's that could be taken for it: paths begin with a slash.
  std::string text = "path ";
  text.append(service).append(" ");
  append_decoded(path, text);
  tags.push_back(cache::make_tag(hasher, scope, text));
}

void WorkerCache::add_scope_tag(cache::ScopeId scope, std::vector<cache::Tag>& tags) {
  tags.push_back(cache::make_tag(hasher, scope, {}));
}

bool WorkerCache::add_tags(cache::ScopeId scope, const std::vector<policy::TagTemplate>& templates,
                           const route::Parameters& parameters, policy::TagTemplate::Source source,
                           std::string_view document, std::vector<cache::Tag>& tags) {
  using Source = policy::TagTemplate::Source;
  const std::span<const std::string_view> values(parameters.values.data(), parameters.size);
  bool is_whole = true;
  for (const policy::TagTemplate& tag : templates) {
    if (tag.source() != source) continue;
    if (source == Source::None) {
      tags.push_back(cache::make_tag(hasher, scope, tag.expand(values, {})));
    } else {
      is_whole = json.each(document, tag.pointer(), [&](std::string_view value) {
        tags.push_back(cache::make_tag(hasher, scope, tag.expand(values, value)));
      }) && is_whole;
    }
  }
  return is_whole;
}

}  // namespace usher::proxy
