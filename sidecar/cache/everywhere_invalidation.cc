#include "cache/everywhere_invalidation.h"

#include "cache/hex.h"
#include "cache/invalidation_message.h"

namespace usher::cache {

EverywhereInvalidations::~EverywhereInvalidations() {
  for (Run& run : runs_) context_.client.cancel(run);
}

void EverywhereInvalidations::start(std::string_view text, Done done) {
  Run& run = runs_.emplace_back(*this);
  run.self = std::prev(runs_.end());
  run.text = text;
  run.done = std::move(done);
  context_.tags.invalidate_anywhere(make_tag(hasher_, ScopeId{}, text).anywhere);
  context_.network.defer(run.start);
}

void EverywhereInvalidations::go_on(Run& run) {
  while (!run.is_over) {
    if (send(run)) return;
    pass(run, false);
  }
  end(run);
}

bool EverywhereInvalidations::send(Run& run) {
  RedisArguments& arguments = context_.arguments;
  switch (run.step) {
    case Step::Scan:
      arguments.begin("SSCAN").add_scopes().add(run.cursor).add("COUNT").add("32");
      return context_.send(run, 1);
    case Step::Scope:
      return context_.send_invalidation(run, run.scopes.back(), run.tag, run.by_text);
    case Step::Publish:
      write_message_anywhere(context_.open.sender(),
                             make_tag(hasher_, ScopeId{}, run.text).anywhere, context_.buffer);
      arguments.begin("PUBLISH").add_channel().add_large(context_.buffer);
      return context_.send(run, 1);
  }
  return false;
}

void EverywhereInvalidations::on_reply(Run& run, const RedisReply& reply) {
  const RedisReply::Type type = reply.type();
  if (run.step == Step::Scope && is_noscript(reply) && !run.by_text) {
    run.by_text = true;
    return go_on(run);
  }
  if (run.step == Step::Scan && type == RedisReply::Type::Array && reply.size() == 2) {
    take_page(run, reply);
  } else {
    pass(run, type == RedisReply::Type::Integer);
  }
  go_on(run);
}

void EverywhereInvalidations::on_failure(Run& run) {
  pass(run, false);
  go_on(run);
}

void EverywhereInvalidations::take_page(Run& run, const RedisReply& reply) {
  run.cursor = reply[0].text();
  const RedisReply members = reply[1];
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (const auto scope = parse_hex(members[i].text())) run.scopes.push_back({*scope});
  }
  next_scope(run);
}

void EverywhereInvalidations::next_scope(Run& run) {
  if (!run.scopes.empty()) {
    run.tag[0] = make_tag(hasher_, run.scopes.back(), run.text);
    run.step = Step::Scope;
  } else {
    run.step = run.cursor == "0" ? Step::Publish : Step::Scan;
  }
}

void EverywhereInvalidations::pass(Run& run, bool succeeded) {
  run.is_complete = run.is_complete && succeeded;
  switch (run.step) {
    case Step::Scan:
      run.step = Step::Publish;
      return;
    case Step::Scope:
      ++run.count;
      if (succeeded) {
        context_.counters.invalidations.add();
      } else {
        context_.counters.invalidations_failed.add();
        retries_.add(run.scopes.back(), run.tag);
      }
      run.scopes.pop_back();
      return next_scope(run);
    case Step::Publish:
      run.is_over = true;
      return;
  }
}

void EverywhereInvalidations::end(Run& run) {
  // What was read from Redis meanwhile may be of before.
  context_.tags.invalidate_anywhere(make_tag(hasher_, ScopeId{}, run.text).anywhere);
  const Done done = std::move(run.done);
  const bool is_complete = run.is_complete;
  const std::size_t count = run.count;
  runs_.erase(run.self);
  done(is_complete, count);
}

}  // namespace usher::cache
