#include <benchmark/benchmark.h>

#include <array>
#include <string>
#include <string_view>

#include "http/head_scanner.h"
#include "http/head_writer.h"
#include "http/hop_by_hop.h"
#include "http/parser.h"

namespace usher::http {
namespace {

// What axios sends through Node, with the platform's context fields.
constexpr std::string_view kRequest =
    "GET /internal/tickets/7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a01/status HTTP/1.1\r\n"
    "Host: 127.0.0.1:7401\r\n"
    "Accept: application/json, text/plain, */*\r\n"
    "User-Agent: axios/1.6.0\r\n"
    "Accept-Encoding: gzip, compress, deflate, br\r\n"
    "Connection: keep-alive\r\n"
    "X-Tenant-ID: c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f\r\n"
    "X-User-ID: a1f0c3d2-1111-4a11-8a11-0000000000a1\r\n"
    "X-Trace-ID: 4bf92f3577b34da6a3ce929d0e0e4736\r\n"
    "X-Span-ID: 00f067aa0ba902b7\r\n\r\n";

constexpr std::string_view kResponse =
    "HTTP/1.1 200 OK\r\n"
    "content-type: application/json; charset=utf-8\r\n"
    "content-length: 350\r\n"
    "Date: Mon, 12 Jan 2026 10:00:00 GMT\r\n"
    "Connection: keep-alive\r\n"
    "Keep-Alive: timeout=72\r\n\r\n";

void find_head_end_of_request(benchmark::State& state) {
  while (state.KeepRunning()) {
    std::size_t scanned = 0;
    benchmark::DoNotOptimize(find_head_end(kRequest, scanned));
  }
}
BENCHMARK(find_head_end_of_request);

void parse_request(benchmark::State& state) {
  RequestHead head;
  while (state.KeepRunning())
    benchmark::DoNotOptimize(parse_request_head(kRequest, HeadLimits{}, head));
}
BENCHMARK(parse_request);

void parse_response(benchmark::State& state) {
  ResponseHead head;
  while (state.KeepRunning())
    benchmark::DoNotOptimize(parse_response_head(kResponse, Method::Get, HeadLimits{}, head));
}
BENCHMARK(parse_response);

void write_request(benchmark::State& state) {
  RequestHead head;
  if (!parse_request_head(kRequest, HeadLimits{}, head)) return;
  ConnectionOptions options;
  if (!options.read(head.fields)) return;
  std::array<char, 4096> buffer{};
  while (state.KeepRunning()) {
    HeadWriter writer(buffer);
    writer.request_line(head.method_name, head.target);
    for (const Field& field : head.fields) {
      if (passes_to_owner(field, options)) writer.trusted_field(field.name, field.value);
    }
    writer.end();
    benchmark::DoNotOptimize(writer.view());
  }
}
BENCHMARK(write_request);

}  // namespace
}  // namespace usher::http
