#include "hmac/attempt.h"

#include <algorithm>
#include <charconv>

#include "common/abi.h"
#include "common/encoding.h"

namespace usher::plugins {
namespace {

bool stands_for(EmptyWhen when, JsKind kind) {
  switch (when) {
    case EmptyWhen::Absent:
      return false;
    case EmptyWhen::Null:
      return kind == JsKind::Null;
    case EmptyWhen::Falsy:
      return kind != JsKind::Truthy;
  }
  return false;
}

}  // namespace

Attempt::Attempt(const Settings& settings, const usher_sign_input& input, JsJson& json,
                 Hmac& hmac) {
  set_timestamp(settings, input.timestamp_ms);
  if (settings.payload.uses(Field::Nonce)) set_nonce(settings.nonce_format, input.random);
  slot(Field::Method) = view(input.method);
  set_target(view(input.target));
  slot(Field::Tenant) = view(input.tenant);
  if (settings.payload.needs_body()) set_body(settings, view(input.body), json);
  if (settings.payload.uses(Field::BodyHash)) set_body_hash(settings, hmac);
}

void Attempt::set_timestamp(const Settings& settings, int64_t timestamp_ms) {
  const bool seconds = settings.timestamp_unit == TimestampUnit::Seconds;
  const auto end = std::to_chars(timestamp_.data(), timestamp_.data() + timestamp_.size(),
                                 seconds ? timestamp_ms / 1000 : timestamp_ms);
  slot(Field::Timestamp) = {timestamp_.data(), static_cast<size_t>(end.ptr - timestamp_.data())};
}

void Attempt::set_nonce(NonceFormat format, const uint8_t (&random)[16]) {
  char* out = nonce_.data();
  if (format == NonceFormat::Hex) {
    out = write_hex(random, out);
  } else {
    // A UUID of version 4 (RFC 9562 section 5.4): 122 random bits.
    std::array<uint8_t, 16> uuid;
    std::copy(std::begin(random), std::end(random), uuid.begin());
    uuid[6] = static_cast<uint8_t>(0x40 | (uuid[6] & 0x0f));
    uuid[8] = static_cast<uint8_t>(0x80 | (uuid[8] & 0x3f));
    size_t begin = 0;
    for (const size_t size : {4U, 2U, 2U, 2U, 6U}) {
      if (begin > 0) *out++ = '-';
      out = write_hex(std::span(uuid).subspan(begin, size), out);
      begin += size;
    }
  }
  slot(Field::Nonce) = {nonce_.data(), static_cast<size_t>(out - nonce_.data())};
}

void Attempt::set_target(std::string_view target) {
  const size_t mark = std::min(target.find('?'), target.size());
  slot(Field::Target) = target;
  slot(Field::Path) = target.substr(0, mark);
  slot(Field::Query) = target.substr(std::min(mark + 1, target.size()));
}

void Attempt::set_body(const Settings& settings, std::string_view bytes, JsJson& json) {
  std::string_view& body = slot(Field::Body);
  body = bytes;
  has_body_ = !bytes.empty();
  if (has_body_ && settings.body != BodyForm::Raw) {
    const JsKeyOrder order =
        settings.body == BodyForm::Sorted ? JsKeyOrder::Sorted : JsKeyOrder::Insertion;
    // An owner that reads JSON refuses anything else as 400, whatever was signed, and one that
    // takes other bodies can only sign their bytes: so what is not JSON stays as it is.
    if (const std::optional<JsKind> kind = json.rewrite(bytes, order)) {
      body = json.result();
      has_body_ = !stands_for(settings.empty_when, *kind);
    }
  }
  if (!has_body_) body = settings.empty_body;
}

void Attempt::set_body_hash(const Settings& settings, Hmac& hmac) {
  if (!has_body_ && settings.empty_body_hash == EmptyBodyHash::EmptyText) return;
  Sha256Digest digest;
  ok_ = hmac.sha256(text(Field::Body), digest);
  if (!ok_) return;
  write_hex(digest, body_hash_.data());
  slot(Field::BodyHash) = {body_hash_.data(), body_hash_.size()};
}

}  // namespace usher::plugins
