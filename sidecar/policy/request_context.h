// RequestContext: for whom a call is made and as part of which trace.
//
// Read from the consumer's fields once per call, checked, and written to the owner on each attempt.
// Names and rules: config/REFERENCE.md, "Headers".
//
// Thread: worker. Views point into the request head, or into `storage` for what was made here.
// Errors: MissingTenantId, InvalidTenantId, InvalidUserId, BadRequest (a context field given
// twice). Source: W3C Trace Context (Recommendation, 2021) §3.2 for traceparent.
#pragma once

#include <array>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "http/head_writer.h"
#include "http/message.h"
#include "policy/endpoint_policy.h"

namespace usher::policy {

class RequestContext {
 public:
  // Begins a call: reads the trace alone; never fails (an unusable id is replaced). For calls that
  // are answered before an endpoint is known; read() calls it.
  void read_trace(const http::Fields& fields, Random& random);

  // Checks tenant and user by `policy`. The trace is readable even after an error. REQUIRES:
  // read_trace().
  Status read_identity(const http::Fields& fields, const EndpointPolicy& policy);

  std::string_view tenant() const { return tenant_; }
  std::string_view user() const { return user_; }
  std::string_view trace_id() const { return trace_id_; }
  std::string_view span_id() const { return span_id_; }

  // Writes the fields for one attempt: X-Tenant-ID, X-User-ID, X-Trace-ID, X-Span-ID, traceparent
  // (with a span id of this attempt's own) and X-Calling-Service.
  void write(http::HeadWriter& writer, std::string_view consumer, Random& random) const;

 private:
  std::string_view tenant_;
  std::string_view user_;
  std::string_view trace_id_;
  std::string_view span_id_;
  std::string_view trace_parent_id_;  // 32 hexadecimal digits for traceparent
  std::string_view trace_flags_ = "01";
  std::array<char, 32> made_trace_id_;
  std::array<char, 16> made_span_id_;
};

}  // namespace usher::policy
