// Parses manifests. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/base/json.hpp>
#include <capstan/core/base/result.hpp>

namespace capstan::testing {

// The documents of a YAML stream (JSON is YAML); empty ones are omitted. Errors: kInvalidArgument
// with the line; kTooLarge above 16 MiB.
Result<std::vector<Json>> ParseYaml(std::string_view text);

}  // namespace capstan::testing
