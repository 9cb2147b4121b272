// Private to the sources of this repository: patches on trees, for callers that have already parsed
// both sides.
#pragma once

#include <functional>
#include <string_view>

#include <capstan/core/json/poco_tree.hpp>

namespace capstan::json {

// RFC 7386. Modifies `target` if it is an object, and may share parts of `patch`.
Tree MergePatchOf(const Tree& target, const Tree& patch);

// RFC 6902, like JsonPatch (patch.hpp). Modifies `target`, also on failure. `gone` (may be empty)
// is polled to learn whether the caller has given up. Errors: those of JsonPatch, kCancelled.
Result<Tree> JsonPatchOf(const Tree& target, std::string_view patch, const std::function<bool()>& gone);

}  // namespace capstan::json
