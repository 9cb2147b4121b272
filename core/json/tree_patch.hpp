// Private to the sources of this repository: a merge patch on trees, for who has parsed both already.
#pragma once

#include <capstan/core/json/poco_tree.hpp>

namespace capstan::json {

// RFC 7386. Changes `target` where it is an object, and takes over parts of `patch`.
Tree MergePatchOf(const Tree& target, const Tree& patch);

}  // namespace capstan::json
