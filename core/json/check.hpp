// CheckObject checks whether a text is a JSON object, without building a tree.
#pragma once

#include <string_view>

#include <capstan/core/base/result.hpp>

namespace capstan::json {

// Accepts what ParseObject (poco_tree.hpp) accepts, at a tenth of the cost. Errors: the same,
// kInvalidArgument with the reason; kTooLarge above `depth` levels (at most 1024). Thread-safe.
Status CheckObject(std::string_view text, int depth = 256);

}  // namespace capstan::json
