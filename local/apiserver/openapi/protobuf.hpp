// Encodes an OpenAPI v2 document as protobuf in gnostic's openapi.v2 package, which kubectl
// requests. For the openapi files only. Pure; thread-safe.
#pragma once

#include <string>

#include <capstan/core/json/poco_tree.hpp>

namespace capstan::apiserver {

// REQUIRES: `document` was made by OpenApiV2Json; other keys are omitted.
std::string EncodeOpenApiV2(const json::ObjectPtr& document);

}  // namespace capstan::apiserver
