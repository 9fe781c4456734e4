// EverywhereInvalidations: a tag's text made invalid in every scope, one scope after another.
//
// The scopes come from the set of them, a page at a time. At the end the text is told to the other
// sidecars, for what they have in memory alone.
//
// Owner: RedisTier.  Thread: its loop's.
#pragma once

#include <array>
#include <functional>
#include <list>
#include <string>
#include <vector>

#include "cache/invalidation_retries.h"
#include "cache/redis_client.h"
#include "cache/redis_context.h"

namespace usher::cache {

class EverywhereInvalidations {
 public:
  using Done = std::function<void(bool complete, std::size_t scopes)>;

  EverywhereInvalidations(RedisContext& context, InvalidationRetries& retries)
      : context_(context), retries_(retries) {}
  ~EverywhereInvalidations();
  EverywhereInvalidations(const EverywhereInvalidations&) = delete;
  EverywhereInvalidations& operator=(const EverywhereInvalidations&) = delete;

  void start(std::string_view text, Done done);

 private:
  enum class Step : std::uint8_t { Scan, Scope, Publish };
  struct Run final : RedisCommand {
    struct Start final : net::Task {
      explicit Start(Run& the_run) : owner(&the_run) {}
      void run() override { owner->owner->go_on(*owner); }
      Run* owner;
    };

    explicit Run(EverywhereInvalidations& the_owner) : owner(&the_owner), start(*this) {}
    void on_reply(const RedisReply& reply) override { owner->on_reply(*this, reply); }
    void on_redis_failure(RedisFailure) override { owner->on_failure(*this); }

    EverywhereInvalidations* owner;
    std::list<Run>::iterator self;
    Start start;
    Done done;
    std::string text;
    Step step = Step::Scan;
    bool by_text = false;  // of the script
    std::string cursor = "0";
    std::vector<ScopeId> scopes;  // of this page, that are left
    std::array<Tag, 1> tag;       // in the scope at the end of them
    std::size_t count = 0;
    bool is_complete = true;
    bool is_over = false;
  };

  // Sends the next command; ends the run when there is none.
  void go_on(Run& run);
  bool send(Run& run);
  void on_reply(Run& run, const RedisReply& reply);
  void on_failure(Run& run);
  // What follows a step; `succeeded`: of that step.
  void pass(Run& run, bool succeeded);
  void next_scope(Run& run);
  void take_page(Run& run, const RedisReply& reply);
  void end(Run& run);

  RedisContext& context_;
  InvalidationRetries& retries_;
  Hasher hasher_;
  std::list<Run> runs_;
};

}  // namespace usher::cache
