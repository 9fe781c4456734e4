// A kept answer on its way to a consumer: whole, as a part, or as the word that it is what the
// consumer has already; and its head, with what is said anew of it.
//
// Thread: worker. Allocates nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"
#include "cache/entry.h"
#include "http/byte_range.h"
#include "proxy/response_writer.h"

namespace usher::proxy {

// The one part of the answer that a call asks for, where nothing else of it is for its owner alone;
// nothing where several are asked for, and for other methods than GET (RFC 9110 §14.2).
std::optional<http::ByteRange> asked_part(const http::RequestHead& head);

struct KeptAnswer {
  enum class Form : std::uint8_t {
    Whole,
    NotModified,  // 304
    Part,         // 206
    NoPart,       // 416: there is no such part
  };

  const cache::Entry& entry;
  Form form = Form::Whole;
  http::ByteSlice slice{};  // of a Part

  int status() const;
  std::string_view body() const;
};

// How it is given to a call with these fields: conditions go before the part that is asked for (RFC
// 9110 §13.2.2). `range`: nothing: the whole is asked for.
KeptAnswer choose_form(const cache::Entry& entry, const http::Fields& request,
                       const std::optional<http::ByteRange>& range);

// Errors: UpstreamProtocol when it does not fit.
Result<std::string_view> write_kept_head(const KeptAnswer& answer, const AnswerFacts& facts,
                                         std::int64_t wall_ms, std::span<char> buffer);

}  // namespace usher::proxy
