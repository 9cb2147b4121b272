// Where a kind keeps what its scale subresource shows. Pure; thread-safe.
#pragma once

#include <string>
#include <vector>

#include <capstan/core/json/poco_tree.hpp>
#include <capstan/local/apiserver/api/field_error.hpp>
#include <capstan/local/apiserver/catalog/resource.hpp>

namespace capstan::apiserver {

// The object that holds the last step of ".spec.replicas", made on the way when `make`.
json::ObjectPtr ScaleParent(json::ObjectPtr object, const std::string& path, std::string& last, bool make);

// What is wrong with the numbers there: they are integers between 0 and 2147483647, or absent.
std::vector<FieldError> ValidateScale(const json::ObjectPtr& object, const ScalePaths& paths);

}  // namespace capstan::apiserver
