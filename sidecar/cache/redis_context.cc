#include "cache/redis_context.h"

#include "cache/invalidation_message.h"

namespace usher::cache {

RedisContext::RedisContext(net::Network& the_network, RedisClient& the_client,
                           const RedisOptions& the_options, TagTable& the_tags,
                           OpenInvalidations& the_open)
    : network(the_network),
      client(the_client),
      options(the_options),
      tags(the_tags),
      open(the_open),
      arguments(options.prefix),
      sealer(options.seal_key, options.other_seal_keys) {}

RedisArguments& RedisContext::begin_script(const RedisScript& script, bool by_text,
                                           std::size_t keys) {
  return arguments.begin(by_text ? "EVAL" : "EVALSHA")
      .add_large(by_text ? script.text() : script.sha())
      .add(std::uint64_t{keys});
}

bool RedisContext::send(RedisCommand& command, std::size_t key) {
  const auto words = arguments.view();
  return client.send(command, words[key], words);
}

bool RedisContext::send_invalidation(RedisCommand& command, ScopeId scope,
                                     std::span<const Tag> scope_tags, bool by_text) {
  begin_script(scripts.invalidate, by_text, 1 + scope_tags.size()).add_generation(scope);
  for (const Tag& tag : scope_tags) arguments.add_tag(scope, tag);
  write_message(open.sender(), scope_tags, buffer);
  arguments.add_channel().add_large(buffer);
  return send_script(command);
}

void RedisContext::tell_table(std::span<const Tag> scope_tags) {
  for (const Tag& tag : scope_tags) tags.invalidate(tag);
}

}  // namespace usher::cache
