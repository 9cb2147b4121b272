// Private to the sources of this repository: a merge patch on trees, for who has parsed both
// already.
#pragma once

#include <functional>
#include <string_view>

#include <capstan/core/json/poco_tree.hpp>

namespace capstan::json {

// RFC 7386. Changes `target` where it is an object, and takes over parts of `patch`.
Tree MergePatchOf(const Tree& target, const Tree& patch);

// RFC 6902, as JsonPatch (patch.hpp). Changes `target`, also where it fails. `gone` (may be empty)
// is asked now and then whether anybody waits. Errors: those of JsonPatch, kCancelled.
Result<Tree> JsonPatchOf(const Tree& target, std::string_view patch, const std::function<bool()>& gone);

}  // namespace capstan::json
