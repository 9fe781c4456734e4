#include "cache/json_values.h"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <span>

namespace usher::cache {
namespace {

namespace ondemand = simdjson::ondemand;

using Tokens = std::span<const std::string>;
using Sink = std::function<void(std::string_view)>;

// Memory beyond this is given back after the document that took it: a parser has seven times as
// much as its document.
constexpr std::size_t kKeptBytes = 64 * 1024;
constexpr std::size_t kLeastBytes = 4096;

std::size_t digits(std::string_view text) {
  const std::size_t end = text.find_first_not_of("0123456789");
  return std::min(end, text.size());
}

// A number of RFC 8259 §6. The library's own reading refuses those that its types cannot hold.
bool is_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::size_t whole = digits(text);
  if (whole == 0 || (whole > 1 && text.front() == '0')) return false;
  text.remove_prefix(whole);
  if (text.starts_with('.')) {
    const std::size_t fraction = digits(text.substr(1));
    if (fraction == 0) return false;
    text.remove_prefix(1 + fraction);
  }
  if (text.empty()) return true;
  if (text.front() != 'e' && text.front() != 'E') return false;
  text.remove_prefix(1);
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && digits(text) == text.size();
}

// Follows a pointer through a document that is read once, from front to back.
class Walk {
 public:
  explicit Walk(const Sink& sink) : sink_(sink) {}

  // Each returns false when it cannot be read or there are too many values.
  bool follow(ondemand::value value, Tokens tokens) {
    ondemand::json_type type{};
    if (value.type().get(type) != simdjson::SUCCESS) return false;
    if (tokens.empty()) return leaf(value, type);
    if (type == ondemand::json_type::array) return array(value, tokens);
    if (type == ondemand::json_type::object) return object(value, tokens);
    return true;
  }

 private:
  bool array(ondemand::value value, Tokens tokens) {
    ondemand::array elements;
    if (value.get_array().get(elements) != simdjson::SUCCESS) return false;
    const std::string& token = tokens.front();
    std::size_t index = 0;
    for (auto next : elements) {
      ondemand::value element;
      if (next.get(element) != simdjson::SUCCESS) return false;
      const bool is_meant = token == "*" || token == std::to_string(index++);
      if (is_meant && !follow(element, tokens.subspan(1))) return false;
    }
    return true;
  }

  bool object(ondemand::value value, Tokens tokens) {
    ondemand::object members;
    if (value.get_object().get(members) != simdjson::SUCCESS) return false;
    for (auto next : members) {
      ondemand::field member;
      std::string_view name;
      if (std::move(next).get(member) != simdjson::SUCCESS ||
          member.unescaped_key().get(name) != simdjson::SUCCESS) {
        return false;
      }
      if (name == tokens.front() && !follow(member.value(), tokens.subspan(1))) return false;
    }
    return true;
  }

  bool leaf(ondemand::value value, ondemand::json_type type) {
    switch (type) {
      case ondemand::json_type::string: {
        std::string_view text;
        return value.get_string().get(text) == simdjson::SUCCESS && found(text);
      }
      case ondemand::json_type::number: {
        const std::string_view token = value.raw_json_token();
        const std::string_view text = token.substr(0, token.find_last_not_of(" \t\r\n") + 1);
        return is_number(text) && found(text);
      }
      case ondemand::json_type::boolean: {
        bool truth = false;
        return value.get_bool().get(truth) == simdjson::SUCCESS && found(truth ? "true" : "false");
      }
      case ondemand::json_type::null:
      case ondemand::json_type::array:
      case ondemand::json_type::object:
        return true;
    }
    return false;
  }

  bool found(std::string_view text) {
    if (++count_ > JsonValues::kMaxValues) return false;
    sink_(text);
    return true;
  }

  const Sink& sink_;
  std::size_t count_ = 0;
};

}  // namespace

struct JsonValues::Parser {
  ondemand::parser parser;
  std::string text;

  // The document as the one element of an array: so its root is a value like any other. The library
  // reads some bytes beyond the end.
  bool begin(std::string_view json, ondemand::document& document) {
    text.reserve(json.size() + 2 + simdjson::SIMDJSON_PADDING);
    text.assign("[").append(json).append("]");
    if (parser.capacity() < text.size() &&
        parser.allocate(std::bit_ceil(std::max(text.size(), kLeastBytes))) != simdjson::SUCCESS) {
      return false;
    }
    return parser.iterate(text.data(), text.size(), text.capacity()).get(document) ==
           simdjson::SUCCESS;
  }

  bool walk(std::string_view json, Tokens tokens, const Sink& sink) {
    ondemand::document document;
    ondemand::array root;
    if (!begin(json, document) || document.get_array().get(root) != simdjson::SUCCESS) return false;
    Walk walk(sink);
    std::size_t count = 0;
    for (auto next : root) {
      ondemand::value value;
      if (next.get(value) != simdjson::SUCCESS || ++count > 1) return false;
      if (!walk.follow(value, tokens)) return false;
    }
    const char* rest = nullptr;
    return count == 1 && document.current_location().get(rest) != simdjson::SUCCESS;
  }
};

JsonValues::JsonValues() = default;
JsonValues::~JsonValues() = default;

bool JsonValues::each(std::string_view json, const std::vector<std::string>& pointer,
                      const std::function<void(std::string_view)>& sink) {
  if (json.size() > kMaxBytes || pointer.size() > kMaxDepth) return false;
  if (!parser_) parser_ = std::make_unique<Parser>();
  const bool is_read = parser_->walk(json, pointer, sink);
  if (json.size() > kKeptBytes) parser_.reset();
  return is_read;
}

}  // namespace usher::cache
