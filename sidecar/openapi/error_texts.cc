#include "openapi/error_texts.h"

namespace usher::openapi {

ErrorText text_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::BadRequest:
      return {"the call is not acceptable HTTP; the connection closes", "the call is not HTTP/1.1"};
    case ErrorCode::MissingTenantId:
      return {"the call has no X-Tenant-ID", "X-Tenant-ID is required"};
    case ErrorCode::InvalidTenantId:
      return {"X-Tenant-ID does not have its format, or is given twice",
              "X-Tenant-ID is not a UUID"};
    case ErrorCode::InvalidUserId:
      return {"X-User-ID does not have its format, or is given twice", "X-User-ID is not a UUID"};
    case ErrorCode::ConsumerNotAllowed:
      return {"the calling service is not on the endpoint's allowlist",
              "this consumer may not call this endpoint"};
    case ErrorCode::NoEndpoint:
      return {"no endpoint has this path", "no endpoint has this path"};
    case ErrorCode::MethodNotAllowed:
      return {"an endpoint has this path, but not this method",
              "no endpoint has this path with this method"};
    case ErrorCode::RequestTimeout:
      return {"the consumer stalled while it sent the call", "the body did not arrive in time"};
    case ErrorCode::BodyTooLarge:
      return {"the body is too large to be held, and its signature or its tags need all of it",
              "the body is larger than limits.signed_body"};
    case ErrorCode::HeadersTooLarge:
      return {"the request line or the headers exceed a limit", "head too large"};
    case ErrorCode::UpstreamConnectFailed:
      return {"there is no connection to the owner; nothing was sent",
              "the owner does not take connections"};
    case ErrorCode::UpstreamReset:
      return {"the owner closed the connection before its answer was complete",
              "the owner closed the connection"};
    case ErrorCode::UpstreamProtocol:
      return {"the owner's answer is not acceptable HTTP", "the owner's answer is not HTTP/1.1"};
    case ErrorCode::CircuitOpen:
      return {"the owner keeps failing and is left alone for a time; nothing was sent",
              "the owner is not answering"};
    case ErrorCode::NoHealthyAddress:
      return {"none of the owner's addresses can be used", "the owner has no usable address"};
    case ErrorCode::Overloaded:
      return {"one of Usher's own limits is reached",
              "too many calls are on their way to the owner"};
    case ErrorCode::Draining:
      return {"the sidecar is going down", "the sidecar is going down"};
    case ErrorCode::UpstreamTimeout:
      return {"the owner did not answer in time", "the owner did not answer in time"};
    case ErrorCode::DeadlineExceeded:
      return {"the time of the whole call is over", "the time of the call is over"};
    case ErrorCode::SigningFailed:
      return {"the call could not be signed", "the call could not be signed"};
    case ErrorCode::NotCached:
      return {"the call says Cache-Control: only-if-cached, and no answer is kept",
              "no answer is kept"};
    case ErrorCode::DestinationNotAllowed:
      return {"the sidecar may not go there", "outbound.connect does not name it"};
    case ErrorCode::LoopDetected:
      return {"the call would come back to the sidecar itself",
              "the call would come back to this sidecar"};
  }
  return {};
}

}  // namespace usher::openapi
