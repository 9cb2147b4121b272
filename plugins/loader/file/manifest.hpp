// Parses a plugin's manifest, the JSON that describe() returned. Pure; thread-safe.
#pragma once

#include <string_view>

#include <capstan/core/base/result.hpp>
#include <capstan/core/external/external.hpp>

namespace capstan::loader {

// Unknown fields are ignored, so that a newer plugin's manifest can be read. Errors:
// kInvalidArgument naming the field, the problem and the expected value.
Result<external::Manifest> ParseManifest(std::string_view text);

}  // namespace capstan::loader
