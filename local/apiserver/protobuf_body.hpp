// Converts bodies of built-in kinds between Kubernetes' protobuf and JSON, without a server: for
// tests and tools that talk to any API server. Pure functions; thread-safe.
#pragma once

#include <string>
#include <string_view>

#include <capstan/core/base/result.hpp>

namespace capstan::apiserver {

// Errors: kInvalidArgument (not a valid body, or an unknown kind).
Result<std::string> JsonOfProtobuf(std::string_view body);
Result<std::string> ProtobufOfJson(std::string_view object);

}  // namespace capstan::apiserver
