// Private to this folder: what a YAML scalar means. Pure functions; thread-safe.
#pragma once

#include <string>
#include <string_view>

#include <capstan/core/base/result.hpp>
#include <capstan/core/json/poco_tree.hpp>

namespace capstan::json {

// Null, boolean, integer, double or string. `tag` is what stands before it, in full
// ("tag:yaml.org,2002:int"), or empty. Errors: kInvalidArgument, without a place.
Result<Tree> ResolveScalar(std::string_view tag, const std::string& text);

// Whether a plain scalar of this text would be read as a string, by us and by readers that know
// more of YAML 1.1 (12:30 is a number to them).
bool IsPlainString(const std::string& text);

}  // namespace capstan::json
