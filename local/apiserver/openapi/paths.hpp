// The paths of the OpenAPI documents and their operations. For the openapi files only. Pure;
// thread-safe.
#pragma once

#include <vector>

#include <capstan/local/apiserver/openapi/schemas.hpp>

namespace capstan::apiserver {

// Path to path item, in the order of the resources.
json::ObjectPtr MakePaths(const std::vector<ServedResource>& resources, const BuiltinSchemas& builtins,
                          OpenApiStyle style);

}  // namespace capstan::apiserver
