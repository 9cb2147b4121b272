// A plugin's manifest, from the JSON that describe() answered with. Pure; thread-safe.
#pragma once

#include <string_view>

#include <capstan/core/base/result.hpp>
#include <capstan/core/external/external.hpp>

namespace capstan::loader {

// Unknown fields are ignored, so that a newer plugin's manifest still reads. Errors:
// kInvalidArgument naming the field, what is wrong with it and what should stand there.
Result<external::Manifest> ParseManifest(std::string_view text);

}  // namespace capstan::loader
