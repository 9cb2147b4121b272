// An OpenAPI v2 document in the protobuf form of gnostic's openapi.v2 package, which kubectl asks
// for. For the openapi files only. Pure; thread-safe.
#pragma once

#include <string>

#include <capstan/core/json/poco_tree.hpp>

namespace capstan::apiserver {

// REQUIRES: `document` is what OpenApiV2Json makes; keys it does not make are left out.
std::string EncodeOpenApiV2(const json::ObjectPtr& document);

}  // namespace capstan::apiserver
