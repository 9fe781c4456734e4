#include "body.h"

#include "js_json.h"
#include "text.h"

namespace owners {
namespace {

ParsedBody refuse(int status, std::string_view error, std::string_view code,
                  std::string_view message) {
  return {framework_error(status, error, code, message), std::nullopt, nullptr};
}

}  // namespace

Response framework_error(int status, std::string_view error, std::string_view code,
                         std::string_view message) {
  return json_response(
      status, {{"statusCode", status}, {"code", code}, {"error", error}, {"message", message}});
}

ParsedBody parse_body(const Request& request, std::size_t bytes_max) {
  if (request.method == "GET" || request.method == "HEAD") return {};
  if (request.body_length > bytes_max) {
    return refuse(413, "Payload Too Large", "FST_ERR_CTP_BODY_TOO_LARGE",
                  "Request body is too large");
  }
  const std::string type = lower(request.header("content-type").value_or(""));
  if (type.empty() && request.body.empty()) return {};
  if (trim(std::string_view(type).substr(0, type.find(';'))) != "application/json") {
    return refuse(415, "Unsupported Media Type", "FST_ERR_CTP_INVALID_MEDIA_TYPE",
                  "Unsupported Media Type: " + type);
  }
  if (request.body.empty()) {
    return refuse(400, "Bad Request", "FST_ERR_CTP_EMPTY_JSON_BODY",
                  "Body cannot be empty when content-type is set to 'application/json'");
  }
  ParsedBody parsed;
  parsed.canonical = js_canonical_json(request.body);
  if (parsed.canonical) parsed.value = Json::parse(*parsed.canonical, nullptr, false);
  if (!parsed.canonical || parsed.value.is_discarded()) {
    return refuse(400, "Bad Request", "FST_ERR_CTP_INVALID_JSON_BODY",
                  "Body is not valid JSON but content-type is set to 'application/json'");
  }
  return parsed;
}

}  // namespace owners
