#include "http/head_scanner.h"

#include "http/grammar.h"

namespace usher::http {

namespace {

enum class LineEnd { Cut, Line, Head };

// What stands at `cr`, a carriage return that may be the last byte to have arrived. `at_start`: of
// the whole head.
Result<LineEnd> read_line_end(const char* cr, const char* end, bool at_start) {
  if (end - cr < 2) return LineEnd::Cut;
  if (cr[1] != '\n') return fail(ErrorCode::BadRequest, "CR without LF");
  if (end - cr < 3) return LineEnd::Cut;
  if (cr[2] == ' ' || cr[2] == '\t') return fail(ErrorCode::BadRequest, "folded line");
  if (cr[2] != '\r') return LineEnd::Line;
  if (at_start) return fail(ErrorCode::BadRequest, "empty lines before the head");
  if (end - cr < 4) return LineEnd::Cut;
  if (cr[3] != '\n') return fail(ErrorCode::BadRequest, "CR without LF");
  return LineEnd::Head;
}

}  // namespace

Result<std::size_t> find_head_end(std::string_view bytes, std::size_t& scanned) {
  const char* const begin = bytes.data();
  const char* const end = begin + bytes.size();
  const char* at = begin + scanned;
  if (at == begin && at != end && (*at == ' ' || *at == '\t')) {
    return fail(ErrorCode::BadRequest, "line begins with a space");
  }
  while (true) {
    at = find_control(at, end);
    scanned = static_cast<std::size_t>(at - begin);
    if (at == end) return std::size_t{0};
    if (*at == '\n') return fail(ErrorCode::BadRequest, "LF without CR");
    if (*at != '\r') return fail(ErrorCode::BadRequest, "control character");

    const Result<LineEnd> line_end = read_line_end(at, end, at == begin);
    if (!line_end) return tl::unexpected(line_end.error());
    switch (*line_end) {
      case LineEnd::Cut:
        return std::size_t{0};
      case LineEnd::Line:
        at += 2;
        break;
      case LineEnd::Head:
        scanned += 4;
        return scanned;
    }
  }
}

}  // namespace usher::http
