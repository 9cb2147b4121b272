// Values as Go's fmt prints them, which is how some of kube-apiserver's messages show them. Pure
// functions, thread-safe.
#pragma once

#include <string>
#include <string_view>

#include <capstan/core/json/poco_tree.hpp>

namespace capstan::apiserver {

// %v: map[a:1 b:[x y]], <nil>.
std::string GoText(const json::Tree& value);
// %#v: map[string]interface {}{"a":1}, []interface {}{"x"}; scalars as in JSON.
std::string GoSyntax(const json::Tree& value);
// %T: string, int64, float64, bool, []interface {}, map[string]interface {}, <nil>.
std::string_view GoTypeName(const json::Tree& value);

}  // namespace capstan::apiserver
