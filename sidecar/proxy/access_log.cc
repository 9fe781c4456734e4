#include "proxy/access_log.h"

namespace usher::proxy {

void log_access(const AccessRecord& record) {
  LogLine line(record.error.empty() ? LogLevel::Info : LogLevel::Warn, "call");
  line.field("requestingService", record.consumer);
  if (record.endpoint != nullptr) {
    line.field("service", record.endpoint->service).field("endpoint", record.endpoint->name);
  }
  line.field("method", record.method).field("statusCode", record.status);
  if (!record.error.empty()) line.field("code", record.error);
  line.field("attempts", record.attempts)
      .field("responseTimeUs", record.duration / std::chrono::microseconds(1));
  if (!record.tenant.empty()) line.field("tenantId", record.tenant);
  line.field("traceId", record.trace_id);
}

}  // namespace usher::proxy
