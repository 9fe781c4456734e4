// hiredis' reader makes a reply's objects by functions of ours, which take their memory from an
// arena and look at what hiredis does not: how many elements there are, and that a string ends with
// its line. A function that returns null breaks the reader.

#include "cache/redis_codec.h"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <vector>

#include "base/check.h"

namespace usher::cache {
namespace {

// What a reader that waits keeps for the next replies: of objects, and of hiredis' buffer.
constexpr std::size_t kKeptBytes = 64 * 1024;

// Memory that is given back all at once. What the last reply needed is kept for the next one, up to
// kKeptBytes.
class Arena {
 public:
  void* take(std::size_t bytes) {
    bytes = (bytes + kAlignment - 1) / kAlignment * kAlignment;
    taken_ += bytes;
    if (blocks_.empty() || size_ - used_ < bytes) add_block(bytes);
    void* const memory = blocks_.back().get() + used_;
    used_ += bytes;
    return memory;
  }

  void clear() {
    if (blocks_.size() > 1 || size_ > kKeptBytes) {
      blocks_.clear();
      if (taken_ <= kKeptBytes) add_block(taken_);
    }
    used_ = taken_ = 0;
  }

  std::size_t taken() const { return taken_; }

 private:
  static constexpr std::size_t kAlignment = alignof(std::max_align_t);
  static constexpr std::size_t kSmallest = 1024;

  void add_block(std::size_t bytes) {
    size_ = std::max(bytes, kSmallest);
    used_ = 0;
    blocks_.push_back(std::unique_ptr<char[]>(new char[size_]));
  }

  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t size_ = 0;  // of the last block
  std::size_t used_ = 0;  // of it
  std::size_t taken_ = 0;
};

}  // namespace

struct ReplyReader::State {
  explicit State(const ReplyLimits& reply_limits) : limits(reply_limits) { open(); }
  ~State() { redisReaderFree(reader); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void open() {
    reader = redisReaderCreateWithFunctions(&functions);
    USHER_CHECK(reader != nullptr);
    reader->privdata = this;
    reader->maxbuf = kKeptBytes;
  }

  static redisReply* make(const redisReadTask* task);
  static void* make_string(const redisReadTask* task, char* text, std::size_t size);
  static void* make_array(const redisReadTask* task, int size);
  static void* make_integer(const redisReadTask* task, long long value);
  static void* make_nil(const redisReadTask* task);
  static void free_object(void*) {}

  static redisReplyObjectFunctions functions;

  ReplyLimits limits;
  redisReader* reader = nullptr;
  Arena arena;
  std::size_t elements = 0;  // of the reply that is being read
  std::size_t fed = 0;       // bytes since the last whole reply
  bool broken = false;
  const redisReply* reply = nullptr;
};

redisReplyObjectFunctions ReplyReader::State::functions = {make_string, make_array, make_integer,
                                                           make_nil, free_object};

redisReply* ReplyReader::State::make(const redisReadTask* task) {
  auto* self = static_cast<State*>(task->privdata);
  auto* made = new (self->arena.take(sizeof(redisReply))) redisReply{};
  made->type = task->type;
  if (task->parent != nullptr) {
    static_cast<redisReply*>(task->parent->obj)->element[task->idx] = made;
  }
  return made;
}

void* ReplyReader::State::make_string(const redisReadTask* task, char* text, std::size_t size) {
  if (text[size] != '\r' || text[size + 1] != '\n') return nullptr;
  redisReply* made = make(task);
  made->str = static_cast<char*>(static_cast<State*>(task->privdata)->arena.take(size + 1));
  std::memcpy(made->str, text, size);
  made->len = size;
  return made;
}

void* ReplyReader::State::make_array(const redisReadTask* task, int size) {
  auto* self = static_cast<State*>(task->privdata);
  const std::size_t room = self->limits.elements - self->elements;
  if (size < 0 || static_cast<std::size_t>(size) > room) return nullptr;
  redisReply* made = make(task);
  made->elements = static_cast<std::size_t>(size);
  self->elements += made->elements;
  const std::size_t bytes = made->elements * sizeof(redisReply*);
  made->element = static_cast<redisReply**>(self->arena.take(bytes + 1));
  std::memset(made->element, 0, bytes);
  return made;
}

void* ReplyReader::State::make_integer(const redisReadTask* task, long long value) {
  redisReply* made = make(task);
  made->integer = value;
  return made;
}

// The task's type is that of what is not there.
void* ReplyReader::State::make_nil(const redisReadTask* task) {
  redisReply* made = make(task);
  made->type = REDIS_REPLY_NIL;
  return made;
}

ReplyReader::ReplyReader(const ReplyLimits& limits) : state_(std::make_unique<State>(limits)) {}
ReplyReader::~ReplyReader() = default;

void ReplyReader::feed(std::string_view bytes) {
  if (state_->broken) return;
  state_->fed += bytes.size();
  state_->broken = redisReaderFeed(state_->reader, bytes.data(), bytes.size()) != REDIS_OK;
}

ReplyReader::Status ReplyReader::next() {
  State& state = *state_;
  if (state.broken) return Status::Broken;
  if (state.reply != nullptr) {
    state.reply = nullptr;
    state.arena.clear();
    state.elements = 0;
  }
  void* reply = nullptr;
  state.broken = redisReaderGetReply(state.reader, &reply) != REDIS_OK;
  if (state.broken) return Status::Broken;
  if (reply != nullptr) {
    state.reply = static_cast<const redisReply*>(reply);
    state.fed = state.reader->len - state.reader->pos;
    return Status::Reply;
  }
  state.broken = state.fed > state.limits.bytes;
  return state.broken ? Status::Broken : Status::Incomplete;
}

RedisReply ReplyReader::reply() const {
  USHER_CHECK(state_->reply != nullptr);
  return RedisReply(state_->reply);
}

void ReplyReader::reset() {
  redisReaderFree(state_->reader);
  state_->open();
  state_->arena.clear();
  state_->elements = state_->fed = 0;
  state_->broken = false;
  state_->reply = nullptr;
}

std::size_t ReplyReader::held_bytes() const {
  return state_->arena.taken() + state_->reader->len;
}

namespace {

void append_header(std::string& buffer, char type, std::size_t number) {
  std::array<char, 24> text;  // NOLINT: written as far as it is used
  text[0] = type;
  char* end = std::to_chars(text.data() + 1, text.data() + text.size(), number).ptr;
  *end++ = '\r';
  *end++ = '\n';
  buffer.append(text.data(), end);
}

}  // namespace

void append_command(std::string& buffer, std::span<const std::string_view> args) {
  append_header(buffer, '*', args.size());
  for (const std::string_view arg : args) {
    append_header(buffer, '$', arg.size());
    buffer.append(arg);
    buffer.append("\r\n");
  }
}

}  // namespace usher::cache
