// exported_operation(): an endpoint as an Operation Object, with what its owner's contract says of
// it.
//
// Thread: any.
#pragma once

#include <string>

#include "config/snapshot.h"
#include "openapi/contract.h"
#include "openapi/exported_answers.h"
#include "openapi/exported_components.h"

namespace usher::openapi {

// Adds the parameters that many operations share.
void add_shared_parameters(ExportedComponents& components);

struct ExportedEndpoint {
  const route::Endpoint* endpoint = nullptr;
  const Contract* contract = nullptr;  // its service's; null without one
  std::string operation_id;
  // The path that it is exported below, and the endpoint's own names where those are others.
  route::PathTemplate path;
};

config::Value exported_operation(const ExportedEndpoint& exported, const config::Snapshot& snapshot,
                                 ExportedComponents& components, ExportedAnswers& answers);

}  // namespace usher::openapi
