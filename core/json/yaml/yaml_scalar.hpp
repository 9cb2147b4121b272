// Private to this folder: resolves YAML scalars. Pure functions; thread-safe.
#pragma once

#include <string>
#include <string_view>

#include <capstan/core/base/result.hpp>
#include <capstan/core/json/poco_tree.hpp>

namespace capstan::json {

// The null, boolean, integer, double or string that a plain scalar denotes. `tag` is its explicit
// tag in full ("tag:yaml.org,2002:int"), or empty. Errors: kInvalidArgument, without a position.
Result<Tree> ResolveScalar(std::string_view tag, const std::string& text);

// Whether a plain scalar with this text is read as a string, both by our reader and by readers that
// implement more of YAML 1.1 (for which 12:30 is a number).
bool IsPlainString(const std::string& text);

}  // namespace capstan::json
